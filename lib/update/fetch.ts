import { StopError } from '../errors';
import type { Fault } from '../outcome/answer';
import type { UpdateResult } from '../outcome/outcome';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import type { ReadContext } from './context';
import { endOfFault } from './ending';
import type { Durations, ReadOutcome } from './known';
import { Patience } from './patience';
import { readRecord } from './perform';

/** What a read for its own sake brought. */
export type Fetched = { readonly snapshot: Snapshot } | { readonly result: UpdateResult };

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
        ? await readRecord(ref, context, { fields, patience, patiently: true, onPhase })
        : notBegun(fault, context);
    if ('snapshot' in read) return { snapshot: read.snapshot };
    return { result: resultOf(ref, read, patience.durations()) };
  } catch (error) {
    throw stop.aborted && !(error instanceof StopError) ? stoppedBefore(ref) : error;
  } finally {
    patience.place?.leave();
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
