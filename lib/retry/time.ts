/** Time as an argument, so that tests own it. */
export interface Time {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go back; only differences mean something. */
  monotonic(): number;
  /** Resolves after `ms`, rejects with the signal's reason when aborted. Refuses more than 2^31-1 ms (a timer would fire at once). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay of a timer; a longer one fires after 1 ms. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Throws RangeError unless a timer can wait that long. */
export function checkTimerMs(name: string, ms: number): void {
  if (!(ms >= 0 && ms <= MAX_TIMER_MS)) {
    throw new RangeError(`${name} must be between 0 and ${MAX_TIMER_MS} ms, not ${ms}`);
  }
}

export const systemTime: Time = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
};

let latest = { ms: Number.NaN, text: '' };
let before = latest;

/**
 * ISO 8601, UTC, with milliseconds. Remembers the latest two, because in one millisecond many are written down, of now
 * and of when a request left; what it gives depends on its argument alone.
 */
export function isoTimestamp(ms: number): string {
  if (latest.ms === ms) return latest.text;
  const given = before.ms === ms ? before : { ms, text: new Date(ms).toISOString() };
  before = latest;
  latest = given;
  return given.text;
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  checkTimerMs('sleep', ms);
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Calls back once after `ms` and returns what cancels that. */
export type SetTimer = (callback: () => void, ms: number) => () => void;

/** A timer that does not keep the process running. */
export const setUnrefTimer: SetTimer = (callback, ms) => {
  const timer = setTimeout(callback, ms).unref();
  return () => {
    clearTimeout(timer);
  };
};

/** The time one update may take. */
export interface Deadline {
  /** Milliseconds left, never negative. */
  remainingMs(): number;
  /** Whether a wait of that length ends before the deadline and can be slept at all. */
  allows(delayMs: number): boolean;
}

/** A deadline from now on. Runs on monotonic time: setting the clock neither shortens nor stretches it. */
export function deadlineAfter(ms: number, time: Pick<Time, 'monotonic'>): Deadline {
  return new MonotonicDeadline(time.monotonic() + ms, time);
}

class MonotonicDeadline implements Deadline {
  constructor(
    private readonly endsAt: number,
    private readonly time: Pick<Time, 'monotonic'>,
  ) {}

  remainingMs(): number {
    return Math.max(0, this.endsAt - this.time.monotonic());
  }

  allows(delayMs: number): boolean {
    return delayMs < this.remainingMs() && delayMs <= MAX_TIMER_MS;
  }
}
