import { randomUUID } from 'node:crypto';
import { Mutex } from 'async-mutex';
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

/** Everybody who wants one key. */
interface Entry {
  /** Made when somebody has to wait: most locks are free. */
  mutex: Mutex | undefined;
  readonly waiting: Set<Turn>;
  lease: HeldLease | undefined;
}

class Locks implements InProcessLocks {
  private readonly entries = new Map<string, Entry>();
  private readonly setTimer: SetTimer;
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
    if (claims(entry) > maxWaiters) return notAcquired('queue-full', 0);
    const isFree = entry.mutex === undefined && entry.lease === undefined;
    return isFree ? this.grantFree(key, entry, options) : this.queue(key, entry, options);
  }

  find(key: string, token: string): Lease | undefined {
    const lease = this.entries.get(key)?.lease;
    return lease?.token === token && lease.isLive ? lease : undefined;
  }

  close(): void {
    this.isClosed = true;
    for (const { waiting, lease } of [...this.entries.values()]) {
      for (const turn of [...waiting]) turn.end('closed');
      lease?.lose('closed');
    }
  }

  private entryOf(key: string): Entry {
    const known = this.entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { mutex: undefined, waiting: new Set(), lease: undefined };
    this.entries.set(key, entry);
    return entry;
  }

  /** What happens in the very moment of the asking counts as it does for whoever waits. */
  private async grantFree(
    key: string,
    entry: Entry,
    { leaseMs, signal }: AcquireOptions,
  ): Promise<Lease | NotAcquired> {
    const lease = this.grant(key, entry, leaseMs);
    await Promise.resolve();
    if (this.isClosed) return notAcquired('closed', 0);
    if (signal?.aborted !== true) return lease;
    await lease.release();
    return notAcquired('aborted', 0);
  }

  private queue(key: string, entry: Entry, options: AcquireOptions): Promise<Lease | NotAcquired> {
    const { waitMs, leaseMs, signal, onWait } = options;
    const since = this.options.time.monotonic();
    return new Promise(resolve => {
      const onEnd = (outcome: TurnOutcome): void => {
        entry.waiting.delete(turn);
        if (outcome === 'granted') {
          resolve(this.grant(key, entry, leaseMs));
          return;
        }
        this.forgetIdle(key, entry);
        resolve(notAcquired(outcome, Math.round(this.options.time.monotonic() - since)));
      };
      const turn = new Turn(mutexOf(entry), {
        waitMs,
        signal,
        setTimer: this.setTimer,
        onWait,
        onEnd,
      });
      entry.waiting.add(turn);
    });
  }

  private grant(key: string, entry: Entry, leaseMs: number): Lease {
    const onEnd = (): void => {
      entry.lease = undefined;
      entry.mutex?.release();
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

  /** Places that were given up may still pass through the old mutex; nobody holds it any more. */
  private forgetIdle(key: string, entry: Entry): void {
    if (claims(entry) === 0 && this.entries.get(key) === entry) this.entries.delete(key);
  }
}

/** Held on behalf of whoever had the key before anybody waited: the lease of the holder releases it. */
function mutexOf(entry: Entry): Mutex {
  if (entry.mutex === undefined) {
    entry.mutex = new Mutex();
    void entry.mutex.acquire();
  }
  return entry.mutex;
}

function claims({ waiting, lease }: Entry): number {
  return waiting.size + (lease === undefined ? 0 : 1);
}

function notAcquired(reason: NotAcquired['reason'], waitedMs: number): NotAcquired {
  return { granted: false, reason, waitedMs };
}

/** The turn has come, or why the place in its queue was given up. */
type TurnOutcome = 'granted' | Exclude<NotAcquired['reason'], 'queue-full'>;

interface TurnOptions {
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly setTimer: SetTimer;
  /** Told at once when the mutex is not free. */
  readonly onWait: (() => void) | undefined;
  /** Called once. */
  readonly onEnd: (outcome: TurnOutcome) => void;
}

function noTimer(): void {
  // Nothing to cancel.
}

/** One waiter's place in the queue of a mutex. */
class Turn {
  private isOver = false;
  private readonly cancelTimer: () => void;
  /** The signal, where it is listened to. */
  private readonly heard: AbortSignal | undefined;

  constructor(
    mutex: Mutex,
    private readonly options: TurnOptions,
  ) {
    const onTimer = (): void => {
      this.end('timeout');
    };
    // A free mutex is granted before any timer could fire, and before any signal but one of this very moment.
    const { signal } = options;
    this.cancelTimer = noTimer;
    if (mutex.isLocked()) {
      this.cancelTimer = options.setTimer(onTimer, options.waitMs);
      this.heard = signal;
      signal?.addEventListener('abort', this.onAbort);
      options.onWait?.();
    }
    void mutex.acquire().then(release => {
      if (signal?.aborted === true) this.end('aborted');
      // The mutex cannot take a waiter out of its queue: one that left in the meantime passes its turn on.
      if (this.isOver) release();
      else this.end('granted');
    });
  }

  end(outcome: TurnOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelTimer();
    this.heard?.removeEventListener('abort', this.onAbort);
    this.options.onEnd(outcome);
  }

  private readonly onAbort = (): void => {
    this.end('aborted');
  };
}
