import type { ApiFamily, WritePlan } from '../api/family';
import type { Answer, Fault } from '../outcome/answer';
import { isOwnWord } from '../outcome/api-error';
import type { ApiError, Verdict } from '../outcome/row';
import type { Attempt, IdempotencyKey, WriteFate } from '../outcome/outcome';
import { asShown } from '../record/exact';
import { setOwn, type Fields } from '../record/fields';
import { mergePatch, patchedNames, valueAt } from '../record/merge';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import { parseRetryAfter } from '../retry/retry-after';
import type { RetryCause } from '../retry/policy';
import { isoTimestamp } from '../retry/time';
import {
  withoutDoubt,
  ignoresStamp,
  inDoubt,
  isInDoubt,
  seenUnmoved,
  type WriteDoubt,
} from './doubt';
import { endOfFault, endOfVerdict, failed, hotRecord, proven, type Ending } from './ending';
import {
  fieldsToRead,
  isForced,
  missing,
  passedOn,
  present,
  type Known,
  type Task,
  type Trouble,
} from './known';

/** What the write sets in the stamp field. A resend on the same version is the same write. */
export function stamped({ request }: Task, known: Known, now: number): WriteDoubt {
  const { doubt, computedOn } = known;
  const { version } = present(known);
  if (request.stamp === undefined || doubt.stamp?.version === version) return doubt;
  const value = computedOn === undefined ? new Date(now).toISOString() : computedOn.token;
  return { ...doubt, stamp: { version, value } };
}

/** The next write, on the snapshot it was decided on. */
export function planOf(task: Task, known: Known, { stamp }: WriteDoubt): WritePlan {
  const { ref, method, types, action, stamp: field } = task.request;
  const changes = changesToSend(task, known);
  const answer = answerOfRead(known);
  const plan: { -readonly [K in keyof WritePlan]: WritePlan[K] } = {
    ref,
    method,
    changes: field === undefined || !stamp ? changes : { ...changes, [field]: stamp.value },
    precondition: isForced(task) ? 'any' : preconditionOf(present(known)),
  };
  if (answer !== undefined) plan.read = answer;
  const shown = shownBesides(task, known, changes);
  if (shown !== undefined) plan.shown = shown;
  if (types !== undefined) plan.types = types;
  if (action !== undefined) plan.action = action;
  return plan;
}

/** What the next update of the same fields compares besides those that are sent now; undefined: nothing. */
function shownBesides(task: Task, { toSend }: Known, sent: Fields): readonly string[] | undefined {
  const { guards, computation } = task.request;
  const isAll = guards.length === 0 && computation === undefined && task.transition === undefined;
  // Most updates compare no more than they send, and looking costs.
  if (isAll && sent === toSend) return undefined;
  return fieldsToRead(task);
}

/** By which the record was read in this run. */
function answerOfRead({ latest }: Known): Answer | undefined {
  return latest?.from === 'chain' ? undefined : latest?.answer;
}

function preconditionOf({ version, modifiedAt }: Snapshot): WritePlan['precondition'] {
  return modifiedAt === undefined ? { version } : { version, modifiedAt };
}

/**
 * An action is called as a whole: what it was given says what it brings about. A snapshot of the message may have
 * been altered on its way, and a write may have answered what was sent: only a read of this run tells what need not be.
 */
function changesToSend(task: Task, known: Known): Fields {
  const { toSend, latest } = known;
  const isWhole = isForced(task) || task.request.action !== undefined;
  if (isWhole || !task.family.sendsOnlyDifferences) return toSend;
  if (latest === undefined || answerOfRead(known) === undefined) return toSend;
  const names = missing(task, known, latest.snapshot.values);
  if (names.length === 0 || names.length === known.targets.length) return toSend;
  return Object.fromEntries(names.map(name => [name, toSend[name]]));
}

/** What came of a write that was to be sent. */
export interface Written {
  readonly kind: 'written';
  readonly result: Answered | Fault;
  /** Wall clock, milliseconds since the epoch. */
  readonly sentAt: number;
  /** Milliseconds waited since the attempt before. */
  readonly waitedMs: number;
  /** What the request carried. */
  readonly idempotency: IdempotencyKey | undefined;
}

/** An answer with its meaning. */
export interface Answered {
  readonly kind: 'answered';
  readonly answer: Answer;
  readonly verdict: Verdict;
  readonly api: ApiError;
}

/** Where a write leaves the update: at its end, or in a trouble to recover from. */
export interface AfterWrite {
  readonly known: Known;
  readonly found: { readonly ending: Ending } | { readonly trouble: Trouble };
}

/** @param now wall clock, milliseconds since the epoch */
export function afterWrite(
  task: Task,
  before: Known,
  plan: WritePlan,
  written: Written,
  now: number,
): AfterWrite {
  const { result, idempotency } = written;
  const isSame = idempotency === before.doubt.idempotency;
  const known = isSame ? before : { ...before, doubt: { ...before.doubt, idempotency } };
  const versionSent = versionSentBy(plan);
  if (result.kind === 'fault') {
    const attempt = { versionSent, class: 'transient' } as const;
    const tried = result.sent === 'no' ? known : attempted(task, known, written, attempt);
    return afterFault(tried, versionSent, result, now);
  }
  const { answer, verdict } = result;
  const success =
    verdict.class === 'success' ? successOf(task, known, plan, answer, now) : undefined;
  const attempt: Tried = {
    versionSent,
    class: verdict.class,
    status: answer.status,
    versionSeen: success?.snapshot?.version,
  };
  const tried = attempted(task, known, written, attempt);
  return success === undefined
    ? afterRefusal(task, tried, versionSent, result, now)
    : afterSuccess(task, tried, success, answer);
}

function versionSentBy({ precondition }: WritePlan): string {
  return precondition === 'any' ? '*' : precondition.version;
}

/** What the next run has to know of this write if nobody ever learns its fate: as after an answer that was lost. */
export function fateOf(
  { request }: Task,
  before: Known,
  plan: WritePlan,
  idempotency: IdempotencyKey | undefined,
): WriteFate {
  const known = { ...before, doubt: { ...before.doubt, idempotency } };
  const { base, pending } = passedOn(request, doubting(known, versionSentBy(plan), true));
  if (base === undefined || pending === undefined) throw new Error('a write without a baseline');
  return { base, pending };
}

/** The latest attempt, with what a re-read or the answer itself showed of the record after it. */
export function withLatestAttempt(known: Known, seen: Partial<Attempt>): Known {
  const latest = known.attempts.at(-1);
  if (latest === undefined) return known;
  return { ...known, attempts: [...known.attempts.slice(0, -1), { ...latest, ...seen }] };
}

/** Milliseconds the server asks to wait; undefined when it does not say. */
export function retryAfter({ headers }: Answer, now: number): number | undefined {
  return parseRetryAfter(headers['retry-after'], headers.date, now);
}

/** The record in an answer; undefined when it names no version. `now` is the wall clock, in milliseconds. */
export function snapshotOf(
  { key, url }: RecordRef,
  answer: Answer,
  values: Fields,
  family: ApiFamily,
  now: number,
): Snapshot | undefined {
  const version = family.versionOf(answer);
  if (version === undefined) return undefined;
  const readAt = isoTimestamp(now);
  const modifiedAt = family.modifiedAtOf?.(answer);
  if (modifiedAt === undefined) return { key, url, version, values, readAt };
  return { key, url, version, modifiedAt, values, readAt };
}

interface Tried {
  readonly versionSent: string;
  readonly class: Attempt['class'];
  readonly status?: number;
  readonly versionSeen?: string | undefined;
}

function attempted(
  { withDiffs }: Task,
  known: Known,
  { sentAt, waitedMs }: Written,
  tried: Tried,
): Known {
  const attempt: { -readonly [K in keyof Attempt]: Attempt[K] } = {
    when: isoTimestamp(sentAt),
    versionSent: tried.versionSent,
    class: tried.class,
    waitedMs: Math.round(waitedMs),
  };
  if (tried.status !== undefined) attempt.status = tried.status;
  if (tried.versionSeen !== undefined) attempt.versionSeen = tried.versionSeen;
  if (withDiffs) attempt.diff = [];
  return { ...known, attempts: [...known.attempts, attempt] };
}

function afterFault(known: Known, versionSent: string, fault: Fault, now: number): AfterWrite {
  const ending = endOfFault(fault, now);
  if (fault.sent === 'no' && fault.fatal) return { known, found: { ending } };
  const { retryAfterMs, code } = fault;
  const sentOn = present(known).version;
  const trouble = { sentOn, retryAfterMs, isVersion: false, throttled: code === 'THROTTLED' };
  if (fault.sent === 'no') {
    return { known, found: { trouble: { ...trouble, kind: 'not-applied', ending } } };
  }
  const uncertain: Ending = { ...ending, outcome: 'uncertain' };
  return {
    known: doubting(known, versionSent, true),
    found: { trouble: { ...trouble, kind: 'doubt', ending: uncertain } },
  };
}

function doubting(known: Known, versionSent: string, mayStillLand: boolean): Known {
  const sentOn = known.latest?.snapshot;
  return { ...known, doubt: inDoubt(known.doubt, versionSent, sentOn, mayStillLand) };
}

/**
 * Whether a write with this answer may be applied after a later look. An exchange that ends does not end the work on
 * it: only the API itself, in an answer of its own, says that it has done with the request.
 */
function mayStillLand(answer: Answer, { class: found, code }: Verdict, api: ApiError): boolean {
  if (found === 'throttled' || DONE_WITH.includes(code ?? '')) return false;
  if (code === 'HTML_ANSWER') return !isSignIn(answer);
  return !OWN_FAILURES.includes(answer.status) || !isOwnWord(answer, api);
}

/** What the API reports of what it has tried; a redirect in doubt is a 303, which says that it has. */
const DONE_WITH: readonly string[] = [
  'FAILURE_REPORTED',
  'MULTI_STATUS',
  'REPEATABILITY_REJECTED',
  'REDIRECT',
];

/** What an API answers itself; the other statuses above 500 are those of something in between. */
const OWN_FAILURES: readonly number[] = [500, 503];

/** A sign-in page stands in place of the API: the request went no further. */
function isSignIn({ text }: Answer): boolean {
  return /\b(?:sign|log)[- ]?[io]n\b|type=["']?password|\b(?:saml|oauth|adfs)/i.test(text);
}

function afterRefusal(
  { family }: Task,
  before: Known,
  versionSent: string,
  { answer, verdict, api }: Answered,
  now: number,
): AfterWrite {
  const ending = endOfVerdict(verdict, api, answer.status);
  const kind = troubleOf(verdict);
  if (kind === undefined) return { known: before, found: { ending } };
  const isDoubtful = DOUBTFUL.includes(kind);
  const trouble: Trouble = {
    kind,
    sentOn: present(before).version,
    isVersion: answer.status === 412 || verdict.sure === true,
    ending: isDoubtful ? { ...ending, outcome: 'uncertain' } : ending,
    retryAfterMs: retryAfter(answer, now),
    throttled: verdict.class === 'throttled',
    named: kind === 'accepted' ? family.versionOf(answer) : undefined,
  };
  if (!isDoubtful) return { known: before, found: { trouble } };
  const isOpen = kind === 'in-progress' || mayStillLand(answer, verdict, api);
  const known = doubting(before, versionSent, isOpen);
  if (kind !== 'in-progress') return { known, found: { trouble } };
  // The API says itself that the write is not in place yet.
  return { known: { ...known, doubt: seenUnmoved(known.doubt, true) }, found: { trouble } };
}

const DOUBTFUL: readonly Trouble['kind'][] = ['doubt', 'accepted', 'in-progress'];

function troubleOf(verdict: Verdict): Trouble['kind'] | undefined {
  if (verdict.class === 'pending') return 'accepted';
  if (verdict.class === 'in-progress') return 'in-progress';
  if (verdict.ambiguous === true || verdict.class === 'unverified') return 'doubt';
  switch (verdict.class) {
    case 'version-conflict':
    case 'undetermined':
    case 'state-conflict':
      return verdict.class;
    case 'throttled':
    case 'transient':
      return 'not-applied';
    default:
      return undefined;
  }
}

/** What an accepted write has shown. */
interface Success {
  /** The record as it is now; undefined when nothing is known of it and the next update has to read. */
  readonly snapshot: Snapshot | undefined;
  /** The record in the answer itself. */
  readonly answered: Fields | undefined;
}

function successOf(
  task: Task,
  known: Known,
  plan: WritePlan,
  answer: Answer,
  now: number,
): Success {
  const { family, request } = task;
  const answered = representation(answer, plan, family);
  if (plan.action !== undefined) {
    return { snapshot: afterAction(task, answer, answered, now), answered };
  }
  const values = written(task, present(known).values, plan.changes, answered);
  const shown = answered === undefined ? withoutReport(answer) : answer;
  return { snapshot: snapshotOf(request.ref, shown, values, family, now), answered };
}

/**
 * A body that is not the record, such as `{"ok": true}`, is a report, and frameworks tag every body that they send: the
 * header may name the version of the report. What the body itself names by the field of the version is the record's.
 */
function withoutReport(answer: Answer): Answer {
  return answer.text.trim() === '' ? answer : { ...answer, headers: {} };
}

function afterSuccess(
  task: Task,
  known: Known,
  { snapshot, answered }: Success,
  answer: Answer,
): AfterWrite {
  const ending = answered
    ? asStored(task, known, answered, present(known).values)
    : proven('updated');
  const shown = answered && { values: answered, answer };
  const latest = snapshot && { from: 'write' as const, snapshot, answered: shown };
  return { known: { ...known, latest, doubt: withoutDoubt(known.doubt) }, found: { ending } };
}

/** An action may do more than it was called for, and the headers of its answer may be about something else. */
function afterAction(
  { request, family }: Task,
  answer: Answer,
  answered: Fields | undefined,
  now: number,
): Snapshot | undefined {
  const body = { ...answer, headers: {} };
  return answered && snapshotOf(request.ref, body, answered, family, now);
}

/** The record in the answer; undefined when the body is something else, for example `{"ok": true}`. */
function representation(answer: Answer, plan: WritePlan, family: ApiFamily): Fields | undefined {
  const values = family.valuesOf(answer);
  if (values === undefined) return undefined;
  const isShown = (name: string): boolean => Object.hasOwn(values, family.readName(name));
  return Object.keys(plan.changes).every(isShown) ? values : undefined;
}

/** The write was conditional, so the rest of the record is as it was read. */
function written(
  { family }: Task,
  before: Fields,
  changes: Fields,
  answered: Fields | undefined,
): Fields {
  if (answered !== undefined && Object.keys(before).every(name => Object.hasOwn(answered, name))) {
    return answered;
  }
  const after: Record<string, unknown> = { ...before };
  for (const name of patchedNames(changes)) {
    const readName = family.readName(name);
    const value = mergePatch(valueAt(after, readName, false), asShown(changes[name]));
    setOwn(after, readName, value);
  }
  return answered === undefined ? after : { ...after, ...answered };
}

/** A 2xx does not prove that our values were stored: read-only fields may be ignored, numbers rounded. */
export function asStored(task: Task, known: Known, answered: Fields, before: Fields): Ending {
  const { family } = task;
  const { stamp } = task.request;
  const isShown = (name: string): boolean => Object.hasOwn(answered, family.readName(name));
  const other = missing(task, known, answered).filter(isShown);
  if (stamp !== undefined && ignoresStamp(known.doubt, family.readName(stamp), answered, before)) {
    other.push(stamp);
  }
  if (other.length === 0) return proven('updated');
  return failed('updated', {
    code: 'STORED_DIFFERENTLY',
    message: `The API accepted the write but answered another value for ${other.join(', ')}. The field may be read-only or rounded: check it, or declare its type under "Compare as".`,
  });
}

/** Why the write goes again after a trouble. */
export function causeOf({ throttled, kind }: Trouble): RetryCause {
  if (throttled) return 'throttled';
  return TRANSIENT.includes(kind) ? 'transient' : 'noise';
}

const TRANSIENT: readonly Trouble['kind'][] = ['doubt', 'not-applied', 'in-progress'];

/** How an update ends in a trouble from which it could still have gone on. */
export function endOfTrouble(known: Known, trouble: Trouble, ending: Ending): Ending {
  if (isInDoubt(known.doubt)) return ending;
  // The last re-read told: the API answered with a fault and the record is as before.
  if (trouble.kind === 'doubt') {
    return { ...ending, outcome: trouble.throttled ? 'exhausted' : 'unavailable' };
  }
  return causeOf(trouble) === 'noise' ? hotRecord(known.attempts.length) : ending;
}
