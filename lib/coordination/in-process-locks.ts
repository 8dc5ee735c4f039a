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

/** Everybody who wants one key; most keys are wanted by one only. */
interface Entry {
  lease: HeldLease | undefined;
  /** Those who wait for it; undefined: nobody ever had to. */
  queue: Queue | undefined;
  /** By the holder before, for the next one; it goes with the entry. */
  left: object | undefined;
}

interface Queue {
  /** Passes the key on in order. Whoever has the key has it. */
  readonly mutex: Mutex;
  readonly waiting: Set<Turn>;
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
    checkTimerMs('waitMs', options.waitMs);
    const lease = this.takeFree(key, options);
    if (lease !== undefined) return lease;
    if (this.isClosed) return notAcquired('closed', 0);
    const entry = this.entries.get(key);
    if (entry === undefined || options.signal?.aborted === true) return notAcquired('aborted', 0);
    const maxWaiters = options.maxWaiters ?? this.options.maxWaiters ?? DEFAULT_MAX_WAITERS;
    if (claims(entry) > maxWaiters) return notAcquired('queue-full', 0);
    return this.queue(key, entry, options);
  }

  takeFree(key: string, { leaseMs, signal }: AcquireOptions): Lease | undefined {
    checkTimerMs('leaseMs', leaseMs);
    if (this.isClosed || signal?.aborted === true || this.entries.has(key)) return undefined;
    return this.grant(key, this.newEntry(key), leaseMs);
  }

  find(key: string, token: string): Lease | undefined {
    const lease = this.entries.get(key)?.lease;
    return lease?.token === token && lease.isLive ? lease : undefined;
  }

  close(): void {
    this.isClosed = true;
    for (const { queue, lease } of [...this.entries.values()]) {
      for (const turn of [...(queue?.waiting ?? [])]) turn.end('closed');
      lease?.lose('closed');
    }
  }

  private newEntry(key: string): Entry {
    const entry: Entry = { lease: undefined, queue: undefined, left: undefined };
    this.entries.set(key, entry);
    return entry;
  }

  private queue(key: string, entry: Entry, options: AcquireOptions): Promise<Lease | NotAcquired> {
    const { waitMs, leaseMs, signal, onWait } = options;
    const since = this.options.time.monotonic();
    const { mutex, waiting } = (entry.queue ??= newQueue());
    return new Promise(resolve => {
      const onEnd = (outcome: TurnOutcome): void => {
        waiting.delete(turn);
        if (outcome === 'granted') {
          resolve(this.grant(key, entry, leaseMs));
          return;
        }
        this.forgetIdle(key, entry);
        resolve(notAcquired(outcome, Math.round(this.options.time.monotonic() - since)));
      };
      const turn = new Turn(mutex, { waitMs, signal, setTimer: this.setTimer, onWait, onEnd });
      waiting.add(turn);
    });
  }

  private grant(key: string, entry: Entry, leaseMs: number): Lease {
    const onEnd = (left: object | undefined): void => {
      entry.lease = undefined;
      // Where nobody waits nobody takes it. An update that hung on a lease that is over would outlive several collections.
      if (entry.queue !== undefined) {
        entry.left = left;
        entry.queue.mutex.release();
      }
      this.forgetIdle(key, entry);
    };
    const { time } = this.options;
    const { setTimer } = this;
    const fence = ++this.fence;
    const { left } = entry;
    entry.left = undefined;
    entry.lease = new HeldLease({
      key,
      token: `${this.tokenPrefix}.${fence}`,
      fence,
      leaseMs,
      left,
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

function claims({ queue, lease }: Entry): number {
  return (queue?.waiting.size ?? 0) + (lease === undefined ? 0 : 1);
}

/** For a key that somebody has. */
function newQueue(): Queue {
  const mutex = new Mutex();
  // Locks it at once, in place of the one who has the key.
  void mutex.acquire();
  return { mutex, waiting: new Set() };
}

function notAcquired(reason: NotAcquired['reason'], waitedMs: number): NotAcquired {
  return { granted: false, reason, waitedMs };
}

/** That it is its turn, or why the place in the queue was given up. */
type TurnOutcome = 'granted' | Exclude<NotAcquired['reason'], 'queue-full'>;

interface TurnOptions {
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly setTimer: SetTimer;
  /** Told at once. */
  readonly onWait: (() => void) | undefined;
  /** Called once. */
  readonly onEnd: (outcome: TurnOutcome) => void;
}

/** One waiter's place in the queue of a mutex. */
class Turn {
  private isOver = false;
  private readonly cancelTimer: () => void;

  constructor(
    mutex: Mutex,
    private readonly options: TurnOptions,
  ) {
    const { waitMs, signal, setTimer, onWait } = options;
    this.cancelTimer = setTimer(() => {
      this.end('timeout');
    }, waitMs);
    signal?.addEventListener('abort', this.onAbort);
    onWait?.();
    void mutex.acquire().then(() => {
      // The mutex cannot take a waiter out of its queue: one that left in the meantime passes its turn on.
      if (this.isOver) mutex.release();
      else this.end('granted');
    });
  }

  end(outcome: TurnOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelTimer();
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.options.onEnd(outcome);
  }

  private readonly onAbort = (): void => {
    this.end('aborted');
  };
}
