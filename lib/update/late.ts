// Reading again what may not be settled yet: a write in doubt may land, a version may still settle, a cache may be behind.
import { isWeak } from '../record/version';
import { isInDoubt, mayLandOn } from './doubt';
import { HOT_RECORD, retryOf, tellsFate, unlanded, unsteady, type Ending } from './ending';
import {
  isElsewhere,
  isProof,
  isShown,
  present,
  type Awaiting,
  type Known,
  type Reading,
  type Task,
} from './known';
import type { Settled } from './settle';
import { end, read, wait, type Moment, type Next } from './steps';
import { endOfTransition } from './transition';

/** Between two re-reads, whatever the policy says: they are not counted, only the deadline ends them. */
export const LEAST_PAUSE_MS = 100;

/**
 * The end, unless a write in doubt may still land: then the record is read again as long as there is time, though nothing
 * is sent any more. A wired loop does its own waiting.
 */
export function endOrReread(
  task: Task,
  known: Known,
  reading: Reading,
  ending: Ending,
  { now }: Moment,
): Next {
  // A first read may have failed: then nothing is known of the record.
  if (reading.for === 'first' || task.request.mode === 'once') return end(known, ending);
  if (!mayLandOn(known.doubt, present(known).version) || tellsFate(ending)) {
    return end(known, ending);
  }
  const late = reading.late + 1;
  const atLeastMs = Math.max(LEAST_PAUSE_MS, (ending.notBefore ?? now) - now);
  const next = { ...reading, cached: 0, isSecond: false, late };
  const awaiting: Awaiting = { kind: 'pause', reading: next, ending: unlanded(ending) };
  return wait(known, awaiting, { for: 'accepted', n: late, atLeastMs });
}

/**
 * The same at the end of all tries. Where others seem to have been faster every time, one more look tells whether the
 * version stays when nobody writes.
 */
export function lookOrEnd(
  task: Task,
  known: Known,
  reading: Reading,
  ending: Ending,
  at: Moment,
): Next {
  if (ending.error?.code !== HOT_RECORD || at.leftMs <= 0) {
    return endOrReread(task, known, reading, ending, at);
  }
  return read(task, known, { kind: 'hot', ending, version: present(known).version });
}

/** After that look. */
export function endOfHot(
  known: Known,
  { ending, version }: Extract<Awaiting, { readonly kind: 'hot' }>,
): Next {
  return end(known, present(known).version === version ? ending : unsteady(known.writes));
}

/** How long a server of files takes to call a file no longer just changed, and its ETag strong; a little more. */
const WEAK_MS = 1_100;

/**
 * A stale replica may have answered: one more read before a version counts as stuck. A weak one may become strong first:
 * servers of files give it for what was changed within the last second.
 */
export function readTwice(
  task: Task,
  { known, ending }: Extract<Settled, { kind: 'end' }>,
  reading: Extract<Reading, { for: 'trouble' }>,
): Next {
  const second: Reading = { ...reading, cached: 0, isSecond: true };
  if (!isWeak(present(known).version)) {
    return read(task, known, { kind: 'reading', reading: second });
  }
  return wait(known, { kind: 'pause', reading: second, ending }, { for: 'cache', ms: WEAK_MS });
}

/** How often a cache is given time to catch up. */
const MOST_CACHED_READS = 3;

/** What comes before the record may be judged as a cache shows it; undefined: nothing. */
export function whileCached(
  task: Task,
  known: Known,
  reading: Reading,
  at: Moment,
): Next | undefined {
  if (!mayBeBehind(task, known, reading, at)) return undefined;
  const staleMs = task.family.cachedReads?.staleMs ?? 0;
  const retry = notYet(task, known, reading, staleMs, at);
  if (retry !== undefined) return end(known, retry);
  if (reading.cached === MOST_CACHED_READS) return undefined;
  return wait(known, { kind: 'cache', reading }, { for: 'cache', ms: staleMs });
}

/**
 * A cache in front of the API may be behind. What it shows then tells nothing where it is the version that was sent
 * or what was wanted, where a write is in doubt, or where a transition would end on it: the record is read again.
 */
function mayBeBehind(task: Task, known: Known, reading: Reading, { now }: Moment): boolean {
  if (isProof(known)) return false;
  if (endOfTransition(task, known, now) !== undefined) return true;
  if (reading.for !== 'trouble') return isElsewhere(known);
  const { version } = present(known);
  if (version === reading.trouble.sentOn || isInDoubt(known.doubt)) return true;
  return isShown(task, known);
}

/** A wired loop does its own waiting for the cache. */
function notYet(
  task: Task,
  known: Known,
  reading: Reading,
  pauseMs: number,
  { now }: Moment,
): Ending | undefined {
  const trouble = reading.for === 'trouble' ? reading.trouble : undefined;
  const ending = trouble?.ending ?? endOfTransition(task, known, now);
  if (ending === undefined) return undefined;
  const notBefore = now + Math.max(pauseMs, trouble?.retryAfterMs ?? 0);
  const cause = trouble?.kind === 'doubt' ? 'transient' : 'noise';
  return retryOf(task.request, cause, { ...ending, notBefore });
}
