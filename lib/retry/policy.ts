/** Why something is tried again. */
export type RetryCause = 'noise' | 'throttled' | 'transient' | 'busy';

/** How long to wait before each retry, before jitter. All times in milliseconds. */
export type Schedule =
  | {
      readonly kind: 'exponential';
      /** `round-trip`: start near the observed round trip of the API. */
      readonly baseMs: number | 'round-trip';
      readonly factor: number;
      readonly capMs: number;
    }
  /** The last entry repeats. */
  | { readonly kind: 'list'; readonly waitsMs: readonly number[] };

export type Jitter =
  | { readonly kind: 'full' } // uniform between 0 and the wait
  | { readonly kind: 'equal' } // uniform between half the wait and the wait
  | { readonly kind: 'decorrelated' } // uniform between the first wait and three times the wait before, up to the longest
  | { readonly kind: 'percent'; readonly percent: number } // wait ± percent
  | { readonly kind: 'none' };

/** An immutable retry policy. Noise conflicts and transient faults are counted apart; the deadline bounds both. */
export interface RetryPolicy {
  readonly conflictRetries: number;
  readonly transientRetries: number;
  /** For the whole update: lock wait, token, reads, writes and waits. */
  readonly deadlineMs: number;
  readonly requestTimeoutMs: number;
  readonly schedule: Schedule;
  /** Every wait of the schedule is multiplied by it, also its first and its longest; absent: 1. */
  readonly waitFactor?: number;
  /** Waits after noise are so many times as long, as far as the time that is left allows; absent: 1. */
  readonly stretch?: number;
  readonly jitter: Jitter;
  /** The first rebase after a noise conflict goes at once, because its snapshot is fresh. */
  readonly firstAtOnce: boolean;
}

export const DEFAULT_POLICY: RetryPolicy = {
  conflictRetries: 8,
  transientRetries: 4,
  deadlineMs: 30_000,
  requestTimeoutMs: 10_000,
  schedule: { kind: 'exponential', baseMs: 'round-trip', factor: 2, capMs: 2_000 },
  jitter: { kind: 'full' },
  firstAtOnce: true,
};
