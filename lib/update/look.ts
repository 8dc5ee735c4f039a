import type { Snapshot } from '../record/snapshot';
import type { Ending } from './ending';
import { readRecord } from './read-record';
import type { Run } from './run';
import { settle, type Settled } from './settle';
import { endOfTransition } from './transition';
import type { Trouble } from './write-record';

/** Reads the record into `run.current`. An ending when it cannot be had. */
export async function readNow(run: Run): Promise<Ending | undefined> {
  const read = await readRecord(run.request.ref, run.context, {
    fields: run.fieldsToRead(),
    patience: run.patience,
    waitWhenThrottled: run.request.mode === 'resolve',
    onRead: () => {
      run.reads++;
      run.context.onPhase?.('reading');
    },
    onHeld: why => run.context.onPhase?.(why),
  });
  if ('ending' in read) return afterFailedRead(run, read.ending);
  run.current = read.snapshot;
  run.readAnswer = read.answer;
  return undefined;
}

/** The snapshot that a successful `readNow` or the message brought. */
export function present(run: Run): Snapshot {
  if (run.current === undefined) throw new Error('no snapshot of the record');
  return run.current;
}

/** Looks at the record after an attempt that did not succeed, where that can tell more. */
export async function look(run: Run, trouble: Trouble): Promise<Settled> {
  if (trouble.kind === 'not-applied') return { again: 'transient' };
  const settled = await lookOnce(run, trouble);
  // A stale replica may have answered: one more read before the version counts as stuck.
  return isStuck(settled) && !run.readFromCache() ? lookOnce(run, trouble) : settled;
}

async function lookOnce(run: Run, trouble: Trouble): Promise<Settled> {
  const end = await readPastCache(run, trouble);
  if (end !== undefined) return { end };
  run.saw(present(run));
  return settle(run, trouble, present(run));
}

/** How often a cache is given time to catch up. */
const MOST_CACHED_READS = 3;

/**
 * A cache in front of the API may be behind. What it shows then settles nothing where it is the version that was sent
 * or what was wanted, where a write is in doubt, or where a transition would end on it: the record is read again.
 * @param trouble undefined before the first write
 */
export async function readPastCache(run: Run, trouble?: Trouble): Promise<Ending | undefined> {
  const { family, time } = run.context;
  const settleMs = family.cachedReads?.settleMs ?? 0;
  for (let cached = 0; ; cached++) {
    const end = await readNow(run);
    if (end !== undefined || !isOpenBehindCache(run, trouble)) return end;
    const pauseMs = Math.max(settleMs, trouble?.retryAfterMs ?? 0);
    if (run.request.mode === 'once') return notYet(run, trouble, time.now() + pauseMs);
    if (cached === MOST_CACHED_READS || !(await run.patience.pause(settleMs))) return undefined;
  }
}

function isOpenBehindCache(run: Run, trouble: Trouble | undefined): boolean {
  if (!run.readFromCache()) return false;
  const current = present(run);
  if (endOfTransition(run, current) !== undefined) return true;
  if (trouble === undefined) return false;
  const { version, values } = current;
  return version === trouble.sentOn || run.doubt !== undefined || run.missing(values).length === 0;
}

/** A wired loop does its own waiting. */
function notYet(run: Run, trouble: Trouble | undefined, notBefore: number): Ending {
  const cause = trouble?.kind === 'doubt' ? 'transient' : 'noise';
  const ending = trouble?.ending ?? endOfTransition(run, present(run));
  return { ...ending, outcome: 'retry', verified: false, cause, notBefore };
}

function isStuck(settled: Settled): boolean {
  return 'end' in settled && settled.end.error?.code === 'VERSION_NOT_PROGRESSING';
}

function afterFailedRead(run: Run, ending: Ending): Ending {
  if (run.request.mode === 'once') {
    if (ending.outcome === 'exhausted') return { ...ending, outcome: 'retry', cause: 'throttled' };
    if (ending.outcome === 'unavailable')
      return { ...ending, outcome: 'retry', cause: 'transient' };
  }
  // A record that is gone holds no write of ours; anything else leaves the fate of that write open.
  if (run.doubt === undefined || ending.outcome === 'not-found') return ending;
  return { ...ending, outcome: 'uncertain', verified: false };
}
