import { randomUUID } from 'node:crypto';
import { AbortWatch } from '../retry/abort-watch';
import { Semaphore } from '../retry/semaphore';
import { checkTimerMs, setUnrefTimer, type SetTimer, type Time } from '../retry/time';
import { HeldLease } from './held-lease';
import type { AcquireOptions, Lease, NotAcquired, RecordLocks } from './lock';

export interface InProcessLocksOptions {
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  /** How many may wait for one key besides its holder, where `acquire` does not say. */
  readonly maxWaiters?: number;
  readonly setTimer?: SetTimer;
}

export interface InProcessLocks extends RecordLocks {
  /** Records that are held or waited for. */
  readonly size: number;
}

const DEFAULT_MAX_WAITERS = 1000;

/** Locks of this process: first come, first served per key; nothing is left of a key when nobody wants it. */
export function createInProcessLocks(options: InProcessLocksOptions): InProcessLocks {
  return new Locks(options);
}

const ONE = (): number => 1;

/** Everybody who wants one key. */
interface Entry {
  readonly semaphore: Semaphore;
  lease: HeldLease | undefined;
}

class Locks implements InProcessLocks {
  private readonly entries = new Map<string, Entry>();
  private readonly setTimer: SetTimer;
  private readonly aborts = new AbortWatch();
  // One counter for all keys: it keeps growing although entries come and go.
  private fence = 0;
  private isClosed = false;
  /** Tokens of an earlier run of the flow, still in some message, must not fit. */
  private readonly tokenPrefix = randomUUID();

  constructor(private readonly options: InProcessLocksOptions) {
    this.setTimer = options.setTimer ?? setUnrefTimer;
  }

  get size(): number {
    return this.entries.size;
  }

  async acquire(key: string, options: AcquireOptions): Promise<Lease | NotAcquired> {
    checkTimerMs('leaseMs', options.leaseMs);
    checkTimerMs('waitMs', options.waitMs);
    if (this.isClosed) return notAcquired('closed', 0);
    if (options.signal?.aborted === true) return notAcquired('aborted', 0);
    const entry = this.entryOf(key);
    const maxWaiters = options.maxWaiters ?? this.options.maxWaiters ?? DEFAULT_MAX_WAITERS;
    if (entry.semaphore.size > maxWaiters) return notAcquired('queue-full', 0);
    return this.queue(key, entry, options);
  }

  find(key: string, token: string): Lease | undefined {
    const lease = this.entries.get(key)?.lease;
    return lease?.token === token && lease.isLive ? lease : undefined;
  }

  close(): void {
    this.isClosed = true;
    for (const { semaphore, lease } of [...this.entries.values()]) {
      semaphore.close();
      lease?.lose('closed');
    }
  }

  private entryOf(key: string): Entry {
    const known = this.entries.get(key);
    if (known !== undefined) return known;
    const { aborts, setTimer } = this;
    const semaphore = new Semaphore({ limit: ONE, aborts, setTimer });
    const entry: Entry = { semaphore, lease: undefined };
    this.entries.set(key, entry);
    return entry;
  }

  private async queue(
    key: string,
    entry: Entry,
    { waitMs, leaseMs, signal, onWait }: AcquireOptions,
  ): Promise<Lease | NotAcquired> {
    const since = this.options.time.monotonic();
    const { semaphore } = entry;
    const isFree = semaphore.tryEnter();
    if (!isFree) onWait?.();
    let waited = await (isFree ? 'in' : semaphore.wait(waitMs, signal));
    if (waited === 'in') {
      const reason = this.givenUp(signal);
      if (reason === undefined) return this.grant(key, entry, leaseMs);
      semaphore.leave();
      waited = reason;
    }
    this.forgetIdle(key, entry);
    return notAcquired(waited, Math.round(this.options.time.monotonic() - since));
  }

  /** Why the place is not taken, at the very moment of getting it. */
  private givenUp(signal: AbortSignal | undefined): 'closed' | 'aborted' | undefined {
    if (this.isClosed) return 'closed';
    return signal?.aborted === true ? 'aborted' : undefined;
  }

  private grant(key: string, entry: Entry, leaseMs: number): Lease {
    const onEnd = (): void => {
      entry.lease = undefined;
      entry.semaphore.leave();
      this.forgetIdle(key, entry);
    };
    const { time } = this.options;
    const { setTimer } = this;
    const fence = ++this.fence;
    entry.lease = new HeldLease({
      key,
      token: `${this.tokenPrefix}.${fence}`,
      fence,
      leaseMs,
      time,
      setTimer,
      onEnd,
    });
    return entry.lease;
  }

  private forgetIdle(key: string, entry: Entry): void {
    if (entry.semaphore.size === 0 && this.entries.get(key) === entry) this.entries.delete(key);
  }
}

function notAcquired(reason: NotAcquired['reason'], waitedMs: number): NotAcquired {
  return { granted: false, reason, waitedMs };
}
