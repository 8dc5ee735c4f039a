/** Retry settings as the editor stores them: numbers may be text such as `${RETRIES}`. Times in seconds, as users think of them. */
export interface RetryConfig {
  conflictRetries: number | string;
  transientRetries: number | string;
  /** Seconds for the whole update. */
  deadline: number | string;
  /** Seconds per request. */
  timeout: number | string;
  schedule: 'exponential' | 'list';
  /** Seconds; empty: near the observed round trip. */
  base: number | string;
  factor: number | string;
  /** Seconds. */
  cap: number | string;
  /** Comma-separated seconds, for example `0.5, 1.5, 4`. */
  waits: string;
  jitter: 'full' | 'equal' | 'decorrelated' | 'percent' | 'none';
  jitterPercent: number | string;
  firstAtOnce: boolean;
}

/** What the retry fields hold before anybody changes them. */
export const RETRY_DEFAULTS: RetryConfig = {
  conflictRetries: 8,
  transientRetries: 4,
  deadline: 30,
  timeout: 10,
  schedule: 'exponential',
  base: '',
  factor: 2,
  cap: 2,
  waits: '0.5, 1.5, 4',
  jitter: 'full',
  jitterPercent: 10,
  firstAtOnce: true,
};
