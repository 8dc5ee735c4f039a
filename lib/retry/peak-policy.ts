import { isPeak, type PeakHours } from './peak';
import type { RetryPolicy } from './policy';

/** What is different in peak hours. */
export interface PeakChanges {
  readonly conflictRetries: number;
  readonly deadlineMs: number;
  /** All waits are multiplied by it. */
  readonly waitFactor: number;
}

/** The policy for peak hours: more retries, longer waits, more time. */
export function peakPolicy(normal: RetryPolicy, changes: PeakChanges): RetryPolicy {
  const { conflictRetries, deadlineMs, waitFactor } = changes;
  return { ...normal, conflictRetries, deadlineMs, waitFactor };
}

export interface PolicyHours {
  readonly normal: RetryPolicy;
  readonly peak: RetryPolicy;
  readonly hours: PeakHours;
}

const MINUTE_MS = 60_000;

/**
 * The policy for a moment in milliseconds since the epoch. The time zone is worked out at most once per minute:
 * peak hours begin and end on full minutes.
 */
export function policyByHour({ normal, peak, hours }: PolicyHours): (now: number) => RetryPolicy {
  let latestMinute: number | undefined;
  let policy = normal;
  return now => {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== latestMinute) {
      policy = isPeak(hours, now) ? peak : normal;
      latestMinute = minute;
    }
    return policy;
  };
}
