import { parsePeakHours, peakPolicy, policyByHour } from '../../lib/retry/peak';
import type { RetryPolicy } from '../../lib/retry/policy';
import { numberField, secondsField, wholeField } from '../shared/number-field';
import { retryPolicy } from '../shared/retry-policy';
import type { RecordEndpointConfig } from './config';

/**
 * The endpoint's retry policy of the moment: at peak hours it has more retries, longer waits and more time.
 * Throws InputError `NUMBER_INVALID`, `RETRY_INVALID` or `PEAK_INVALID`.
 */
export function policyOfTheHour(config: RecordEndpointConfig): () => RetryPolicy {
  const normal = retryPolicy(config);
  if (!config.peak) return () => normal;
  const { peakFrom: from, peakTo: to, peakDays: days, peakZone: zone } = config;
  const hours = parsePeakHours({ from, to, days, zone });
  const policyAt = policyByHour({ normal, peak: peakPolicyOf(normal, config), hours });
  return () => policyAt(Date.now());
}

function peakPolicyOf(normal: RetryPolicy, config: RecordEndpointConfig): RetryPolicy {
  const { peakConflictRetries, peakDeadline, peakWaitFactor } = config;
  return peakPolicy(normal, {
    conflictRetries: wholeField(peakConflictRetries, 'Conflict retries at peak', {
      min: 0,
      max: 1000,
    }),
    deadlineMs: secondsField(peakDeadline, 'Deadline at peak (s)', { min: 0.1, max: 86_400 }),
    waitFactor: numberField(peakWaitFactor, 'Waits multiplied by', {
      min: 0.1,
      max: 100,
    }),
  });
}
