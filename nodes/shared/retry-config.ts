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
  jitter: 'full' | 'percent' | 'none';
  jitterPercent: number | string;
  firstAtOnce: boolean;
}
