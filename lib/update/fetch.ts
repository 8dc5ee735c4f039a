import type { Answer } from '../outcome/answer';
import type { UpdateResult } from '../outcome/outcome';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import type { ReadContext } from './context';
import type { ReadOutcome } from './known';
import { Patience } from './patience';
import { readRecord, type ReadOptions } from './perform';
import { StopError } from '../errors';

/** What a read for its own sake brought. */
export type Fetched =
  { readonly snapshot: Snapshot; readonly answer: Answer } | { readonly result: UpdateResult };

/** Reads one record with its version; waits when the API throttles. Throws StopError when `context.stop` fires. */
export async function fetchRecord(
  ref: RecordRef,
  fields: readonly string[] | undefined,
  context: ReadContext,
): Promise<Fetched> {
  const startedAt = context.time.monotonic();
  const patience = new Patience(context);
  try {
    const read = await readCaughtUp(ref, context, { fields, patience, patiently: true });
    if ('snapshot' in read) return { snapshot: read.snapshot, answer: read.answer };
    const { notBefore, ...ending } = read.ending;
    return {
      result: {
        ...ending,
        key: ref.key,
        attempts: [],
        reads: read.reads,
        retries: read.reads - 1,
        durationMs: Math.round(context.time.monotonic() - startedAt),
        ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore).toISOString() }),
      },
    };
  } catch (error) {
    if (!context.stop.aborted) throw error;
    throw new StopError(
      'STOPPED',
      `The flow was stopped before record ${JSON.stringify(ref.key)} was read.`,
    );
  }
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
