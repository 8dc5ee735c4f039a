import { InputError } from '../../errors';
import { checkTimerMs, type SetTimer, type Time } from '../../retry/time';
import { HeldLease } from '../held-lease';
import type { Lease, LeaseLost } from '../lock';

export interface RedisLeaseOptions {
  readonly key: string;
  readonly token: string;
  readonly fence: number;
  readonly leaseMs: number;
  /** When Redis was asked, on the monotonic clock: its time runs from later on, so ours never ends after it. */
  readonly sinceMs: number;
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  readonly setTimer: SetTimer;
  /** False: Redis knows of no such lease. Throws StoreUnavailable or InputError. */
  readonly extend: (leaseMs: number) => Promise<boolean>;
  readonly left: object | undefined;
  /**
   * Called once. Resolves to whether Redis still had it.
   * @param isReleased false: it was lost
   * @param left for the next one, where it was not
   */
  readonly onEnd: (isReleased: boolean, left: object | undefined) => Promise<boolean>;
}

/** A lease that cannot be extended just now is tried again so soon, until it ends. Milliseconds. */
const AGAIN_MS = 100;

/** A lease held in Redis, trusted in this process no longer than Redis keeps it. */
export class RedisLease implements Lease {
  readonly granted = true;
  readonly key: string;
  readonly token: string;
  readonly fence: number;
  readonly left: object | undefined;
  private readonly held: HeldLease;
  private isReleased = false;
  private ended = Promise.resolve(false);

  constructor(private readonly options: RedisLeaseOptions) {
    const { key, token, fence, leaseMs, sinceMs, left, time, setTimer } = options;
    this.key = key;
    this.token = token;
    this.fence = fence;
    this.left = left;
    const onEnd = (leaves: object | undefined): void => {
      this.ended = options.onEnd(this.isReleased, leaves);
    };
    // Written out: spreading the options costs a visible share of a lock.
    this.held = new HeldLease({
      key,
      token,
      fence,
      leaseMs,
      sinceMs,
      left,
      time,
      setTimer,
      onEnd,
    });
  }

  get expiresAt(): number {
    return this.held.expiresAt;
  }

  get signal(): AbortSignal {
    return this.held.signal;
  }

  get isLive(): boolean {
    return this.held.isLive;
  }

  async extend(leaseMs: number): Promise<boolean> {
    checkTimerMs('leaseMs', leaseMs);
    while (this.held.isExtendable) {
      const sinceMs = this.options.time.monotonic();
      const isHeld = await this.tryExtend(leaseMs);
      if (isHeld === true) return this.held.restart(leaseMs, sinceMs);
      if (isHeld === false) this.held.lose('expired');
      else await this.pause();
    }
    return false;
  }

  release(left?: object): Promise<boolean> {
    const wasLive = this.held.isLive;
    this.isReleased = wasLive;
    this.held.end(wasLive ? left : undefined);
    return wasLive ? this.ended : Promise.resolve(false);
  }

  lose(why: LeaseLost['why']): void {
    this.held.lose(why);
  }

  /** Undefined: nobody can tell now. */
  private async tryExtend(leaseMs: number): Promise<boolean | undefined> {
    try {
      return await this.options.extend(leaseMs);
    } catch (error) {
      return error instanceof InputError ? false : undefined;
    }
  }

  private pause(): Promise<void> {
    return new Promise(resolve => {
      this.options.setTimer(resolve, AGAIN_MS);
    });
  }
}
