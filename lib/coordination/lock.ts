export interface AcquireOptions {
  /** The lock frees itself after this time unless extended. */
  readonly leaseMs: number;
  /** How long to queue for it. */
  readonly waitMs: number;
  /** How many may queue for this key before further ones are turned away at once. */
  readonly maxWaiters?: number;
  readonly signal?: AbortSignal;
  /** Other programs know this key: it is used exactly as it is given, and what they put there is respected. */
  readonly isShared?: boolean;
  /** Told at once when the lock is not free. */
  readonly onWait?: (() => void) | undefined;
}

/** Why a lease is no longer held: the reason of its signal. */
export class LeaseLost extends Error {
  constructor(readonly why: 'expired' | 'closed') {
    super(why === 'expired' ? 'The lease expired.' : 'The locks were closed.');
    this.name = 'LeaseLost';
  }
}

export interface Lease {
  readonly granted: true;
  readonly key: string;
  readonly token: string;
  /** Only ever grows for one key. */
  readonly fence: number;
  /** Wall clock, milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The store could not be reached, and the setting is to go on: only this process knows of the lease. */
  readonly isUnprotected?: true;
  /** What the holder before has left, where the lock came straight from his hand: nobody has had it in between. */
  readonly left?: object | undefined;
  /** Aborts with LeaseLost when the lease is lost or its time is nearly over. */
  readonly signal: AbortSignal;
  /** False when the lease is no longer held. */
  extend(leaseMs: number): Promise<boolean>;
  /**
   * Idempotent; false when the lease was already gone. No promise where nobody has to be asked.
   * @param left for whoever gets the lock straight from this hand; kept for nobody else
   */
  release(left?: object): boolean | Promise<boolean>;
}

export interface NotAcquired {
  readonly granted: false;
  /** `unavailable`: the store that knows could not be reached. */
  readonly reason: 'timeout' | 'queue-full' | 'aborted' | 'closed' | 'unavailable';
  readonly waitedMs: number;
}

/** What acquires locks where the store cannot be reached: it waits, gives up at once, or goes on without the lock. */
export type Outage = 'wait' | 'busy' | 'without';

/** First come, first served per key. Correctness never rests on it: the record's version does that. */
export interface RecordLocks {
  /** Rejects with InputError where the store refuses: only a person can put that right. */
  acquire(key: string, options: AcquireOptions): Promise<Lease | NotAcquired>;
  /**
   * The lock at once where it is free; undefined: `acquire` tells. Absent: a store has to be asked. Most locks are free,
   * and waiting for what is there already costs a visible share of a fast update.
   */
  takeFree?(key: string, options: AcquireOptions): Lease | undefined;
  /** The live lease of a token that travelled in a message; undefined when it is over. */
  find(key: string, token: string): Lease | undefined;
  /** Waiters get `closed`, leases abort. */
  close(): void;
}
