import { StoreUnavailable } from '../redis/faults';
import type { SlotChange } from './queue-store';

/** Late-comers are known as such for so long after the last update of their record. */
const MEMORY_MS = 24 * 3_600_000;

const NOTHING: readonly never[] = [];
const NO_COUNT = {};

/** Whoever asks again with the same id gets the same answer: once is no outage yet. */
export function again<T>(ask: () => Promise<T>): Promise<T> {
  return ask().catch((error: unknown) => {
    if (error instanceof StoreUnavailable) return ask();
    throw error;
  });
}

/** @param conditions further ones, and what ends with it */
export function changeOf(
  record: string,
  { id, revision, at, remove = 0, add = NOTHING, memory, count = NO_COUNT }: Partial<SlotChange>,
  { limit, ends }: Pick<Partial<SlotChange>, 'limit' | 'ends'> = {},
): SlotChange {
  // Written out: every update goes through here, and spreads cost a visible share of it.
  return {
    record,
    id,
    revision,
    at,
    remove,
    add,
    memory,
    memoryMs: MEMORY_MS,
    limit,
    ends,
    count,
  };
}
