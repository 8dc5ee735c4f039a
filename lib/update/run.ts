import type { ApiFamily } from '../api/family';
import { guardFields, type TransitionGuard } from '../lifecycle/guard';
import type { Answer } from '../outcome/answer';
import type { Attempt, Doubt, FieldConflict, UpdateResult } from '../outcome/outcome';
import type { FieldType } from '../record/compare';
import type { Fields } from '../record/fields';
import { differing, reconcile, type Reconciled, type Target } from '../record/reconcile';
import type { Snapshot } from '../record/snapshot';
import { AttemptLog } from './attempt-log';
import type { UpdateContext } from './context';
import { diffOf } from './diff';
import type { Ending } from './ending';
import { OpenWrite } from './open-write';
import { Patience } from './patience';
import { changesHash, fieldTypeOf, type UpdateRequest } from './request';

export interface UpdateOutput {
  readonly result: UpdateResult;
  /** The latest snapshot; undefined when none is proven. */
  readonly record: Snapshot | undefined;
}

/** The state of one update under way. Only the loop's steps change it. */
export class Run {
  readonly patience: Patience;
  readonly log: AttemptLog;
  readonly open: OpenWrite;
  readonly typeOf: (field: string) => FieldType | undefined;
  /** What the new status depends on, as this family's records show it. */
  readonly guard: TransitionGuard | undefined;

  /** The values the decision was made on; the conflict rule moves it for the fields it decided. */
  base: Snapshot | undefined;
  current: Snapshot | undefined;
  /** The answer `current` was read from, when it was read in this run. */
  readAnswer: Answer | undefined;
  /** What is still to be written: the conflict rule may have taken fields out. */
  toSend: Fields;
  readonly kept = new Set<string>();
  reads = 0;
  /** Tries to write, also those that never left. */
  writes = 0;
  private readonly startedAt: number;
  private firstBase: Snapshot | undefined;

  constructor(
    readonly request: UpdateRequest,
    readonly context: UpdateContext,
  ) {
    this.startedAt = context.time.monotonic();
    this.patience = new Patience(context, context.onPhase);
    this.log = new AttemptLog(context.onAttempt);
    this.typeOf = fieldTypeOf(request.fieldTypes, context.family);
    this.guard = guardFor(request.transition, context.family);
    this.toSend = request.changes;
    this.current = request.snapshot;
    this.base = request.base?.snapshot ?? request.snapshot;
    this.firstBase = this.base;
    this.open = new OpenWrite(request.pending, [this.current, this.base]);
  }

  /** A write whose fate is unknown. */
  get doubt(): Doubt | undefined {
    return this.open.doubt;
  }

  /** Sets the baseline unless there is one. Of the same version, it adds the fields that were not read before. */
  startFrom(snapshot: Snapshot): void {
    this.base ??= snapshot;
    if (this.base.version === snapshot.version) {
      this.base = { ...this.base, values: { ...snapshot.values, ...this.base.values } };
    }
    this.firstBase = this.base;
  }

  /** Whether a snapshot shows every target and guard field, and all that the transition depends on. */
  shows({ values }: Snapshot): boolean {
    const shown = (name: string): boolean => Object.hasOwn(values, name);
    // Also where a missing field is an empty one: a snapshot may lack a field only because it was not asked for.
    if (!this.judged().every(shown)) return false;
    if (this.context.family.missingMeansNull) return true;
    const names = [...this.targets().map(({ readName }) => readName), ...this.request.guards];
    return names.every(shown);
  }

  /**
   * Written whatever the version is. What a guard allows holds for the version it was judged on, so a guarded update
   * always names that one; force then means that no conflict of fields stops it.
   */
  get isForced(): boolean {
    return this.request.force && this.guard === undefined;
  }

  /** PUT sends the whole record back. */
  get sendsWholeRecord(): boolean {
    return this.request.method === 'PUT' && this.request.action === undefined;
  }

  /** Names to read: targets and stamp as they read back, guards, and what the transition depends on. Undefined: all. */
  fieldsToRead(): string[] | undefined {
    if (this.sendsWholeRecord) return undefined;
    const { changes, guards, stamp } = this.request;
    const written = stamp === undefined ? Object.keys(changes) : [...Object.keys(changes), stamp];
    const names = written.map(name => this.context.family.readName(name));
    return [...new Set([...names, ...guards, ...this.judged()])];
  }

  /** Fields that the transition depends on. */
  private judged(): readonly string[] {
    return this.guard === undefined ? [] : guardFields(this.guard);
  }

  /** Whether `current` was read from a cache in front of the API, which may be behind. */
  readFromCache(): boolean {
    const { cachedReads } = this.context.family;
    return this.readAnswer !== undefined && cachedReads?.isCached(this.readAnswer) === true;
  }

  /** The fields still to be written. */
  targets(): Target[] {
    const { family } = this.context;
    return Object.entries(this.toSend).map(([name, ours]) => ({
      name,
      readName: family.readName(name),
      ours,
    }));
  }

  /** Target fields that these values do not show as desired. */
  missing(values: Fields): string[] {
    const { missingMeansNull } = this.context.family;
    return differing(this.targets(), values, this.typeOf, missingMeansNull);
  }

  /** Whether `current` shows every desired value and is no cache's. */
  isProvenInPlace(): boolean {
    const { current } = this;
    if (current === undefined || this.readFromCache()) return false;
    return this.missing(current.values).length === 0;
  }

  reconcile(base: Snapshot, current: Snapshot): Reconciled {
    return reconcile({
      targets: this.targets(),
      guards: this.request.guards,
      base: base.values,
      theirs: current.values,
      typeOf: this.typeOf,
      missingMeansNull: this.context.family.missingMeansNull,
    });
  }

  /** From now on the baseline of these fields is what the conflict rule decided on. */
  rebase(fields: readonly FieldConflict[], current: Snapshot): void {
    if (this.base === undefined) return;
    const names = fields.map(({ name }) => this.context.family.readName(name));
    const seen = Object.fromEntries(names.map(name => [name, current.values[name]]));
    this.base = { ...this.base, values: { ...this.base.values, ...seen } };
  }

  recordAttempt(attempt: Pick<Attempt, 'versionSent' | 'class' | 'status'>, sentAt: number): void {
    const when = new Date(sentAt).toISOString();
    this.log.add({ when, ...attempt, waitedMs: Math.round(this.patience.waitedMs) });
    this.patience.waitedMs = 0;
  }

  /** The record as a look after the latest attempt found it. */
  saw(current: Snapshot): void {
    this.log.saw({ version: current.version, diff: () => diffOf(this, current) });
  }

  /** The record still has the version that was sent. */
  seenUnmoved(): void {
    this.open.seenUnmoved(this.readFromCache());
  }

  finish(ending: Ending): UpdateOutput {
    const record = ending.outcome === 'not-found' ? undefined : this.current;
    return { result: this.result(ending), record };
  }

  private result({ notBefore, kept = [], ...ending }: Ending): UpdateResult {
    for (const name of kept) this.kept.add(name);
    return {
      ...ending,
      key: this.request.ref.key,
      attempts: this.log.all,
      reads: this.reads,
      retries: Math.max(0, this.writes - 1) + this.patience.repeatedReads,
      durationMs: Math.round(this.context.time.monotonic() - this.startedAt),
      ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore).toISOString() }),
      ...(this.kept.size === 0 ? {} : { kept: [...this.kept] }),
      ...(ending.outcome === 'retry' ? this.passOn() : {}),
    };
  }

  /** What the next pass of a wired loop needs: it applies the conflict rule anew, from the first baseline. */
  private passOn(): Pick<UpdateResult, 'base' | 'pending'> {
    const hash = changesHash(this.request.ref, this.request.changes);
    const { firstBase } = this;
    const pending = this.open.pending(hash);
    return {
      ...(firstBase === undefined ? {} : { base: { snapshot: firstBase, changesHash: hash } }),
      ...(pending === undefined ? {} : { pending }),
    };
  }
}

function guardFor(
  guard: TransitionGuard | undefined,
  { missingMeansNull }: ApiFamily,
): TransitionGuard | undefined {
  return guard !== undefined && missingMeansNull ? { ...guard, missingMeansEmpty: true } : guard;
}
