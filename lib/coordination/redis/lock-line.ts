import type { SetTimer, Time } from '../../retry/time';
import { HeldLease } from '../held-lease';
import type { AcquireOptions, Lease, NotAcquired, Outage } from '../lock';
import { StoreUnavailable } from './faults';
import type { Granted, HeldElsewhere, LockCommands } from './lock-scripts';
import { RedisLease } from './redis-lease';
import { Waiter } from './waiter';

/** So often, or so long in milliseconds, a lock goes from hand to hand here while other instances wait for it. */
const MOST_GRANTS = 8;
const MOST_MS = 50;
/** Whoever waits asks at least so often; what other programs do with the lock is told by nobody. Milliseconds. */
const ASK_MS = 1000;
const ASK_FOREIGN_MS = 250;
/** In an outage, besides when the connection is back. Milliseconds. */
const ASK_OUTAGE_MS = 250;
/** After the end of a lease: Redis counts whole milliseconds. */
const AFTER_END_MS = 2;

/** What all lines of one instance share. */
export interface LineContext {
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  readonly setTimer: SetTimer;
  readonly outage: Outage;
  newToken(): string;
  /** Calls back when the lock may be free for that token, until the returned function is called. */
  onWake(token: string, listener: () => void): () => void;
  /** A lease that messages may name from now on, until the returned function is called. */
  keep(lease: Lease & { readonly isLive: boolean }): () => void;
  /** Another program holds the lock, and it will never free itself. */
  onForever(lock: string): void;
  /** Gives back what a token may hold, once Redis can be reached again. */
  releaseLater(commands: LockCommands, token: string): void;
  /** What nobody waits for. */
  inBackground(work: Promise<unknown>): void;
}

/** What came of asking for the lock. */
interface Asked {
  readonly answer: Granted | HeldElsewhere | undefined;
  readonly sinceMs: number;
  readonly leaseMs: number;
  /** By the holder before, where the lock was handed on by him. */
  readonly left?: object | undefined;
}

/** Everybody in this instance who wants one lock: one of them asks Redis for all. First come, first served. */
export class LockLine {
  private readonly waiting = new Set<Waiter>();
  private lease: RedisLease | UnprotectedLease | undefined;
  private isAsking = false;
  /** Why whoever is first still waits; undefined: he has not been told yet. */
  private known: 'held' | 'unavailable' | undefined;
  private isWanted = false;
  private grants = 0;
  private handingSinceMs = 0;
  private isWoken = false;
  private endPause = (): void => undefined;

  constructor(
    private readonly key: string,
    private readonly commands: LockCommands,
    private readonly context: LineContext,
    /** Called whenever nobody wants the lock any more. */
    private readonly onIdle: () => void,
  ) {}

  /** Those who wait and the one who holds. */
  get claims(): number {
    return this.waiting.size + (this.lease === undefined ? 0 : 1);
  }

  get isIdle(): boolean {
    return this.claims === 0 && !this.isAsking;
  }

  acquire(options: AcquireOptions): Promise<Lease | NotAcquired> {
    const { time, setTimer } = this.context;
    const waiter = new Waiter(options, time, setTimer, () => {
      this.waiting.delete(waiter);
      if (this.waiting.size === 0) this.wake();
      this.checkIdle();
    });
    this.waiting.add(waiter);
    if (this.lease !== undefined || this.known !== undefined) {
      waiter.mustWait(this.known === 'unavailable');
    }
    this.drive();
    return waiter.result;
  }

  close(): void {
    for (const waiter of [...this.waiting]) waiter.end('closed');
    this.lease?.lose('closed');
  }

  private drive(): void {
    if (this.lease !== undefined || this.isAsking || this.waiting.size === 0) return;
    this.context.inBackground(this.pursue(this.context.newToken()));
  }

  /** Asks until somebody has the lock or nobody wants it any more. @param first the answer, where it is known */
  private async pursue(token: string, first?: Asked): Promise<void> {
    this.isAsking = true;
    this.isWoken = false;
    const stopListening = this.context.onWake(token, () => {
      this.wake();
    });
    try {
      if (!(await this.askUntilGranted(token, first))) await this.giveBack(token);
    } catch (error) {
      for (const waiter of [...this.waiting]) waiter.fail(error);
    } finally {
      stopListening();
      this.isAsking = false;
      this.known = undefined;
      this.drive();
      this.checkIdle();
    }
  }

  /** False: Redis may hold it for a token that nobody uses. */
  private async askUntilGranted(token: string, first?: Asked): Promise<boolean> {
    let asked = first;
    let came = '';
    for (let head = this.head(); head !== undefined; head = this.head()) {
      asked ??= await this.ask(token, head.options.leaseMs, came);
      const { answer } = asked;
      if (answer?.granted === true) {
        if (this.grantTo(token, answer, asked)) return true;
      } else if (answer === undefined) {
        if (!(await this.bearOutage())) return false;
      } else {
        came = answer.came;
        await this.standBy(answer);
      }
      asked = undefined;
    }
    return false;
  }

  private ask(token: string, leaseMs: number, came: string): Promise<Asked> {
    const sinceMs = this.context.time.monotonic();
    return this.commands.acquire(token, leaseMs, came).then(
      answer => ({ answer, sinceMs, leaseMs }),
      (error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error;
        return { answer: undefined, sinceMs, leaseMs };
      },
    );
  }

  /** False: who is first now asks for another lease, or his lease would be over already. */
  private grantTo(token: string, answer: Granted, { sinceMs, leaseMs, left }: Asked): boolean {
    const head = this.head();
    if (head?.options.leaseMs !== leaseMs) return false;
    const { time, setTimer } = this.context;
    if (this.grants++ === 0) this.handingSinceMs = time.monotonic();
    this.isWanted = answer.isWanted;
    const lease: RedisLease = new RedisLease({
      key: this.key,
      token,
      fence: answer.fence,
      leaseMs,
      sinceMs,
      left,
      time,
      setTimer,
      extend: ms => this.commands.extend(token, ms),
      onEnd: (isReleased, leaves) => {
        forget();
        const work = this.afterLease(token, isReleased, leaves);
        this.context.inBackground(work);
        return work;
      },
    });
    const forget = this.context.keep(lease);
    this.take(head, lease);
    return true;
  }

  private take(head: Waiter, lease: RedisLease | UnprotectedLease): void {
    this.lease = lease;
    head.grant(lease);
    for (const waiter of this.waiting) waiter.mustWait();
  }

  /** Resolves to whether Redis still had the lease. */
  private async afterLease(
    token: string,
    isReleased: boolean,
    left: object | undefined,
  ): Promise<boolean> {
    this.lease = undefined;
    this.isAsking = true;
    const next = this.head();
    if (isReleased && next !== undefined && this.mayHandOn()) {
      return this.handOn(token, next.options.leaseMs, left);
    }
    this.grants = 0;
    const wasHeld = await this.giveBack(token);
    this.isAsking = false;
    this.drive();
    this.checkIdle();
    return wasHeld;
  }

  private mayHandOn(): boolean {
    if (!this.isWanted) return true;
    const ms = this.context.time.monotonic() - this.handingSinceMs;
    return this.grants < MOST_GRANTS && ms < MOST_MS;
  }

  private async handOn(from: string, leaseMs: number, left: object | undefined): Promise<boolean> {
    const token = this.context.newToken();
    const sinceMs = this.context.time.monotonic();
    const answer = await this.commands.transfer(from, token, leaseMs).catch(() => undefined);
    // Whether it was done is not known: the old token must not stand in the way of the new one.
    if (answer === undefined) await this.giveBack(from);
    const first = answer === undefined ? undefined : { answer, sinceMs, leaseMs, left };
    this.context.inBackground(this.pursue(token, first));
    return answer !== undefined;
  }

  /** False where that cannot be done now. */
  private giveBack(token: string): Promise<boolean> {
    return this.commands.release(token).catch((error: unknown) => {
      if (error instanceof StoreUnavailable) this.context.releaseLater(this.commands, token);
      return false;
    });
  }

  private async standBy({ endsInMs, isForeign }: HeldElsewhere): Promise<void> {
    this.known = 'held';
    this.grants = 0;
    for (const waiter of [...this.waiting]) waiter.mustWait();
    if (isForeign && endsInMs < 0) this.context.onForever(this.commands.lock);
    const longest = isForeign ? ASK_FOREIGN_MS : ASK_MS;
    await this.pause(endsInMs < 0 ? longest : Math.min(endsInMs + AFTER_END_MS, longest));
  }

  /** False: the lock is not asked for any more. */
  private async bearOutage(): Promise<boolean> {
    const { outage } = this.context;
    if (outage === 'wait') {
      this.known = 'unavailable';
      for (const waiter of [...this.waiting]) waiter.mustWait(true);
      await this.pause(ASK_OUTAGE_MS);
      return true;
    }
    if (outage === 'without') this.grantUnprotected();
    else for (const waiter of [...this.waiting]) waiter.end('unavailable');
    return false;
  }

  private grantUnprotected(): void {
    const head = this.head();
    if (head === undefined) return;
    const { time, setTimer } = this.context;
    const lease = new UnprotectedLease({
      key: this.key,
      token: this.context.newToken(),
      fence: time.now() * 1000,
      leaseMs: head.options.leaseMs,
      time,
      setTimer,
      onEnd: () => {
        forget();
        this.lease = undefined;
        this.drive();
        this.checkIdle();
      },
    });
    const forget = this.context.keep(lease);
    this.take(head, lease);
  }

  private head(): Waiter | undefined {
    const [first] = this.waiting;
    return first;
  }

  /** Until somebody says that the lock may be free, or nobody wants it any more. */
  private async pause(ms: number): Promise<void> {
    if (!this.isWoken) {
      await new Promise<void>(resolve => {
        const cancel = this.context.setTimer(resolve, ms);
        this.endPause = () => {
          cancel();
          resolve();
        };
      });
    }
    this.isWoken = false;
  }

  private wake(): void {
    this.isWoken = true;
    this.endPause();
  }

  private checkIdle(): void {
    if (this.isIdle) this.onIdle();
  }
}

/** Only this process knows of it. */
class UnprotectedLease extends HeldLease {
  readonly isUnprotected = true;
}
