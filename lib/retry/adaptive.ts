import { conflictRate, isContended, type ConflictRates, type SettledCounts } from './conflict-rate';
import type { RetryPolicy } from './policy';

/** When retries follow the rate, and when no longer. */
const RATES: ConflictRates = { from: 0.3, to: 0.15 };
/** From this rate on they are at their bounds. */
const FULL_RATE = 0.6;
/** At most so many times the retries that are set, and so many times their waits. */
const MOST_RETRIES = 2;
const MOST_WAITS = 4;

/**
 * The policy for an update that begins now, which follows how often the updates of its endpoint meet conflicts.
 * @param recent what was counted of them in the last minutes
 */
export function followingConflicts(
  policyNow: () => RetryPolicy,
  recent: () => SettledCounts,
): () => RetryPolicy {
  let wasContended = false;
  return () => {
    const counted = recent();
    wasContended = isContended(counted, RATES, wasContended);
    return wasContended ? adaptedTo(conflictRate(counted), policyNow()) : policyNow();
  };
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
