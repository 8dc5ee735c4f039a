import type { Answer, Fault } from '../outcome/answer';
import type { RetryCause } from '../retry/policy';
import type { Snapshot } from '../record/snapshot';
import { afterWrite, withLatestAttempt, type Written } from './answered';
import { applyAnswer, viewOf } from './conflict-rule';
import { isInDoubt, isUnseen, seenUnmoved, versionInDoubt, withoutKey } from './doubt';
import { endOfFault, failed, overBudget, proven, retryOf, type Ending } from './ending';
import {
  diffOf,
  isForced,
  isProof,
  isProvenInPlace,
  missing,
  present,
  sendsWholeRecord,
  showsAll,
  type Known,
  type Look,
  type Task,
  type Trouble,
} from './known';
import type { Permit } from './patience';
import { inPlace, isStuck, settle, settleBefore, settleRuled, type Settled } from './settle';
import { end, read, stop, wait, write, type Moment, type Next } from './steps';
import { endOfTransition } from './transition';

/** What the shell brings back. */
export type Event =
  /** It is the update's turn. */
  | { readonly kind: 'begun' }
  /** Others kept the record busy, or too many wait for it. */
  /** It could not begin: no place was free in time, or the API throttles. */
  | { readonly kind: 'no-place'; readonly fault: Fault }
  | { readonly kind: 'no-turn'; readonly isQueueFull: boolean; readonly waitedMs: number }
  /** `reads`: how many requests it took. */
  | {
      readonly kind: 'read';
      readonly snapshot: Snapshot;
      readonly answer: Answer;
      readonly reads: number;
    }
  | { readonly kind: 'unread'; readonly ending: Ending; readonly reads: number }
  | Written
  | { readonly kind: 'waited'; readonly permit: Permit }
  | {
      readonly kind: 'decided';
      readonly answer: { readonly decision: unknown } | { readonly failure: string };
    }
  /** The flow stops. */
  | { readonly kind: 'stopped' };

/**
 * What an update does next, after an event that came at this moment. All decisions about an update are taken here, from
 * immutable values; the shell (`loop.ts`) performs the step and comes back with what happened. Begins with `knownAtFirst` and the event
 * `begun`; after a step `end` or `stop` there is no further event.
 */
export function next(task: Task, known: Known, event: Event, at: Moment): Next {
  switch (event.kind) {
    case 'begun':
      return needsRead(task, known, at)
        ? read(task, known, { kind: 'look', look: FIRST })
        : compare(task, known, at);
    case 'no-place':
      return end(known, noPlace(task, event.fault, at));
    case 'no-turn':
      return end(known, noTurn(task, event));
    case 'read':
      return onRead(task, seenBy(task, known, event), at);
    case 'unread':
      return onUnread(task, counted(known, event.reads), event.ending);
    case 'written':
      return onWritten(task, known, event, at);
    case 'waited':
      return onWaited(task, known, event.permit, at);
    case 'decided':
      return onDecided(task, known, event.answer, at);
    case 'stopped':
      return { known, step: stop(task, known) };
  }
}

/**
 * Whether the message's snapshot is not enough: it does not show all that a comparison needs, it cannot tell
 * what became of an attempt in doubt, or the update would end on it, which may be behind.
 */
function needsRead(task: Task, known: Known, { now }: Moment): boolean {
  if (known.latest === undefined || sendsWholeRecord(task)) return true;
  if (isUnseen(known.open) || !showsAll(task, known, known.latest.snapshot)) return true;
  return isProvenInPlace(task, known) || endOfTransition(task, known, now) !== undefined;
}

/** Whatever happened between the baseline and the snapshot to write on is judged before the write. */
function compare(task: Task, before: Known, at: Moment): Next {
  const known = withBase(before);
  const isUnmoved = versionInDoubt(known.open) === present(known).version;
  const seen = isUnmoved ? { ...known, open: seenUnmoved(known.open, isProof(known)) } : known;
  return follow(task, settleBefore(task, seen, at.now), FIRST, at);
}

const FIRST: Look = { for: 'first', cached: 0 };

/** The first snapshot is the baseline unless there is one. Of the same version, it adds the fields that were not read. */
function withBase(known: Known): Known {
  const snapshot = present(known);
  const { base = snapshot } = known;
  if (base === snapshot || base.version !== snapshot.version) {
    return { ...known, base, firstBase: base };
  }
  const whole = { ...base, values: { ...snapshot.values, ...base.values } };
  return { ...known, base: whole, firstBase: whole };
}

function follow(task: Task, settled: Settled, look: Look, at: Moment): Next {
  const { known } = settled;
  switch (settled.kind) {
    case 'end':
      return end(known, settled.ending);
    case 'ask': {
      const { decide, collision } = settled;
      const view = viewOf(task, known, collision);
      const awaiting = { kind: 'decision', look, collision } as const;
      return { known: { ...known, awaiting }, step: { kind: 'ask', decide, view } };
    }
    case 'again':
      return look.for === 'first'
        ? write(task, known, at)
        : goAgain(task, known, look, settled.cause, at);
  }
}

function seenBy(task: Task, known: Known, event: Extract<Event, { kind: 'read' }>): Known {
  const { snapshot, answer, reads } = event;
  const isCached = task.family.cachedReads?.isCached(answer) === true;
  return counted(known, reads, { from: isCached ? 'cache' : 'api', snapshot, answer });
}

function counted(known: Known, reads: number, latest = known.latest): Known {
  return {
    ...known,
    latest,
    reads: known.reads + reads,
    repeatedReads: known.repeatedReads + reads - 1,
  };
}

function onRead(task: Task, known: Known, at: Moment): Next {
  const { awaiting } = known;
  switch (awaiting.kind) {
    case 'look':
      return onLook(task, known, awaiting.look, at);
    case 'accepted':
      return onAcceptedRead(task, known, awaiting);
    case 'action':
      return endForGood(task, looked(task, known), actionMissing(awaiting.ending));
    case 'fate': {
      const seen = looked(task, known);
      const isInPlace = isProvenInPlace(task, seen);
      return end(seen, isInPlace ? proven('already-applied') : awaiting.ending);
    }
    default:
      throw unexpected(known);
  }
}

/** The record as a look after the latest attempt found it. */
function looked(task: Task, known: Known): Known {
  const current = present(known);
  const diff = task.withDiffs ? { diff: diffOf(task, known, current) } : undefined;
  return withLatestAttempt(known, { versionSeen: current.version, ...diff });
}

/** How often a cache is given time to catch up. */
const MOST_CACHED_READS = 3;

function onLook(task: Task, known: Known, look: Look, at: Moment): Next {
  if (!isOpenBehindCache(task, known, look, at)) return judged(task, known, look, at);
  const settleMs = task.family.cachedReads?.settleMs ?? 0;
  const retry = notYet(task, known, look, settleMs, at);
  if (retry !== undefined) return end(known, retry);
  if (look.cached === MOST_CACHED_READS) return judged(task, known, look, at);
  return wait(known, { kind: 'cache', look }, { for: 'cache', ms: settleMs });
}

/**
 * A cache in front of the API may be behind. What it shows then settles nothing where it is the version that was sent
 * or what was wanted, where a write is in doubt, or where a transition would end on it: the record is read again.
 */
function isOpenBehindCache(task: Task, known: Known, look: Look, { now }: Moment): boolean {
  if (isProof(known)) return false;
  if (endOfTransition(task, known, now) !== undefined) return true;
  if (look.for === 'first') return false;
  const { version, values } = present(known);
  if (version === look.trouble.sentOn || isInDoubt(known.open)) return true;
  return missing(task, known, values).length === 0;
}

/** A wired loop does its own waiting for the cache. */
function notYet(
  task: Task,
  known: Known,
  look: Look,
  settleMs: number,
  { now }: Moment,
): Ending | undefined {
  const trouble = look.for === 'trouble' ? look.trouble : undefined;
  const ending = trouble?.ending ?? endOfTransition(task, known, now);
  if (ending === undefined) return undefined;
  const notBefore = now + Math.max(settleMs, trouble?.retryAfterMs ?? 0);
  const cause = trouble?.kind === 'doubt' ? 'transient' : 'noise';
  return retryOf(task.request, cause, { ...ending, notBefore });
}

function judged(task: Task, known: Known, look: Look, at: Moment): Next {
  if (look.for === 'first') {
    const isEnd = isProvenInPlace(task, known) && isDone(task, known);
    return isEnd ? follow(task, inPlace(known), look, at) : compare(task, known, at);
  }
  const settled = settle(task, looked(task, known), look.trouble, at.now);
  // A stale replica may have answered: one more read before the version counts as stuck.
  if (isStuck(settled) && isProof(known) && !look.isSecond) {
    const second = { ...look, cached: 0, isSecond: true };
    return read(task, settled.known, { kind: 'look', look: second });
  }
  return follow(task, settled, look, at);
}

/** A forced write is wanted for itself, but once only. */
function isDone(task: Task, { open }: Known): boolean {
  return !isForced(task) || isInDoubt(open);
}

function onUnread({ request }: Task, known: Known, failure: Ending): Next {
  const { awaiting } = known;
  const cause = CAUSE_OF_FAILED_READ[failure.outcome];
  const ending = (cause && retryOf(request, cause, failure)) ?? failure;
  switch (awaiting.kind) {
    case 'look':
      return end(known, ending);
    case 'accepted':
      return end(known, { ...ending, outcome: 'uncertain', verified: false });
    case 'action':
    case 'fate':
      return end(known, awaiting.ending);
    default:
      throw unexpected(known);
  }
}

const CAUSE_OF_FAILED_READ: Partial<Record<Ending['outcome'], RetryCause>> = {
  exhausted: 'throttled',
  unavailable: 'transient',
};

function onWritten(task: Task, before: Known, written: Written, at: Moment): Next {
  const { awaiting } = before;
  if (awaiting.kind !== 'answer') throw unexpected(before);
  const { known, found } = afterWrite(task, before, awaiting.plan, written, at.now);
  if ('trouble' in found) return recover(task, known, found.trouble, at);
  // An action that is not found says nothing about its record: that is gone only where a read says so, too.
  const { ending } = found;
  const isAction = task.request.action !== undefined;
  if (ending.outcome !== 'not-found' || !isAction) return endForGood(task, known, ending);
  return read(task, known, { kind: 'action', ending });
}

/**
 * A later attempt was refused for good while the fate of an earlier one is unknown: the record tells whether that
 * one is in place. Where it does not, the refusal says nothing about it.
 */
function endForGood(task: Task, known: Known, ending: Ending): Next {
  if (!isInDoubt(known.open) || ending.outcome === 'not-found') return end(known, ending);
  return read(task, known, { kind: 'fate', ending });
}

function actionMissing({ error }: Ending): Ending {
  return failed('unsupported', {
    ...error,
    code: 'ACTION_NOT_FOUND',
    message: `The record is there, the action is not (${error?.message ?? 'HTTP 404'}). Check Action, the name as the metadata of the API has it, and what its parameters refer to.`,
  });
}

/** After an attempt that did not succeed. */
function recover(task: Task, known: Known, trouble: Trouble, at: Moment): Next {
  if (trouble.kind === 'accepted') return awaitAccepted(known, trouble, 1);
  // A wired loop does its own waiting: one look at the record, then its next pass.
  if (task.request.mode === 'once')
    return lookAfter(task, known, { trouble, permit: 'used-up' }, at);
  const { retryAfterMs } = trouble;
  const cause = causeOf(trouble);
  return wait(known, { kind: 'permit', trouble }, { for: 'retry', cause, retryAfterMs });
}

/** Whether the write may go again, after a trouble: in one pass of a wired loop it never may. */
interface Chance {
  readonly trouble: Trouble;
  readonly permit: Permit;
}

/** Looks at the record where that can tell more. */
function lookAfter(task: Task, known: Known, chance: Chance, at: Moment): Next {
  const { trouble, permit } = chance;
  // Only the API knows what is still at work under its key, and tells whoever sends the same again.
  const isAtWork = trouble.kind === 'in-progress';
  const isLast = permit !== 'granted' && task.request.mode === 'resolve';
  if (trouble.kind === 'not-applied' || (isAtWork && !isLast)) {
    return goAgain(task, known, chance, 'transient', at);
  }
  const look: Look = { for: 'trouble', cached: 0, ...chance, isSecond: false };
  return read(task, known, { kind: 'look', look });
}

function goAgain(
  task: Task,
  known: Known,
  { trouble, permit }: Chance,
  cause: RetryCause,
  at: Moment,
): Next {
  if (permit === 'granted') {
    // Also a forced write, which looks the same on every version.
    const open = cause === 'noise' ? withoutKey(known.open) : known.open;
    return write(task, { ...known, open }, at);
  }
  const ending = { ...trouble.ending, ...notBefore(trouble, at) };
  const retry = retryOf(task.request, trouble.throttled ? 'throttled' : cause, ending);
  return end(known, retry ?? exhausted(known, { trouble, permit }, ending));
}

function onWaited(task: Task, known: Known, permit: Permit, at: Moment): Next {
  const { awaiting } = known;
  switch (awaiting.kind) {
    case 'permit':
      return lookAfter(task, known, { trouble: awaiting.trouble, permit }, at);
    case 'cache': {
      const { look } = awaiting;
      if (permit !== 'granted') return judged(task, known, look, at);
      return read(task, known, { kind: 'look', look: { ...look, cached: look.cached + 1 } });
    }
    case 'accepted':
      if (permit !== 'granted') return end(known, awaiting.trouble.ending);
      return read(task, known, awaiting);
    default:
      throw unexpected(known);
  }
}

function onDecided(
  task: Task,
  known: Known,
  answer: Extract<Event, { kind: 'decided' }>['answer'],
  at: Moment,
): Next {
  const { awaiting } = known;
  if (awaiting.kind !== 'decision') throw unexpected(known);
  const { look, collision } = awaiting;
  const ruled = applyAnswer(task, known, collision, answer);
  const trouble = look.for === 'trouble' ? look.trouble : undefined;
  return follow(task, settleRuled(task, ruled, trouble), look, at);
}

/** Between two looks, whatever the policy says: they are not counted, only the deadline ends them. */
const LEAST_PAUSE_MS = 100;

/** The API applies the write later (202): looks until the record shows it. Never written again meanwhile. */
function awaitAccepted(known: Known, trouble: Trouble, n: number): Next {
  const atLeastMs = Math.max(LEAST_PAUSE_MS, trouble.retryAfterMs ?? 0);
  return wait(known, { kind: 'accepted', trouble, n }, { for: 'accepted', n, atLeastMs });
}

function onAcceptedRead(
  task: Task,
  known: Known,
  { trouble, n }: Extract<Known['awaiting'], { kind: 'accepted' }>,
): Next {
  const seen = looked(task, known);
  if (isProvenInPlace(task, seen)) return end(seen, proven('updated'));
  return awaitAccepted(seen, trouble, n + 1);
}

function causeOf({ throttled, kind }: Trouble): RetryCause {
  if (throttled) return 'throttled';
  return TRANSIENT.includes(kind) ? 'transient' : 'noise';
}

const TRANSIENT: readonly Trouble['kind'][] = ['doubt', 'not-applied', 'in-progress'];

/** Retries or time ran out while the update could still have gone on. */
function exhausted(known: Known, { trouble, permit }: Chance, ending: Ending): Ending {
  const last = endOfTrouble(known, trouble, ending);
  return permit === 'no-budget' ? overBudget(last) : last;
}

function endOfTrouble(known: Known, trouble: Trouble, ending: Ending): Ending {
  if (isInDoubt(known.open)) return ending;
  // The last look settled it: the API answered with a fault and the record is as before.
  if (trouble.kind === 'doubt') {
    return { ...ending, outcome: trouble.throttled ? 'exhausted' : 'unavailable' };
  }
  return causeOf(trouble) === 'noise' ? hotRecord(known) : ending;
}

function notBefore({ retryAfterMs }: Trouble, { now }: Moment): Pick<Ending, 'notBefore'> {
  return retryAfterMs === undefined ? {} : { notBefore: now + retryAfterMs };
}

function hotRecord({ attempts }: Known): Ending {
  return failed('exhausted', {
    code: 'HOT_RECORD',
    message: `Others changed this record before each of ${attempts.length} writes, though none of these fields. Allow more retries or a longer deadline in the endpoint, or have fewer writers touch the record.`,
  });
}

function noPlace({ request }: Task, fault: Fault, { now }: Moment): Ending {
  const ending = endOfFault(fault, now);
  return retryOf(request, 'throttled', ending) ?? ending;
}

function noTurn({ request }: Task, event: Extract<Event, { kind: 'no-turn' }>): Ending {
  const why = event.isQueueFull
    ? 'Too many updates of this record are waiting already'
    : `Other updates of this record kept it busy for more than ${Math.round(event.waitedMs)} ms`;
  const ending = failed('busy', {
    code: 'TURN_NOT_GRANTED',
    message: `${why}. Allow a longer wait, or send fewer updates of one record at once.`,
  });
  return retryOf(request, 'busy', ending) ?? ending;
}

/** A step and the event that answers it do not fit: a fault of the shell. */
function unexpected({ awaiting }: Known): Error {
  return new Error(`the event does not answer "${awaiting.kind}"`);
}
