import { lastChangeOf } from '../api/noted';
import { InputError } from '../errors';
import type { RetryCause } from '../retry/policy';
import { isOnChain, isRefusedOnChain, knownOnChain, onlyToWrite, readAfresh } from './chain';
import type { ChainedRecord } from './chains';
import { isInDoubt, isUnseen, seenUnmoved, versionInDoubt, withoutIdempotencyKey } from './doubt';
import {
  actionMissing,
  overBudget,
  proven,
  retryOf,
  untried,
  type Ending,
  VERSION_UNCHECKED,
  type Untried,
} from './ending';
import { endOfHot, endOrReread, LEAST_PAUSE_MS, lookOrEnd, readTwice, whileCached } from './late';
import {
  diffOf,
  isElsewhere,
  isForced,
  isProof,
  isProvenInPlace,
  missing,
  present,
  rebased,
  showsAll,
  targetsOf,
  writesFromRead,
  type Known,
  type Reading,
  type Permit,
  type ReadOutcome,
  type Task,
  type Trouble,
} from './known';
import { computedChanges } from './request';
import {
  applyAnswer,
  endOfAccepted,
  inPlace,
  isStuck,
  settle,
  settleBefore,
  settleRuled,
  viewOf,
  type Settled,
} from './settle';
import { end, fail, read, stop, wait, write, type Moment, type Next } from './steps';
import { endOfTransition } from './transition';
import {
  afterWrite,
  asStored,
  causeOf,
  endOfTrouble,
  withLatestAttempt,
  type Written,
} from './write';

/** What the shell brings back. */
export type Event =
  /** It is the update's turn, straight after another one, which has left what its write has returned. */
  | { readonly kind: 'begun'; readonly chained?: ChainedRecord }
  | Untried
  | ReadOutcome
  | Written
  | { readonly kind: 'waited'; readonly permit: Permit }
  | {
      readonly kind: 'decided';
      readonly answer: { readonly decision: unknown } | { readonly failure: string };
    }
  | {
      readonly kind: 'computed';
      readonly answer:
        | {
            readonly changes: unknown;
            /** For the stamp field; unique. */
            readonly token: string;
          }
        | { readonly error: InputError };
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
      return begin(task, known, event.chained, at);
    case 'read':
      return onRead(task, seenBy(task, known, event), at);
    case 'unread':
      return onUnread(task, counted(known, event.reads), event.ending, at);
    case 'written':
      return onWritten(task, known, event, at);
    case 'waited':
      return onWaited(task, known, event.permit, at);
    case 'decided':
      return onDecided(task, known, event.answer, at);
    case 'computed':
      return onlyToWrite(task, onComputed(task, known, event.answer, at));
    case 'stopped':
      return { known, step: stop(task, known) };
    default:
      return end(known, untried(task.request, event, at.now));
  }
}

function begin(task: Task, known: Known, chained: ChainedRecord | undefined, at: Moment): Next {
  if (task.family.unchecked === true && !isForced(task)) return end(known, VERSION_UNCHECKED);
  const onChain = chained && knownOnChain(task, known, chained);
  if (onChain !== undefined) return onlyToWrite(task, compare(task, onChain, at));
  return needsRead(task, known, at)
    ? read(task, known, { kind: 'reading', reading: FIRST })
    : compare(task, known, at);
}

/**
 * Whether the message's snapshot is not enough: it does not show all that a comparison needs, it cannot tell
 * what became of an attempt in doubt, or the update would end on it, which may be behind.
 */
function needsRead(task: Task, known: Known, { now }: Moment): boolean {
  if (known.latest === undefined || writesFromRead(task)) return true;
  // A snapshot of the message may have been altered on its way, or lack a field that the expression uses.
  if (task.request.computation !== undefined) return true;
  if (
    isUnseen(known.doubt) ||
    isElsewhere(known) ||
    !showsAll(task, known, known.latest.snapshot)
  ) {
    return true;
  }
  return isProvenInPlace(task, known) || endOfTransition(task, known, now) !== undefined;
}

/** Whatever happened between the baseline and the snapshot to write on is judged before the write. */
function compare(task: Task, before: Known, at: Moment): Next {
  const known = withBase(before);
  const isUnmoved = versionInDoubt(known.doubt) === present(known).version;
  const seen = isUnmoved ? { ...known, doubt: seenUnmoved(known.doubt, isProof(known)) } : known;
  return follow(task, settleBefore(task, seen, at.now), FIRST, at);
}

const FIRST: Reading = { for: 'first', cached: 0 };

/**
 * The first snapshot is the baseline unless there is one. Of the same version, it adds the fields that were not read.
 */
function withBase(known: Known): Known {
  const snapshot = present(known);
  const { base = snapshot } = known;
  if (base === snapshot || base.version !== snapshot.version) {
    const isBaseProvisional = known.base === undefined && !isProof(known);
    return { ...known, base, firstBase: base, isBaseProvisional };
  }
  const whole = { ...base, values: { ...snapshot.values, ...base.values } };
  return { ...known, base: whole, firstBase: whole };
}

function follow(task: Task, settled: Settled, reading: Reading, at: Moment): Next {
  const { known } = settled;
  switch (settled.kind) {
    case 'end':
      return endOrReread(task, known, reading, settled.ending, at);
    case 'ask': {
      const { decide, collision } = settled;
      const view = viewOf(task, known, collision);
      const awaiting = { kind: 'decision', reading, collision } as const;
      return { known: { ...known, awaiting }, step: { kind: 'ask', decide, view } };
    }
    case 'again':
      return reading.for === 'trouble'
        ? goAgain(task, known, reading, settled.cause, at)
        : write(task, known, at);
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
    case 'reading':
      return onReading(task, known, awaiting.reading, at);
    case 'accepted':
      return onAcceptedRead(task, known, awaiting);
    case 'action':
      return endForGood(task, reread(task, known), actionMissing(awaiting.ending));
    case 'hot':
      return endOfHot(known, awaiting);
    default:
      throw unexpected(known);
  }
}

/** The record as the re-read after the latest attempt found it. */
function reread(task: Task, known: Known): Known {
  const current = present(known);
  const diff = task.withDiffs ? { diff: diffOf(task, known, current) } : undefined;
  const change = lastChangeOf(task.family, current, known.attempts.at(-1)?.versionSent);
  return withLatestAttempt(known, { versionSeen: current.version, ...diff, ...change });
}

function onReading(task: Task, known: Known, reading: Reading, at: Moment): Next {
  return whileCached(task, known, reading, at) ?? judged(task, known, reading, at);
}

function judged(task: Task, known: Known, reading: Reading, at: Moment): Next {
  if (reading.for === 'fate') {
    const seen = reread(task, known);
    const ending = isProvenInPlace(task, seen) ? proven('already-applied') : reading.ending;
    return endOrReread(task, seen, reading, ending, at);
  }
  if (reading.for === 'first') {
    const isEnd = isProvenInPlace(task, known) && isDone(task, known) && !isCompared(task, known);
    return isEnd ? follow(task, inPlace(known), reading, at) : compare(task, known, at);
  }
  const settled = settle(task, rebased(reread(task, known)), reading.trouble, at.now);
  return isStuck(settled) && isProof(known) && !reading.isSecond
    ? readTwice(task, settled, reading)
    : follow(task, settled, reading, at);
}

/** Whether the record is to be compared with a baseline: that says whether the same value ends the update. */
function isCompared(task: Task, known: Known): boolean {
  const { base } = known;
  return !isForced(task) && base !== undefined && base.version !== present(known).version;
}

/** A forced write is wanted for itself, but once only. */
function isDone(task: Task, { doubt }: Known): boolean {
  return !isForced(task) || isInDoubt(doubt);
}

function onUnread(task: Task, known: Known, failure: Ending, at: Moment): Next {
  const { request } = task;
  const { awaiting } = known;
  const cause = CAUSE_OF_FAILED_READ[failure.outcome];
  const ending = (cause && retryOf(request, cause, failure)) ?? failure;
  switch (awaiting.kind) {
    case 'reading': {
      const mayReread = cause !== undefined && isInDoubt(known.doubt);
      return mayReread
        ? endOrReread(task, known, awaiting.reading, ending, at)
        : end(known, ending);
    }
    case 'accepted':
      return end(known, { ...ending, outcome: 'uncertain', verified: false });
    case 'action':
    case 'hot':
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
  if ('trouble' in found) {
    const { trouble } = found;
    if (isRefusedOnChain(known, trouble)) return readAfresh(task, known);
    return recover(task, known, trouble, at);
  }
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
  if (!isInDoubt(known.doubt) || ending.outcome === 'not-found') return end(known, ending);
  const reading: Reading = { for: 'fate', cached: 0, ending, late: 0 };
  return read(task, known, { kind: 'reading', reading });
}

/** After an attempt that did not succeed. */
function recover(task: Task, known: Known, trouble: Trouble, at: Moment): Next {
  if (trouble.kind === 'accepted') return awaitAccepted(known, trouble, 1);
  // A wired loop does its own waiting: one re-read, then its next pass.
  if (task.request.mode === 'once') {
    return rereadAfter(task, known, { trouble, permit: 'used-up', late: 0 }, at);
  }
  const { retryAfterMs } = trouble;
  const cause = causeOf(trouble);
  return wait(known, { kind: 'permit', trouble }, { for: 'retry', cause, retryAfterMs });
}

/** Whether the write may go again, after a trouble: in one pass of a wired loop it never may. */
interface Chance {
  readonly trouble: Trouble;
  readonly permit: Permit;
  readonly late: number;
}

/** Re-reads the record where that can tell more. */
function rereadAfter(task: Task, known: Known, chance: Chance, at: Moment): Next {
  const { trouble, permit } = chance;
  // Only the API knows what is still at work under its key, and tells whoever sends the same again.
  const isAtWork = trouble.kind === 'in-progress';
  const isLast = permit !== 'granted' && task.request.mode === 'resolve';
  if (trouble.kind === 'not-applied' || (isAtWork && !isLast)) {
    return goAgain(task, known, chance, 'transient', at);
  }
  const reading: Reading = { for: 'trouble', cached: 0, ...chance, isSecond: false };
  return read(task, known, { kind: 'reading', reading });
}

function goAgain(task: Task, known: Known, chance: Chance, cause: RetryCause, at: Moment): Next {
  const { trouble, permit, late } = chance;
  if (permit === 'granted') {
    // Also a forced write, which looks the same on every version.
    const doubt = cause === 'noise' ? withoutIdempotencyKey(known.doubt) : known.doubt;
    return write(task, { ...known, doubt }, at);
  }
  const ending = { ...trouble.ending, ...notBefore(trouble, at) };
  const retry = retryOf(task.request, trouble.throttled ? 'throttled' : cause, ending);
  if (retry !== undefined) return end(known, retry);
  const last = exhausted(known, chance, ending);
  const reading: Reading = { for: 'trouble', cached: 0, trouble, permit, isSecond: false, late };
  return lookOrEnd(task, known, reading, last, at);
}

function onWaited(task: Task, known: Known, permit: Permit, at: Moment): Next {
  const { awaiting } = known;
  switch (awaiting.kind) {
    case 'permit':
      return rereadAfter(task, known, { trouble: awaiting.trouble, permit, late: 0 }, at);
    case 'cache': {
      const { reading } = awaiting;
      if (permit !== 'granted') return judged(task, known, reading, at);
      return read(task, known, {
        kind: 'reading',
        reading: { ...reading, cached: reading.cached + 1 },
      });
    }
    case 'pause': {
      const { reading, ending } = awaiting;
      if (permit !== 'granted') return end(known, ending);
      return read(task, known, { kind: 'reading', reading });
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
  const { reading, collision } = awaiting;
  const ruled = applyAnswer(task, known, collision, answer);
  const trouble = reading.for === 'trouble' ? reading.trouble : undefined;
  return follow(task, settleRuled(task, ruled, trouble), reading, at);
}

/** The API applies the write later (202): re-reads until the record shows it. Never written again meanwhile. */
function awaitAccepted(known: Known, trouble: Trouble, n: number): Next {
  const atLeastMs = Math.max(LEAST_PAUSE_MS, trouble.retryAfterMs ?? 0);
  return wait(known, { kind: 'accepted', trouble, n }, { for: 'accepted', n, atLeastMs });
}

function onAcceptedRead(
  task: Task,
  known: Known,
  { trouble, n }: Extract<Known['awaiting'], { kind: 'accepted' }>,
): Next {
  const seen = reread(task, known);
  const { version, values } = present(seen);
  // What the answer named is there: applied, however the API stores the values.
  if (isProof(seen) && version === trouble.named && version !== trouble.sentOn) {
    return end(seen, asStored(task, seen, values, known.base?.values ?? values));
  }
  if (isProvenInPlace(task, seen)) return end(seen, endOfAccepted(task, seen));
  return awaitAccepted(seen, trouble, n + 1);
}

/**
 * The changes for the version seen last. They may be in place already, on a version that nothing was written
 * on.
 */
function onComputed(
  task: Task,
  before: Known,
  answer: Extract<Event, { kind: 'computed' }>['answer'],
  at: Moment,
): Next {
  if (before.awaiting.kind !== 'changes') throw unexpected(before);
  if ('error' in answer) return fail(before, answer.error);
  const computed = computedChanges(answer.changes, task.request, task.family);
  if (computed instanceof InputError) return fail(before, computed);
  const known: Known = {
    ...before,
    toSend: computed,
    targets: targetsOf(computed, task.family),
    computedOn: { version: present(before).version, token: answer.token },
  };
  const isInPlace = missing(task, known, present(known).values).length === 0;
  // On a chain it only looks so: `onlyToWrite` has it read.
  const isSeen = isProof(known) || isOnChain(known);
  if (isInPlace && isSeen && !isInDoubt(known.doubt)) return end(known, proven('unchanged'));
  return write(task, known, at);
}

/** Retries or time ran out while the update could still have gone on. */
function exhausted(known: Known, { trouble, permit }: Chance, ending: Ending): Ending {
  const last = endOfTrouble(known, trouble, ending);
  return permit === 'no-budget' ? overBudget(last) : last;
}

function notBefore({ retryAfterMs }: Trouble, { now }: Moment): Pick<Ending, 'notBefore'> {
  return retryAfterMs === undefined ? {} : { notBefore: now + retryAfterMs };
}

/** A step and the event that answers it do not fit: a fault of the shell. */
function unexpected({ awaiting }: Known): Error {
  return new Error(`the event does not answer "${awaiting.kind}"`);
}
