import type { SetTimer, Time } from '../../retry/time';
import type { AcquireOptions, Lease, NotAcquired } from '../lock';

type Reason = NotAcquired['reason'];

/** One who wants a lock, until he has it or gives up. */
export class Waiter {
  readonly result: Promise<Lease | NotAcquired>;
  private resolve: (result: Lease | NotAcquired) => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;
  private readonly sinceMs: number;
  private cancelTimer: (() => void) | undefined;
  private isAnswered = false;
  private isUnavailable = false;
  isOver = false;

  constructor(
    readonly options: AcquireOptions,
    private readonly time: Pick<Time, 'monotonic'>,
    private readonly setTimer: SetTimer,
    /** Called once, when he waits no longer. */
    private readonly onEnd: () => void,
  ) {
    this.sinceMs = time.monotonic();
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    options.signal?.addEventListener('abort', this.onAbort);
  }

  /** It is known now that the lock is not free, or that nobody can tell: only then is there an end to the waiting. */
  mustWait(isUnavailable = false): void {
    this.isUnavailable = isUnavailable;
    if (this.isAnswered) return;
    this.isAnswered = true;
    this.options.onWait?.();
    this.startTimer();
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

  /** Not before: most never wait. */
  private startTimer(): void {
    if (this.isOver) return;
    const leftMs = this.options.waitMs - (this.time.monotonic() - this.sinceMs);
    if (leftMs <= 0) this.onTimer();
    else this.cancelTimer = this.setTimer(this.onTimer, leftMs);
  }

  private readonly onTimer = (): void => {
    this.end(this.isUnavailable ? 'unavailable' : 'timeout');
  };

  private readonly onAbort = (): void => {
    this.end('aborted');
  };

  /** False: it was over before. */
  private finish(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.cancelTimer?.();
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.onEnd();
    return true;
  }
}
