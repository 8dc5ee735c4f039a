import type { CounterMemory } from './counter-memory';
import type { HourCounts } from './hourly-counts';

/** What was counted of one record type in one hour. */
export interface CountedHour extends HourCounts {
  readonly type: string;
  /** Hours since the epoch (UTC). */
  readonly hour: number;
}

/** Where the counters of one endpoint are kept for 90 days: in this process with a journal or without, or in Redis. */
export interface CounterStore {
  /**
   * Keeps these hours in the place of what the same run has saved of them; safe to be done again. Resolves once they are
   * stored. Rejects as the store does: StoreUnavailable, InputError.
   */
  save(hours: readonly CountedHour[]): Promise<void>;
  /** What all runs have saved, added up. Rejects like `save`. */
  read(): Promise<CounterMemory>;
  /** What was known when it was read last. */
  readonly known: CounterMemory;
  close(): Promise<void>;
}

export const HOUR_MS = 3_600_000;

export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS);
}
