import type { Jitter, RetryPolicy, Schedule } from '../../lib/retry/policy';
import { parseWaits } from '../../lib/retry/schedule';
import { numberField, secondsField, wholeField } from './number-field';
import type { RetryConfig } from './retry-config';

const DAY_SECONDS = 86_400;

/** The policy behind the retry fields of a dialog. Throws InputError `NUMBER_INVALID` or `RETRY_INVALID`. */
export function retryPolicy(config: RetryConfig): RetryPolicy {
  return {
    conflictRetries: wholeField(config.conflictRetries, 'Conflict retries', { min: 0, max: 1000 }),
    transientRetries: wholeField(config.transientRetries, 'Fault retries', { min: 0, max: 1000 }),
    deadlineMs: secondsField(config.deadline, 'Deadline', { min: 0.1, max: DAY_SECONDS }),
    requestTimeoutMs: secondsField(config.timeout, 'Request time-out', { min: 0.05, max: 600 }),
    schedule: schedule(config),
    jitter: jitter(config),
    firstAtOnce: config.firstAtOnce,
  };
}

function schedule(config: RetryConfig): Schedule {
  if (config.schedule === 'list') return { kind: 'list', waitsMs: parseWaits(config.waits) };
  return {
    kind: 'exponential',
    baseMs: String(config.base).trim() === '' ? 'round-trip' : base(config),
    factor: numberField(config.factor, 'Factor', { min: 1, max: 100 }),
    capMs: secondsField(config.cap, 'Longest wait', { min: 0, max: DAY_SECONDS }),
  };
}

function base(config: RetryConfig): number {
  return secondsField(config.base, 'First wait', { min: 0, max: DAY_SECONDS });
}

function jitter(config: RetryConfig): Jitter {
  if (config.jitter !== 'percent') return { kind: config.jitter };
  return {
    kind: 'percent',
    percent: numberField(config.jitterPercent, 'Jitter percent', { min: 0, max: 100 }),
  };
}
