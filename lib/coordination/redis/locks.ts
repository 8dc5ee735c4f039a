import { randomUUID } from 'node:crypto';
import { checkTimerMs, setUnrefTimer, type SetTimer, type Time } from '../../retry/time';
import type { AcquireOptions, Lease, NotAcquired, Outage, RecordLocks } from '../lock';
import type { ScriptRunner } from './connection';
import { LockLine, type LineContext } from './lock-line';
import { channelOf, LockCommands, LockScripts, TOKEN_START } from './lock-scripts';

export interface RedisLocksOptions {
  readonly runner: ScriptRunner;
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  readonly outage: Outage;
  /** How many may wait for one key in this process besides its holder, where `acquire` does not say. */
  readonly maxWaiters?: number;
  readonly setTimer?: SetTimer;
  /** Another program holds a lock without an end. Told once for each, until it is free again. */
  readonly onForever?: (key: string) => void;
}

export interface RedisLocks extends RecordLocks {
  /** Locks that are held or waited for in this process. */
  readonly size: number;
  /** Resolves when Redis has been told of all that ended. */
  settled(): Promise<void>;
}

const DEFAULT_MAX_WAITERS = 1000;

/**
 * Locks that hold across processes. A lease is trusted here no longer than Redis keeps it. Waiting limits count per
 * process, and so does the order of arrival; between processes the one that waits longest comes next.
 */
export function createRedisLocks(options: RedisLocksOptions): RedisLocks {
  return new Locks(options);
}

type Kept = Lease & { readonly isLive: boolean };

class Locks implements RedisLocks, LineContext {
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  readonly setTimer: SetTimer;
  readonly outage: Outage;
  private readonly instance = randomUUID();
  private readonly scripts: LockScripts;
  private readonly lines = new Map<string, LockLine>();
  private readonly leases = new Map<string, Kept>();
  private readonly wakers = new Map<string, () => void>();
  private readonly background = new Set<Promise<unknown>>();
  private readonly unreleased = new Map<string, LockCommands>();
  private readonly toldForever = new Set<string>();
  private readonly stopListening: readonly (() => void)[];
  private count = 0;
  private isClosed = false;

  constructor(private readonly options: RedisLocksOptions) {
    ({ time: this.time, outage: this.outage } = options);
    this.setTimer = options.setTimer ?? setUnrefTimer;
    const { runner } = options;
    this.scripts = new LockScripts(runner, `${runner.prefix}fence`);
    this.stopListening = [
      runner.listen(channelOf(runner.prefix, this.instance), token => this.wakers.get(token)?.()),
      runner.onConnected(() => {
        this.onConnected();
      }),
    ];
  }

  get size(): number {
    return this.lines.size;
  }

  async acquire(key: string, options: AcquireOptions): Promise<Lease | NotAcquired> {
    checkTimerMs('leaseMs', options.leaseMs);
    checkTimerMs('waitMs', options.waitMs);
    if (this.isClosed) return notAcquired('closed');
    if (options.signal?.aborted === true) return notAcquired('aborted');
    const line = this.lineOf(key, options.isShared === true);
    const maxWaiters = options.maxWaiters ?? this.options.maxWaiters ?? DEFAULT_MAX_WAITERS;
    if (line.claims > maxWaiters) return notAcquired('queue-full');
    return line.acquire(options);
  }

  find(key: string, token: string): Lease | undefined {
    const lease = this.leases.get(token);
    return lease?.key === key && lease.isLive ? lease : undefined;
  }

  close(): void {
    this.isClosed = true;
    for (const line of [...this.lines.values()]) line.close();
    for (const stop of this.stopListening) stop();
  }

  async settled(): Promise<void> {
    while (this.background.size > 0) await Promise.all(this.background);
  }

  newToken(): string {
    return `${TOKEN_START}${this.instance}.${++this.count}`;
  }

  onWake(token: string, listener: () => void): () => void {
    this.wakers.set(token, listener);
    return () => {
      this.wakers.delete(token);
    };
  }

  keep(lease: Kept): () => void {
    this.leases.set(lease.token, lease);
    return () => {
      this.leases.delete(lease.token);
    };
  }

  onForever(lock: string): void {
    if (this.toldForever.has(lock)) return;
    this.toldForever.add(lock);
    this.options.onForever?.(lock);
  }

  releaseLater(commands: LockCommands, token: string): void {
    if (!this.isClosed) this.unreleased.set(token, commands);
  }

  inBackground(work: Promise<unknown>): void {
    const over = (): void => {
      this.background.delete(watched);
    };
    const watched = work.then(over, over);
    this.background.add(watched);
  }

  private onConnected(): void {
    // What is asked after it comes to Redis after it.
    for (const [token, commands] of this.unreleased) this.inBackground(commands.release(token));
    this.unreleased.clear();
    for (const wake of [...this.wakers.values()]) wake();
  }

  private lineOf(key: string, isShared: boolean): LockLine {
    const lock = isShared ? key : `${this.options.runner.prefix}lock:${key}`;
    const known = this.lines.get(lock);
    if (known !== undefined) return known;
    const line: LockLine = new LockLine(key, LockCommands.of(lock, this.scripts), this, () => {
      if (this.lines.get(lock) === line) this.lines.delete(lock);
      this.toldForever.delete(lock);
    });
    this.lines.set(lock, line);
    return line;
  }
}

function notAcquired(reason: NotAcquired['reason']): NotAcquired {
  return { granted: false, reason, waitedMs: 0 };
}
