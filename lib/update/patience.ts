import type { RetryCause } from '../outcome/outcome';
import { deadlineAfter, type Deadline } from '../retry/deadline';
import { waitBefore } from '../retry/schedule';
import type { Phase, ReadContext } from './context';

/** Whether the next try may go; if not, whether the run or the whole endpoint has used up its retries. */
export type Permit = 'granted' | 'used-up' | 'no-budget';

/** What is counted apart for noise and for faults. */
interface Waits {
  retries: number;
  /** The latest wait, milliseconds. */
  latestMs: number | undefined;
}

/** How often and how long one run may still try: noise and transient faults counted apart, one deadline. */
export class Patience {
  readonly deadline: Deadline;
  /** Reads that were sent again after the API had throttled them. */
  repeatedReads = 0;
  /** Of the latest request, milliseconds. */
  roundTripMs = 0;
  /** Since the latest attempt, milliseconds. */
  waitedMs = 0;

  private readonly noise: Waits = { retries: 0, latestMs: undefined };
  private readonly faults: Waits = { retries: 0, latestMs: undefined };

  constructor(
    private readonly context: ReadContext,
    private readonly onPhase?: (phase: Phase) => void,
  ) {
    this.deadline = deadlineAfter(context.policy.deadlineMs, context.time);
  }

  readonly remainingMs = (): number => this.deadline.remainingMs();

  /** Waits for the next try. Refuses, without waiting, when retries, time or the endpoint's budget do not allow one. */
  async waitForRetry(cause: RetryCause, retryAfterMs: number | undefined): Promise<Permit> {
    const { policy, budget } = this.context;
    const isNoise = cause === 'noise';
    const waits = this.waitsFor(cause);
    const limit = isNoise ? policy.conflictRetries : policy.transientRetries;
    if (waits.retries >= limit) return 'used-up';
    const waitMs = this.nextWait(waits.retries + 1, cause, retryAfterMs);
    if (!this.deadline.allows(waitMs)) return 'used-up';
    // A refusal is a fast, healthy answer: only what burdens an API in trouble is rationed.
    if (!isNoise && budget?.take() === false) return 'no-budget';
    await this.sleep(waitMs);
    waits.retries++;
    waits.latestMs = waitMs;
    return 'granted';
  }

  /** Waits before the n-th look at something that is expected to happen. False when the deadline does not allow it. */
  async wait(n: number, cause: RetryCause, retryAfterMs: number | undefined): Promise<boolean> {
    const waitMs = this.nextWait(n, cause, retryAfterMs);
    this.waitsFor(cause).latestMs = waitMs;
    return this.pause(waitMs);
  }

  /** Waits that long; ends at once when the flow stops. False, without waiting, when the deadline does not allow it. */
  async pause(ms: number): Promise<boolean> {
    if (!this.deadline.allows(ms)) return false;
    await this.sleep(ms);
    return true;
  }

  private async sleep(ms: number): Promise<void> {
    if (ms <= 0) return;
    this.onPhase?.('waiting');
    await this.context.time.sleep(ms, this.context.stop);
    this.waitedMs += ms;
  }

  private waitsFor(cause: RetryCause): Waits {
    return cause === 'noise' ? this.noise : this.faults;
  }

  private nextWait(retry: number, cause: RetryCause, retryAfterMs: number | undefined): number {
    const { policy, random } = this.context;
    const { latestMs } = this.waitsFor(cause);
    return waitBefore(policy, {
      retry,
      cause,
      roundTripMs: this.roundTripMs,
      random,
      ...(latestMs === undefined ? {} : { previousMs: latestMs }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}
