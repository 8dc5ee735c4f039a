import type { ApiFamily, WritePlan } from '../api/family';
import { lastChangeOf, notedNames, typeOfRecord } from '../api/noted';
import type { TransitionGuard } from '../lifecycle/guard';
import { fieldsToJudge } from '../lifecycle/judge';
import type { Answer } from '../outcome/answer';
import type { EndedUpdate } from '../outcome/ended-update';
import {
  DONE_OUTCOMES,
  type Attempt,
  type Conflict,
  type KeptBase,
  type UpdateEvidence,
  type UpdateResult,
} from '../outcome/outcome';
import {
  type FieldConflict,
  differing,
  holdsAll,
  type Target,
  type TypeOf,
} from '../record/reconcile';
import { sameValue } from '../record/compare';
import { asShown } from '../record/exact';
import type { Fields } from '../record/fields';
import { valueAt } from '../record/merge';
import type { Snapshot } from '../record/snapshot';
import {
  doubtFrom,
  isInDoubt,
  mayLandOn,
  pendingOf,
  showsOwnToken,
  type WriteDoubt,
} from './doubt';
import type { Ending } from './ending';
import { fieldTypeOf, isBaseBrought, updateHash, type UpdateRequest } from './request';

/** One update and what its API family makes of it: all that a decision depends on and that never changes. */
export interface Task {
  readonly request: UpdateRequest;
  readonly family: ApiFamily;
  readonly typeOf: TypeOf;
  /** What the new status depends on, as this family's records show it. */
  readonly transition: TransitionGuard | undefined;
  /** Attempts say which fields had changed by the re-read after them (the version log). */
  readonly withDiffs: boolean;
}

export function taskOf(request: UpdateRequest, family: ApiFamily, withDiffs = false): Task {
  const typeOf = fieldTypeOf(request.fieldTypes, family);
  return {
    request,
    family,
    typeOf,
    transition: transitionFor(request.transition, family),
    withDiffs,
  };
}

/** The record as it was seen last, and by whom; what that is worth, says `isProof`. */
export type Latest =
  | { readonly from: 'message'; readonly snapshot: Snapshot; readonly answer?: undefined }
  | {
      readonly from: 'write';
      readonly snapshot: Snapshot;
      readonly answer?: undefined;
      /** The record in the answer itself, where that shows it. */
      readonly answered: { readonly values: Fields; readonly answer: Answer } | undefined;
    }
  /** The update before, under the same turn, has written it so. */
  | { readonly from: 'chain'; readonly snapshot: Snapshot; readonly answer: Answer }
  | { readonly from: 'api' | 'cache'; readonly snapshot: Snapshot; readonly answer: Answer };

/** Why an attempt did not end the update, and what the recovery has to find out. */
export interface Trouble {
  readonly kind:
    | 'version-conflict' // the API says that the version moved
    | 'undetermined' // a 409 or 422 that only a re-read can tell apart
    | 'state-conflict' // refused from the current state, whatever the version
    | 'doubt' // the write may have been applied
    | 'accepted' // 202: to be applied later
    | 'in-progress' // the same request, sent before, is still at work: again as it was, with its key
    | 'not-applied'; // throttled or never sent: the same write again
  /** Version of the snapshot that the write was decided on, also where it was forced. */
  readonly sentOn: string;
  /** A refusal that is about the version and nothing else. */
  readonly isVersion: boolean;
  readonly retryAfterMs: number | undefined;
  readonly throttled: boolean;
  /** How the update ends when nothing more can be tried. */
  readonly ending: Ending;
  /** The version that a 202 named: a read that shows it shows this write. */
  readonly named?: string | undefined;
}

/** Whether the next try may go; if not, whether the run or the whole endpoint has used up its retries. */
export type Permit = 'granted' | 'used-up' | 'no-budget';

/** What a read brought: a snapshot with the answer it came from (PUT sends that back whole), or why there is none. */
export type ReadOutcome =
  /** `reads`: how many requests it took. */
  | {
      readonly kind: 'read';
      readonly snapshot: Snapshot;
      readonly answer: Answer;
      readonly reads: number;
    }
  | { readonly kind: 'unread'; readonly ending: Ending; readonly reads: number };

/**
 * What the record is read for where the write depends on it. `cached` counts the reads that only a cache answered, `late`
 * the re-reads since nothing can be sent any more and a write in doubt may still land.
 */
export type Reading =
  | { readonly for: 'first'; readonly cached: number }
  | {
      readonly for: 'trouble';
      readonly cached: number;
      readonly trouble: Trouble;
      /** Whether a write may follow. */
      readonly permit: Permit;
      /** It was re-read once already and its version seemed stuck. */
      readonly isSecond: boolean;
      readonly late: number;
    }
  /** Refused for good while an earlier write is in doubt: what became of that one? */
  | {
      readonly for: 'fate';
      readonly cached: number;
      readonly ending: Ending;
      readonly late: number;
    };

/** What the next event answers. */
export type Awaiting =
  | { readonly kind: 'start' }
  | { readonly kind: 'reading'; readonly reading: Reading }
  /** A pause for the cache, before the same reading again. */
  | { readonly kind: 'cache'; readonly reading: Reading }
  /** A pause before another reading, for which time may be too short: then the update ends so. */
  | { readonly kind: 'pause'; readonly reading: Reading; readonly ending: Ending }
  | { readonly kind: 'decision'; readonly reading: Reading; readonly collision: Collision }
  /** The changes for the version that the next write goes out on. */
  | { readonly kind: 'changes' }
  | { readonly kind: 'answer'; readonly plan: WritePlan }
  | { readonly kind: 'permit'; readonly trouble: Trouble }
  /** The n-th re-read for a write that is applied later. */
  | { readonly kind: 'accepted'; readonly trouble: Trouble; readonly n: number }
  /** An action was not found: is its record? */
  | { readonly kind: 'action'; readonly ending: Ending }
  /** Others seem to be faster every time: does the version stay when nobody writes? */
  | { readonly kind: 'hot'; readonly ending: Ending; readonly version: string };

/** A conflict with the snapshots it was seen between. */
export interface Collision {
  readonly fields: readonly FieldConflict[];
  readonly base: Snapshot;
  readonly current: Snapshot;
}

/** The version that changes were computed on. */
export interface ComputedOn {
  readonly version: string;
  /** Put into the stamp field by every write on that version; unique. */
  readonly token: string;
}

/** Everything that is known of one update under way. A value: a step makes the next one and changes none. */
export interface Known {
  readonly awaiting: Awaiting;
  /** The values the decision was made on; the conflict rule moves it for the fields it decided. */
  readonly base: Snapshot | undefined;
  /** The first of them: what a wired loop keeps. */
  readonly firstBase: Snapshot | undefined;
  /** No read has proven the baseline, and nobody has decided on it: the first that does takes its place. */
  readonly isBaseProvisional: boolean;
  readonly latest: Latest | undefined;
  /** What is still to be written: the conflict rule may have taken fields out. */
  readonly toSend: Fields;
  /** The fields of `toSend`. */
  readonly targets: readonly Target[];
  /** What `toSend` was computed on, where the changes are computed from the record. */
  readonly computedOn: ComputedOn | undefined;
  /** Fields left to the other side. */
  readonly kept: readonly string[];
  /** Fields that somebody else had set to the very value of ours. */
  readonly sameByOthers: readonly string[];
  readonly doubt: WriteDoubt;
  /** The writes that left, in their order. */
  readonly attempts: readonly Attempt[];
  readonly reads: number;
  /** Reads that were sent again after the API had throttled them. */
  readonly repeatedReads: number;
  /** Tries to write, also those that never left. */
  readonly writes: number;
}

/** What the message brings. */
export function knownAtFirst({ request, family }: Task): Known {
  const { snapshot, pending } = request;
  const base = request.base?.snapshot ?? snapshot;
  const changes = pending?.sent ?? request.changes;
  return {
    awaiting: { kind: 'start' },
    base,
    firstBase: base,
    isBaseProvisional: false,
    latest: snapshot && { from: 'message', snapshot },
    toSend: changes,
    targets: targetsOf(changes, family),
    computedOn: computedBefore(request),
    kept: [],
    sameByOthers: [],
    doubt: doubtFrom(pending, [snapshot, base]),
    attempts: [],
    reads: 0,
    repeatedReads: 0,
    writes: 0,
  };
}

/** What the pass before has sent holds for the version it was sent on. */
function computedBefore({ pending, stamp }: UpdateRequest): ComputedOn | undefined {
  if (pending?.sent === undefined) return undefined;
  const { versionSent: version, stamp: token = '' } = pending;
  return stamp !== undefined && token === '' ? undefined : { version, token };
}

export function targetsOf(changes: Fields, family: ApiFamily): Target[] {
  return Object.keys(changes).map(name => ({
    name,
    readName: family.readName(name),
    ours: asShown(changes[name]),
  }));
}

/** The record as it was seen last, where a message or a read has shown it. */
export function present({ latest }: Known): Snapshot {
  if (latest === undefined) throw new Error('no snapshot of the record');
  return latest.snapshot;
}

/**
 * Whether what was seen last may be taken as the record's state. A cache in front of the API may be behind, so what it
 * shows proves nothing, and nobody knows whether what a write has returned still holds for the next one. A snapshot of
 * the message counts, but no update ends on one: see `needsRead`.
 */
export function isProof({ latest }: Known): boolean {
  return latest !== undefined && latest.from !== 'cache' && latest.from !== 'chain';
}

/** Nobody has decided on such a baseline: the first fresh read takes its place, unless a write on it is in doubt. */
export function rebased(known: Known): Known {
  if (!known.isBaseProvisional || !isProof(known) || isInDoubt(known.doubt)) return known;
  const base = present(known);
  return { ...known, base, firstBase: base, isBaseProvisional: false };
}

/**
 * Whether a write is in doubt that was sent on another version than the one seen last. A cache, and a snapshot of the
 * message that came from one, may show the record as it was before that write: neither settles it.
 */
export function isElsewhere({ doubt, latest }: Known): boolean {
  return isInDoubt(doubt) && latest !== undefined && !mayLandOn(doubt, latest.snapshot.version);
}

/** Whether the update is shown to be in place, and proven so. */
export function isProvenInPlace(task: Task, known: Known): boolean {
  return isProof(known) && isShown(task, known);
}

/**
 * Whether the record as it was seen last shows the update: every desired value. Of changes that were computed from the
 * record that says nothing, since others compute the same; there only the token of the write does.
 */
export function isShown(task: Task, known: Known): boolean {
  const { values } = present(known);
  const { computation, stamp } = task.request;
  if (computation === undefined) {
    const { typeOf, family } = task;
    const { missingMeansNull } = family;
    return holdsAll({ targets: known.targets, theirs: values, typeOf, missingMeansNull });
  }
  return stamp !== undefined && showsOwnToken(known.doubt, task.family.readName(stamp), values);
}

/** Whether the changes have yet to be computed for the version that was seen last. */
export function isToCompute({ request }: Task, known: Known): boolean {
  return request.computation !== undefined && known.computedOn?.version !== present(known).version;
}

/** Names of the target fields that these values do not show as desired. */
export function missing({ family, typeOf }: Task, { targets }: Known, values: Fields): string[] {
  return differing(targets, values, typeOf, family.missingMeansNull);
}

/**
 * Written whatever the version is. What a transition guard allows holds for the version it was judged on, so an update
 * with one always names that version; force then means that no conflict of fields stops it.
 */
export function isForced({ request, transition }: Task): boolean {
  return request.force && transition === undefined;
}

/** PUT sends the whole record back. */
export function sendsWholeRecord({ request }: Task): boolean {
  return request.method === 'PUT' && request.action === undefined;
}

/** A write is made from what a read of this run has shown, be it the record or the types of its fields. */
export function writesFromRead(task: Task): boolean {
  return sendsWholeRecord(task) || task.family.typesFromRead === true;
}

/**
 * Names to read: targets and stamp as they read back, guards, what the transition depends on, and what is to be told of
 * the record besides. Undefined: all.
 */
export function fieldsToRead(task: Task): readonly string[] | undefined {
  if (sendsWholeRecord(task)) return undefined;
  const { computation, changes, guards, stamp } = task.request;
  const written = stamp === undefined ? Object.keys(changes) : [...Object.keys(changes), stamp];
  const names = written.map(name => task.family.readName(name));
  if (computation !== undefined) {
    if (computation.fields === undefined) return undefined;
    names.push(...computation.fields);
  }
  const noted = notedNames(task.family.noted);
  return [...new Set([...names, ...guards, ...judgedFields(task), ...noted])];
}

/** Whether a snapshot shows every target and guard field, and all that the transition depends on. */
export function showsAll(task: Task, { targets }: Known, { values }: Snapshot): boolean {
  const isShown = (name: string): boolean => Object.hasOwn(values, name);
  // Also where a missing field is an empty one: a snapshot may lack a field only because it was not asked for.
  if (!judgedFields(task).every(isShown)) return false;
  if (task.family.missingMeansNull) return true;
  return [...targets.map(({ readName }) => readName), ...task.request.guards].every(isShown);
}

/** Target and guard fields whose value in the record differs from the baseline's. */
export function diffOf(task: Task, known: Known, current: Snapshot): FieldConflict[] {
  const { missingMeansNull } = task.family;
  const before = known.base?.values ?? current.values;
  const ours = known.targets.map(({ name, readName, ours }) => {
    const base = valueAt(before, readName, missingMeansNull);
    return { name, base, ours, theirs: valueAt(current.values, readName, missingMeansNull) };
  });
  return [...ours, ...guardsOf(task, known, current)].filter(field => isMoved(task, field));
}

/** The guard fields at the baseline and now. We want each to stay as it was. */
export function guardsOf(
  { family, request }: Task,
  { base }: Known,
  current: Snapshot,
): FieldConflict[] {
  const { missingMeansNull } = family;
  const before = base?.values ?? current.values;
  return request.guards.map(name => {
    const then = valueAt(before, name, missingMeansNull);
    const theirs = valueAt(current.values, name, missingMeansNull);
    return { name, base: then, ours: then, theirs };
  });
}

export function isMoved(
  { typeOf }: Task,
  { name, base: then, theirs: now }: FieldConflict,
): boolean {
  const isAbsent = then === undefined && now === undefined;
  return !isAbsent && !sameValue(then, now, typeOf(name));
}

export interface UpdateOutput {
  readonly result: UpdateResult;
  /** The latest snapshot; undefined when none is proven. */
  readonly record: Snapshot | undefined;
}

/** Milliseconds from the message on, and of these until the update could begin; undefined: at once. */
export interface Durations {
  readonly durationMs: number;
  readonly queuedMs: number | undefined;
}

/** What an update that has ended says of itself. */
export function outputOf(
  { family, request }: Task,
  known: Known,
  ending: Ending,
  { durationMs, queuedMs }: Durations,
): UpdateOutput {
  // Filled in name by name: every message pays for this.
  const result: Mutable<UpdateResult> = {
    outcome: ending.outcome,
    verified: ending.verified,
    key: request.ref.key,
    attempts: known.attempts,
    reads: known.reads,
    retries: Math.max(0, known.writes - 1) + known.repeatedReads,
    durationMs: Math.round(durationMs),
  };
  if (queuedMs !== undefined) result.queuedMs = Math.round(queuedMs);
  const { cause, error, conflict, refused, notBefore, kept } = ending;
  if (cause !== undefined) result.cause = cause;
  if (error !== undefined) result.error = error;
  if (conflict !== undefined) result.conflict = withLastChange(conflict, known, family);
  if (refused !== undefined) result.refused = refused;
  if (notBefore !== undefined) result.notBefore = new Date(notBefore).toISOString();
  const left = allKept(known.kept, kept);
  if (left.length > 0) result.kept = [...new Set(left)];
  if (known.sameByOthers.length > 0) result.sameByOthers = known.sameByOthers;
  if (!DONE_OUTCOMES.includes(ending.outcome)) addForLater(result, request, known);
  return { result, record: ending.outcome === 'not-found' ? undefined : known.latest?.snapshot };
}

function withLastChange(conflict: Conflict, { latest }: Known, family: ApiFamily): Conflict {
  return latest === undefined
    ? conflict
    : { ...conflict, ...lastChangeOf(family, latest.snapshot) };
}

function allKept(before: readonly string[], last: readonly string[] = []): readonly string[] {
  return last.length === 0 ? before : [...before, ...last];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The same for whoever counts. */
export function endedUpdateOf(
  { family, request }: Task,
  known: Known,
  result: UpdateResult,
): EndedUpdate {
  const { ref, base, pending } = request;
  const sentOn = known.attempts[0]?.versionSent;
  return {
    ref,
    result,
    type: typeOfRecord(family, ref, [known.latest?.snapshot, known.base]),
    isLaterPass: base !== undefined || pending !== undefined,
    metEarlier: base !== undefined && sentOn !== undefined && sentOn !== base.snapshot.version,
  };
}

/** What whoever goes on with the update has to know. */
function addForLater(result: Mutable<UpdateResult>, request: UpdateRequest, known: Known): void {
  if (result.outcome === 'retry') Object.assign(result, passedOn(request, known));
  else result.evidence = evidenceOf(request, known);
}

/** Where the update is done once more, by a person's leave. */
function evidenceOf(request: UpdateRequest, known: Known): UpdateEvidence {
  const { transition } = request;
  const passed = passedOn(request, known);
  return transition === undefined ? passed : { ...passed, transition };
}

/** What the next pass of a wired loop needs: it applies the conflict rule anew, from the first baseline. */
export function passedOn(
  request: UpdateRequest,
  { firstBase, doubt, toSend, computedOn }: Known,
): Pick<UpdateResult, 'base' | 'pending'> {
  const hash = updateHash(request);
  const pending = pendingOf(doubt, hash, computedOn && { ...computedOn, changes: toSend });
  return {
    ...(firstBase === undefined ? {} : { base: keptBase(request, firstBase, hash) }),
    ...(pending === undefined ? {} : { pending }),
  };
}

function keptBase(request: UpdateRequest, snapshot: Snapshot, changesHash: string): KeptBase {
  const kept = { snapshot, changesHash };
  return isBaseBrought(request) ? kept : { ...kept, own: true };
}

/** Fields that the transition depends on. */
function judgedFields({ transition }: Task): readonly string[] {
  return transition === undefined ? [] : fieldsToJudge(transition);
}

function transitionFor(
  transition: TransitionGuard | undefined,
  { missingMeansNull }: ApiFamily,
): TransitionGuard | undefined {
  return transition !== undefined && missingMeansNull
    ? { ...transition, missingMeansEmpty: true }
    : transition;
}
