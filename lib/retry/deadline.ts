import { MAX_TIMER_MS, type Time } from './time';

/** The time one update may take. */
export interface Deadline {
  /** Milliseconds left, never negative. */
  remainingMs(): number;
  /** Whether a wait of that length ends before the deadline and can be slept at all. */
  allows(delayMs: number): boolean;
}

/** A deadline from now on. Runs on monotonic time: setting the clock neither shortens nor stretches it. */
export function deadlineAfter(ms: number, time: Pick<Time, 'monotonic'>): Deadline {
  const endsAt = time.monotonic() + ms;
  const remainingMs = (): number => Math.max(0, endsAt - time.monotonic());
  return {
    remainingMs,
    allows: delayMs => delayMs < remainingMs() && delayMs <= MAX_TIMER_MS,
  };
}
