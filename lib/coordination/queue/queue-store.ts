/**
 * Where a queue keeps its records: in this process with a journal, or in Redis. It knows nothing of updates: texts are
 * opaque, and who decides on them names the revision that the decision was made on. All times are the store's own clock,
 * milliseconds since the epoch; every call is one step that no other process sees half done.
 */
export interface QueueStore {
  /** True: what is stored outlives a crash of whatever stores it. */
  readonly isDurable: boolean;
  look(record: string): Promise<Slot>;
  /**
   * Rejects as the store does: StoreUnavailable, InputError. After a lost answer the store asks again itself before it
   * rejects: what is asked once is done once at most.
   */
  change(change: SlotChange): Promise<ChangeResult>;
  /**
   * Ends leases that are over: what ran goes back to the head of its record as it is. Then hands out what is due, one of
   * each record at a time. First comes what was accepted first, or became due first where it had to wait for that.
   */
  take(options: TakeOptions): Promise<TakeResult>;
  /**
   * Notes something of what runs, in the place of what was noted before, and renews its lease. False: the run is not that
   * token's any more.
   */
  note(record: string, token: string, note: string, leaseMs: number): Promise<boolean>;
  /** Records whose first waiting item was accepted first, the oldest first. @param most how many at most */
  oldest(most: number): Promise<readonly string[]>;
  state(): Promise<StoreState>;
  /** Nothing is handed out while it is paused. */
  setPaused(isPaused: boolean): Promise<void>;
  /** Replaces the hold where it still is that one. Nothing is handed out until `heldUntil` (0: no hold). */
  setHold(before: string, after: string, heldUntil: number): Promise<boolean>;
  /** Makes everything due, what waits behind another item too, and lets `heldUntil` be over. Stays paused. */
  flush(): Promise<void>;
  /**
   * Calls back when another process, or this one, has done what may let something be handed out, or when that is on its way
   * and a take from then on comes after it, until the returned function is called. Not for what time alone brings: `nextAt`
   * says that.
   */
  onWork(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Something that waits. */
export interface StoredItem {
  readonly text: string;
  /** Not handed out before; 0: at once. */
  readonly dueAt: number;
  /** By the store's clock, as far as whoever accepted it knew that. */
  readonly acceptedAt: number;
  /** How often it was handed out since it was last settled. */
  readonly deliveries: number;
  /** What was noted of it when it was handed out. */
  readonly note: string | undefined;
}

/** What is stored of one record. */
export interface Slot {
  /** Another one after every change of items and memory, never the same again; 0: there are none of both. */
  readonly revision: number;
  /** What waits, first come first. */
  readonly items: readonly StoredItem[];
  /** Outlives items and run by a while. */
  readonly memory: string | undefined;
  /** A lease that is over runs on until somebody takes. */
  readonly run: { readonly token: string; readonly item: StoredItem } | undefined;
}

export interface SlotChange {
  readonly record: string;
  /**
   * Of what ends a run, and may be asked again after it was rejected: within half a minute it answers what it did.
   * Undefined: it is not.
   */
  readonly id: string | undefined;
  /** Undefined: whatever is stored. */
  readonly revision: number | undefined;
  /** Where items go and come; undefined: at the end. */
  readonly at: number | undefined;
  /** How many go, from there on. */
  readonly remove: number;
  readonly add: readonly StoredItem[];
  /** Undefined: stays as it is. */
  readonly memory: string | undefined;
  /** How long memory outlives the last item and run. */
  readonly memoryMs: number;
  /**
   * Refused with `full` when it makes more items wait than before and than that, in the whole queue. Undefined: no limit.
   */
  readonly limit: number | undefined;
  /** Ends the run of that token, and what ran is gone; `stale` where the run is not its any more. */
  readonly ends: string | undefined;
  readonly count: Partial<Counters>;
}

export interface Counters {
  readonly accepted: number;
  readonly merged: number;
  readonly superseded: number;
  readonly done: number;
  readonly again: number;
  readonly givenUp: number;
  /** Of the tickets settled: how many met a conflict. */
  readonly settled: number;
  readonly conflicts: number;
}

/** Nothing was changed unless it says so. What is asked first: `stale`, `moved`, `full`. */
export type ChangeResult =
  /**
   * `saved` false: it could not be written, and is lost when this process ends before a later change is. `state` as of
   * `take`.
   */
  | { readonly kind: 'changed'; readonly saved: boolean; readonly state: StoreState }
  /** The revision is another one by now. */
  | { readonly kind: 'moved'; readonly slot: Slot }
  | { readonly kind: 'stale' | 'full' };

export interface StoreState {
  readonly now: number;
  readonly waiting: number;
  readonly inFlight: number;
  /** When the oldest of what waits at the head of a record was accepted; undefined: nothing waits. */
  readonly oldestAt: number | undefined;
  /** Since when, or from when on, something may be handed out; undefined: nothing waits but behind what runs. */
  readonly dueAt: number | undefined;
  readonly counters: Counters;
  /** `settled` and `conflicts` of the last `RECENT_MINUTES`. */
  readonly recent: Pick<Counters, 'settled' | 'conflicts'>;
  readonly isPaused: boolean;
  /** Empty: none was ever set. */
  readonly hold: string;
  readonly heldUntil: number;
}

export interface TakeOptions {
  /** One per ticket that may be handed out, made by the caller: asked again after a lost answer it gets the same ones. */
  readonly tokens: readonly string[];
  /** How many may run, whoever took them. */
  readonly parallel: number;
  readonly leaseMs: number;
  /** At most `size` are handed out within `pauseMs` after the first of them. */
  readonly batch: { readonly size: number; readonly pauseMs: number } | undefined;
}

export interface TakeResult {
  readonly taken: readonly TakenItem[];
  /** When there may be more; undefined: not before something happens. */
  readonly nextAt: number | undefined;
  /** `oldestAt` and `dueAt` may be left out where no hold was ever set. */
  readonly state: StoreState;
}

/** `deliveries`: this time included. */
export interface TakenItem extends StoredItem {
  readonly record: string;
  readonly token: string;
  /** Greater than any before it in this queue. */
  readonly fence: number;
  readonly expiresAt: number;
}
