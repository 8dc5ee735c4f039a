import { checkTimerMs, type Time, type SetTimer } from '../retry/time';
import { LeaseLost, type Lease } from './lock';

export interface LeaseOptions {
  readonly key: string;
  readonly token: string;
  readonly fence: number;
  readonly leaseMs: number;
  /** From when the lease runs, on the monotonic clock; default: now. */
  readonly sinceMs?: number;
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  readonly setTimer: SetTimer;
  readonly left?: object | undefined;
  /** Called once, when the record is free for the next one. @param left for him; undefined where the lease was lost */
  readonly onEnd: (left: object | undefined) => void;
}

/** A lease held in this process. Its time runs on the monotonic clock. */
export class HeldLease implements Lease {
  readonly granted = true;
  readonly key: string;
  readonly token: string;
  readonly fence: number;
  readonly left: object | undefined;
  expiresAt = 0;
  private lost: LeaseLost | undefined;
  private controller: AbortController | undefined;
  private isOver = false;
  private warnsAt = 0;
  private endsAt = 0;
  private cancelTimer: (() => void) | undefined;

  constructor(private readonly options: LeaseOptions) {
    this.key = options.key;
    this.token = options.token;
    this.fence = options.fence;
    this.left = options.left;
    this.start(options.leaseMs, options.sinceMs);
  }

  /** Made when first asked for: most leases end before anybody listens. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.lost !== undefined) this.controller.abort(this.lost);
    return this.controller.signal;
  }

  /** False also when a late timer has not yet noticed that the time is over. */
  get isLive(): boolean {
    return !this.isOver && this.options.time.monotonic() < this.endsAt;
  }

  /** Whoever was told that the lease is lost may have stopped working under it. */
  get isExtendable(): boolean {
    return this.isLive && this.lost === undefined;
  }

  async extend(leaseMs: number): Promise<boolean> {
    return Promise.resolve(this.restart(leaseMs));
  }

  /** Runs anew for so long, from `sinceMs` on the monotonic clock. False: it is no longer held. */
  restart(leaseMs: number, sinceMs?: number): boolean {
    if (!this.isExtendable) return false;
    this.start(leaseMs, sinceMs);
    return true;
  }

  release(left?: object): boolean {
    const wasLive = this.isLive;
    this.end(wasLive ? left : undefined);
    return wasLive;
  }

  /** Takes the lease away. */
  lose(why: LeaseLost['why']): void {
    this.tell(why);
    this.end();
  }

  private tell(why: LeaseLost['why']): void {
    this.lost ??= new LeaseLost(why);
    this.controller?.abort(this.lost);
  }

  private start(leaseMs: number, sinceMs = this.options.time.monotonic()): void {
    checkTimerMs('leaseMs', leaseMs);
    const { time } = this.options;
    this.endsAt = sinceMs + leaseMs;
    this.warnsAt = this.endsAt - safetyMargin(leaseMs);
    this.expiresAt = time.now() + Math.round(this.endsAt - time.monotonic());
    this.arm();
  }

  private arm(): void {
    const next = this.lost === undefined ? this.warnsAt : this.endsAt;
    const ms = Math.max(0, Math.ceil(next - this.options.time.monotonic()));
    this.cancelTimer?.();
    this.cancelTimer = this.options.setTimer(this.onTimer, ms);
  }

  private readonly onTimer = (): void => {
    const now = this.options.time.monotonic();
    if (now >= this.endsAt) {
      this.lose('expired');
      return;
    }
    // Timers may fire a little early by the monotonic clock.
    if (now >= this.warnsAt) this.tell('expired');
    this.arm();
  };

  /** Gives it back; once. @param left for the next one */
  end(left?: object): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelTimer?.();
    this.options.onEnd(left);
  }
}

/** How long before its end a lease warns its holder: time to stop before the next one starts. */
function safetyMargin(leaseMs: number): number {
  return Math.min(leaseMs * 0.1, 250);
}
