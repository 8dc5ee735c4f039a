// Reading again what may not be settled yet: a write in doubt may land, a version may still settle, a cache may be behind.
import { isWeak } from '../record/version';
import { isInDoubt, mayLandOn } from './doubt';
import { HOT_RECORD, tellsFate, unlanded, unsteady, type Ending } from './ending';
import { isProof, present, type Awaiting, type Known, type Reading, type Task } from './known';
import type { Settled } from './settle';
import { end, read, wait, type Moment, type Next } from './steps';

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

/** Nobody has decided on what only a cache has shown: the first fresh read takes the place of such a baseline. */
export function rebased(known: Known): Known {
  if (!known.isBaseCached || !isProof(known) || isInDoubt(known.doubt)) return known;
  const base = present(known);
  return { ...known, base, firstBase: base, isBaseCached: false };
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
