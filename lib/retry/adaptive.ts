import { conflictRate, isContended, RecentCounts, type ConflictRates } from './conflict-rate';
import type { RetryPolicy } from './policy';

/** When retries follow the rate, and when no longer. */
const RATES: ConflictRates = { from: 0.3, to: 0.15 };
/** From this rate on they are at their bounds. */
const FULL_RATE = 0.6;
/** At most so many times the retries that are set, and so many times their waits. */
const MOST_RETRIES = 2;
const MOST_WAITS = 4;

/** How often the updates of one endpoint meet conflicts, and the policy that follows from that. Times: one steady clock. */
export class ConflictMeter {
  private readonly recent = new RecentCounts();
  private wasContended = false;

  /** One update is over, at this time. */
  add(now: number, metConflict: boolean): void {
    this.recent.add(now, { settled: 1, conflicts: metConflict ? 1 : 0 });
  }

  /** The policy for an update that begins at this time. */
  adapted(policy: RetryPolicy, now: number): RetryPolicy {
    const recent = this.recent.sum(now);
    this.wasContended = isContended(recent, RATES, this.wasContended);
    return this.wasContended ? adaptedTo(conflictRate(recent), policy) : policy;
  }
}

/**
 * The policy at a rate of conflicts, from 0 to 1: the higher it is, the more retries after noise and the longer their
 * waits. The deadline stays.
 */
export function adaptedTo(rate: number, policy: RetryPolicy): RetryPolicy {
  const share = Math.min(1, Math.max(0, (rate - RATES.to) / (FULL_RATE - RATES.to)));
  return {
    ...policy,
    conflictRetries: Math.round(policy.conflictRetries * (1 + share * (MOST_RETRIES - 1))),
    stretch: 1 + share * (MOST_WAITS - 1),
  };
}
