import { StopError } from '../errors';
import type { Answer, Fault } from '../outcome/answer';
import type { UpdateResult } from '../outcome/outcome';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import type { ReadContext } from './context';
import { endOfFault } from './ending';
import type { Durations, ReadOutcome } from './known';
import { Patience } from './patience';
import { readRecord, type ReadOptions } from './perform';

/** What a read for its own sake brought. */
export type Fetched =
  { readonly snapshot: Snapshot; readonly answer: Answer } | { readonly result: UpdateResult };

/**
 * Reads one record with its version; waits for its place, and when the API throttles. Throws InputError `QUEUE_FULL`,
 * and StopError when `context.stop` fires.
 */
export async function fetchRecord(
  ref: RecordRef,
  fields: readonly string[] | undefined,
  context: ReadContext,
): Promise<Fetched> {
  const { onPhase, stop } = context;
  const patience = new Patience(context, onPhase);
  try {
    const fault = await patience.begin();
    // The endpoint may be closed a moment before the node is.
    if (fault?.code === 'ABORTED') throw stoppedBefore(ref);
    const read =
      fault === undefined
        ? await readCaughtUp(ref, context, { fields, patience, patiently: true, onPhase })
        : notBegun(fault, context);
    if ('snapshot' in read) {
      return { snapshot: withTransition(read.snapshot, context), answer: read.answer };
    }
    return { result: resultOf(ref, read, patience.durations()) };
  } catch (error) {
    throw stop.aborted && !(error instanceof StopError) ? stoppedBefore(ref) : error;
  } finally {
    patience.place?.leave();
  }
}

/** For transition-guard, which sees no more of the record than its snapshot. */
function withTransition(snapshot: Snapshot, { ownWrites }: ReadContext): Snapshot {
  const transition = ownWrites?.transitionTo(snapshot);
  return transition === undefined ? snapshot : { ...snapshot, transition };
}

/** How often a cache is given time to catch up. */
const MOST_CACHED_READS = 3;

/** What a cache shows from before our own latest write is read again, as long as it may be behind. */
async function readCaughtUp(
  ref: RecordRef,
  context: ReadContext,
  options: ReadOptions,
): Promise<ReadOutcome> {
  const { family, ownWrites, time } = context;
  const { cachedReads } = family;
  for (let reads = 0; ;) {
    const read = await readRecord(ref, context, options);
    reads += read.reads;
    const last = { ...read, reads };
    if (last.kind === 'unread' || cachedReads?.isCached(last.answer) !== true) return last;
    const { answer, snapshot } = last;
    const isBehind = ownWrites?.mayBeNewerThan(answer, ref.url, snapshot.version, time.now());
    if (isBehind !== true || reads > MOST_CACHED_READS) return last;
    const permit = await options.patience.wait({ for: 'cache', ms: cachedReads.staleMs });
    if (permit !== 'granted') return last;
  }
}

type Unread = Extract<ReadOutcome, { readonly kind: 'unread' }>;

function notBegun(fault: Fault, { time }: ReadContext): Unread {
  return { kind: 'unread', ending: endOfFault(fault, time.now()), reads: 0 };
}

function resultOf(
  { key }: RecordRef,
  { ending: { notBefore, ...ending }, reads }: Unread,
  { durationMs, queuedMs }: Durations,
): UpdateResult {
  return {
    ...ending,
    key,
    attempts: [],
    reads,
    retries: Math.max(0, reads - 1),
    durationMs: Math.round(durationMs),
    ...(queuedMs === undefined ? {} : { queuedMs: Math.round(queuedMs) }),
    ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore).toISOString() }),
  };
}

function stoppedBefore({ key }: RecordRef): StopError {
  return new StopError(
    'STOPPED',
    `The flow was stopped before record ${JSON.stringify(key)} was read.`,
  );
}
