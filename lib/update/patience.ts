import type { Fault } from '../outcome/answer';
import type { RetryCause } from '../retry/policy';
import { deadlineAfter, type Deadline } from '../retry/time';
import { waitBefore } from '../retry/schedule';
import { FaultError } from '../transport/fault';
import type { UpdatePlace } from '../transport/throttle/fair-queue';
import type { Phase, ReadContext } from './context';
import type { Durations, Permit } from './known';

/** What to wait for. All waits end at once when the flow stops. */
export type Wait =
  /** The next try, counted and rationed. */
  | {
      readonly for: 'retry';
      readonly cause: RetryCause;
      readonly retryAfterMs: number | undefined;
    }
  /** The n-th re-read of something that is expected to happen. */
  | { readonly for: 'accepted'; readonly n: number; readonly atLeastMs: number }
  /** A cache that is to catch up. */
  | { readonly for: 'cache'; readonly ms: number };

/** What is counted apart for noise and for faults. */
interface Waits {
  retries: number;
  /** The latest wait, milliseconds. */
  latestMs: number | undefined;
}

const SHARE_STEP_MS = 100;

/** How often and how long one run may still try: noise and transient faults counted apart, one deadline. */
export class Patience {
  /** Among the requests that are under way at a time: left for every wait. */
  readonly place: UpdatePlace | undefined;
  /** Of the latest request, milliseconds. */
  roundTripMs = 0;

  private deadline: Deadline;
  private readonly since: number;
  private queuedMs: number | undefined;

  private waitedMs = 0;
  private readonly noise: Waits = { retries: 0, latestMs: undefined };
  private readonly faults: Waits = { retries: 0, latestMs: undefined };

  constructor(
    private readonly context: ReadContext,
    private readonly onPhase?: (phase: Phase) => void,
  ) {
    this.place = context.line?.place();
    this.since = context.time.monotonic();
    this.deadline = deadlineAfter(context.policy.deadlineMs, context.time);
  }

  /**
   * Takes the first place. Undefined: it was free. Otherwise resolves when it is had, or with a fault (sent `no`) that
   * says why there is none; rejects with InputError `QUEUE_FULL`.
   */
  begin(): Promise<Fault | undefined> | undefined {
    const { stop } = this.context;
    const waiting = this.place?.begin({ stop, onHeld: this.onPhase });
    return waiting?.then(() => this.start(), faultIn);
  }

  /** The update's time runs from now on: what it has waited for was not its own work. */
  private start(): undefined {
    const { policy, time } = this.context;
    this.queuedMs = time.monotonic() - this.since;
    this.deadline = deadlineAfter(policy.deadlineMs, time);
  }

  /** How long it has taken so far. */
  durations(): Durations {
    return { durationMs: this.context.time.monotonic() - this.since, queuedMs: this.queuedMs };
  }

  readonly remainingMs = (): number => this.deadline.remainingMs();

  /** Time that was spent waiting for others is not its own. */
  readonly spare = (ms: number): void => {
    if (ms <= 0) return;
    this.queuedMs = (this.queuedMs ?? 0) + ms;
    this.deadline = deadlineAfter(this.deadline.remainingMs() + ms, this.context.time);
  };

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

  /** Waits as a step says. Refuses, without waiting, what deadline, retries or budget do not allow. */
  async wait(wait: Wait): Promise<Permit> {
    switch (wait.for) {
      case 'retry':
        return this.waitForRetry(wait.cause, wait.retryAfterMs);
      case 'accepted': {
        const waitMs = this.nextWait(wait.n, 'transient', wait.atLeastMs);
        this.faults.latestMs = waitMs;
        return this.pause(waitMs);
      }
      case 'cache':
        return this.pause(wait.ms);
    }
  }

  /** Milliseconds waited since this was asked last. */
  takeWaitedMs(): number {
    const { waitedMs } = this;
    this.waitedMs = 0;
    return waitedMs;
  }

  private async pause(ms: number): Promise<Permit> {
    if (!this.deadline.allows(ms)) return 'used-up';
    await this.sleep(ms);
    return 'granted';
  }

  private async sleep(ms: number): Promise<void> {
    if (ms <= 0) return;
    this.place?.leave();
    this.onPhase?.('waiting');
    await this.context.time.sleep(ms, this.context.stop);
    this.waitedMs += ms;
  }

  private waitsFor(cause: RetryCause): Waits {
    return cause === 'noise' ? this.noise : this.faults;
  }

  /** Of the time that is left, for one of the retries that are. In steps, so that records of one batch wait alike. */
  private shareOf(retry: number): number {
    const left = this.context.policy.conflictRetries - retry + 2;
    const share = this.deadline.remainingMs() / Math.max(1, left);
    return Math.floor(share / SHARE_STEP_MS) * SHARE_STEP_MS;
  }

  private nextWait(retry: number, cause: RetryCause, retryAfterMs: number | undefined): number {
    const { policy, random } = this.context;
    const { latestMs } = this.waitsFor(cause);
    return waitBefore(policy, {
      retry,
      cause,
      shareMs: this.shareOf(retry),
      roundTripMs: this.roundTripMs,
      random,
      ...(latestMs === undefined ? {} : { previousMs: latestMs }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

function faultIn(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault;
  throw error;
}
