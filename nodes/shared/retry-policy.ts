import type { Jitter, RetryPolicy, Schedule } from '../../lib/retry/policy';
import { RETRY_FIELDS, type RetryConfig } from './retry-config';
import { settingsOf, type Settings } from './settings';

type Read = Settings<typeof RETRY_FIELDS>;

/** The policy behind the retry fields of a dialog. Throws InputError `NUMBER_INVALID` or `RETRY_INVALID`. */
export function retryPolicy(config: RetryConfig): RetryPolicy {
  const read = settingsOf(RETRY_FIELDS, config);
  return {
    conflictRetries: read.number('conflictRetries'),
    transientRetries: read.number('transientRetries'),
    deadlineMs: read.ms('deadline'),
    requestTimeoutMs: read.ms('timeout'),
    schedule: schedule(read),
    jitter: jitter(read),
    firstAtOnce: config.firstAtOnce,
  };
}

function schedule(read: Read): Schedule {
  if (read.choice('schedule') === 'list') {
    return { kind: 'list', waitsMs: read.numbers('waits').map(wait => Math.round(wait * 1000)) };
  }
  return {
    kind: 'exponential',
    baseMs: read.optional('base') === undefined ? 'round-trip' : read.ms('base'),
    factor: read.number('factor'),
    capMs: read.ms('cap'),
  };
}

function jitter(read: Read): Jitter {
  const kind = read.choice('jitter');
  return kind === 'percent' ? { kind, percent: read.number('jitterPercent') } : { kind };
}
