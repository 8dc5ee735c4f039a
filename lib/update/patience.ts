import type { RetryCause } from '../outcome/outcome';
import { deadlineAfter, type Deadline } from '../retry/deadline';
import { waitBefore } from '../retry/schedule';
import type { Phase, ReadContext } from './context';

/** How often and how long one run may still try: noise and transient faults counted apart, one deadline. */
export class Patience {
  readonly deadline: Deadline;
  /** Reads that were sent again after the API had throttled them. */
  repeatedReads = 0;
  /** Of the latest request, milliseconds. */
  roundTripMs = 0;
  /** Since the latest attempt, milliseconds. */
  waitedMs = 0;

  private noiseRetries = 0;
  private transientRetries = 0;

  constructor(
    private readonly context: ReadContext,
    private readonly onPhase?: (phase: Phase) => void,
  ) {
    this.deadline = deadlineAfter(context.policy.deadlineMs, context.time);
  }

  readonly remainingMs = (): number => this.deadline.remainingMs();

  /** Waits for the next try. False, without waiting, when retries or time do not allow one. */
  async waitForRetry(cause: RetryCause, retryAfterMs: number | undefined): Promise<boolean> {
    const { conflictRetries, transientRetries } = this.context.policy;
    const left =
      cause === 'noise'
        ? conflictRetries - this.noiseRetries
        : transientRetries - this.transientRetries;
    if (left <= 0) return false;
    const retry = cause === 'noise' ? this.noiseRetries + 1 : this.transientRetries + 1;
    const waited = await this.wait(retry, cause, retryAfterMs);
    if (waited && cause === 'noise') this.noiseRetries++;
    else if (waited) this.transientRetries++;
    return waited;
  }

  /** Waits before the n-th look at something that is expected to happen. False when the deadline does not allow it. */
  async wait(n: number, cause: RetryCause, retryAfterMs: number | undefined): Promise<boolean> {
    const { policy, random, time, stop } = this.context;
    const waitMs = waitBefore(policy, {
      retry: n,
      cause,
      roundTripMs: this.roundTripMs,
      random,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    if (!this.deadline.allows(waitMs)) return false;
    if (waitMs > 0) {
      this.onPhase?.('waiting');
      await time.sleep(waitMs, stop);
      this.waitedMs += waitMs;
    }
    return true;
  }
}
