/** Time as an argument, so that tests own it. */
export interface Time {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go back; only differences mean something. */
  monotonic(): number;
  /** Resolves after `ms`, rejects with the signal's reason when aborted. Refuses more than 2^31-1 ms (a timer would fire at once). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
