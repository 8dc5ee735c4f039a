import type { SetTimer, Time } from '../../retry/time';
import type { AcquireOptions, Lease, NotAcquired } from '../lock';

type Reason = NotAcquired['reason'];

/** One who wants a lock, until he has it or gives up. */
export class Waiter {
  readonly result: Promise<Lease | NotAcquired>;
  private resolve: (result: Lease | NotAcquired) => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;
  private readonly sinceMs: number;
  private readonly cancelTimer: () => void;
  private isAnswered = false;
  private isLate = false;
  private isUnavailable = false;
  isOver = false;

  constructor(
    readonly options: AcquireOptions,
    private readonly time: Pick<Time, 'monotonic'>,
    setTimer: SetTimer,
    /** Called once, when he waits no longer. */
    private readonly onEnd: () => void,
  ) {
    this.sinceMs = time.monotonic();
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.cancelTimer = setTimer(this.onTimer, options.waitMs);
    options.signal?.addEventListener('abort', this.onAbort);
  }

  /** It is known now that the lock is not free, or that nobody can tell: only then is there an end to the waiting. */
  mustWait(isUnavailable = false): void {
    if (!this.isAnswered) this.options.onWait?.();
    this.isAnswered = true;
    this.isUnavailable = isUnavailable;
    if (this.isLate) this.onTimer();
  }

  grant(lease: Lease): void {
    if (this.finish()) this.resolve(lease);
  }

  fail(error: unknown): void {
    if (this.finish()) this.reject(error);
  }

  end(reason: Reason): void {
    const waitedMs = Math.round(this.time.monotonic() - this.sinceMs);
    if (this.finish()) this.resolve({ granted: false, reason, waitedMs });
  }

  private readonly onTimer = (): void => {
    this.isLate = true;
    if (this.isAnswered) this.end(this.isUnavailable ? 'unavailable' : 'timeout');
  };

  private readonly onAbort = (): void => {
    this.end('aborted');
  };

  /** False: it was over before. */
  private finish(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.cancelTimer();
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.onEnd();
    return true;
  }
}
