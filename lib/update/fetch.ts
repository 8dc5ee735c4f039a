import type { UpdateResult } from '../outcome/outcome';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import type { ReadContext } from './context';
import { Patience } from './patience';
import { readRecord } from './perform';
import { StopError } from '../errors';

/** What a read for its own sake brought. */
export type Fetched = { readonly snapshot: Snapshot } | { readonly result: UpdateResult };

/** Reads one record with its version; waits when the API throttles. Throws StopError when `context.stop` fires. */
export async function fetchRecord(
  ref: RecordRef,
  fields: readonly string[] | undefined,
  context: ReadContext,
): Promise<Fetched> {
  const startedAt = context.time.monotonic();
  const patience = new Patience(context);
  try {
    const read = await readRecord(ref, context, { fields, patience, patiently: true });
    if ('snapshot' in read) return { snapshot: read.snapshot };
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
