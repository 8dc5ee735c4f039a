import type { Answer } from '../outcome/answer';
import type { Attempt, Doubt, FieldConflict, UpdateResult } from '../outcome/outcome';
import type { FieldType } from '../record/compare';
import type { Fields } from '../record/fields';
import { differing, reconcile, type Reconciled, type Target } from '../record/reconcile';
import type { Snapshot } from '../record/snapshot';
import type { UpdateContext } from './context';
import type { Ending } from './ending';
import { Patience } from './patience';
import { changesHash, fieldTypeOf, type UpdateRequest } from './request';

export interface UpdateOutput {
  readonly result: UpdateResult;
  /** The latest snapshot; undefined when none is proven. */
  readonly record: Snapshot | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The state of one update under way. Only the loop's steps change it. */
export class Run {
  readonly patience: Patience;
  readonly typeOf: (field: string) => FieldType | undefined;

  /** The values the decision was made on; the conflict rule moves it for the fields it decided. */
  base: Snapshot | undefined;
  current: Snapshot | undefined;
  /** The answer `current` was read from, when it was read in this run. */
  readAnswer: Answer | undefined;
  /** What is still to be written: the conflict rule may have taken fields out. */
  toSend: Fields;
  doubt: Doubt | undefined;
  /** An attempt of ours had an unknown fate at some time: what is in place may be ours. */
  everInDoubt: boolean;
  readonly kept = new Set<string>();
  readonly attempts: Mutable<Attempt>[] = [];
  reads = 0;
  /** Tries to write, also those that never left. */
  writes = 0;
  /** An attempt without an answer may be applied after a read that does not show it. */
  private mayStillLand: boolean;
  private readonly startedAt: number;
  private firstBase: Snapshot | undefined;

  constructor(
    readonly request: UpdateRequest,
    readonly context: UpdateContext,
  ) {
    this.startedAt = context.time.monotonic();
    this.patience = new Patience(context, context.onPhase);
    this.typeOf = fieldTypeOf(request.fieldTypes, context.family);
    this.toSend = request.changes;
    this.current = request.snapshot;
    this.doubt = request.pending;
    this.everInDoubt = request.pending !== undefined;
    this.mayStillLand = this.everInDoubt;
    this.base = request.base?.snapshot ?? request.snapshot;
    this.firstBase = this.base;
  }

  /** Sets the baseline unless there is one. Of the same version, it adds the fields that were not read before. */
  startFrom(snapshot: Snapshot): void {
    this.base ??= snapshot;
    if (this.base.version === snapshot.version) {
      this.base = { ...this.base, values: { ...snapshot.values, ...this.base.values } };
    }
    this.firstBase = this.base;
  }

  /** Whether a snapshot shows every target and guard field. */
  shows({ values }: Snapshot): boolean {
    if (this.context.family.missingMeansNull) return true;
    const names = [...this.targets().map(({ readName }) => readName), ...this.request.guards];
    return names.every(name => Object.hasOwn(values, name));
  }

  /** Names to read: targets as they read back, and guards. PUT sends the whole record back, so it reads all. */
  fieldsToRead(): string[] | undefined {
    if (this.request.method === 'PUT') return undefined;
    const names = Object.keys(this.request.changes).map(name => this.context.family.readName(name));
    return [...new Set([...names, ...this.request.guards])];
  }

  /** Target fields that these values do not show as desired. */
  missing(values: Fields): string[] {
    const { missingMeansNull } = this.context.family;
    return differing(this.targets(), values, this.typeOf, missingMeansNull);
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
    this.attempts.push({ when, ...attempt, waitedMs: Math.round(this.patience.waitedMs) });
    this.patience.waitedMs = 0;
  }

  /** The version that was in place after the latest attempt. */
  sawVersion(version: string): void {
    const latest = this.attempts.at(-1);
    if (latest !== undefined) latest.versionSeen = version;
  }

  /** A write left and no answer told its fate. */
  inDoubt(versionSent: string, mayStillLand: boolean): void {
    this.doubt = { versionSent, seenUnmoved: false };
    this.everInDoubt = true;
    this.mayStillLand ||= mayStillLand;
  }

  /** The record still has the version that was sent: the write is not in place, though it may land later. */
  seenUnmoved(): void {
    if (this.doubt === undefined) return;
    this.doubt = this.mayStillLand ? { ...this.doubt, seenUnmoved: true } : undefined;
  }

  finish(ending: Ending): UpdateOutput {
    const record = ending.outcome === 'not-found' ? undefined : this.current;
    return { result: this.result(ending), record };
  }

  private targets(): Target[] {
    const { family } = this.context;
    return Object.entries(this.toSend).map(([name, ours]) => ({
      name,
      readName: family.readName(name),
      ours,
    }));
  }

  private result({ notBefore, ...ending }: Ending): UpdateResult {
    return {
      ...ending,
      key: this.request.ref.key,
      attempts: this.attempts,
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
    const { firstBase, doubt } = this;
    return {
      ...(firstBase === undefined ? {} : { base: { snapshot: firstBase, changesHash: hash } }),
      ...(doubt === undefined ? {} : { pending: { ...doubt, changesHash: hash } }),
    };
  }
}
