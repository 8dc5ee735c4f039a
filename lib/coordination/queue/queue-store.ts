/**
 * Where a queue keeps its records: in this process with a journal, or in Redis. It knows nothing of updates: texts are
 * opaque, and who decides on them names the revision that the decision was made on. All times are the store's own clock,
 * milliseconds since the epoch; every call is one step that no other process sees half done.
 */
export interface QueueStore {
  /** True: what is stored outlives a crash of whatever stores it. */
  readonly isDurable: boolean;
  look(record: string): Promise<Slot>;
  /** Rejects as the store does: StoreUnavailable, InputError. It may be asked again with the same `id`. */
  change(change: SlotChange): Promise<ChangeResult>;
  /** Ends leases that are over, then hands out what is due. */
  take(options: TakeOptions): Promise<TakeResult>;
  /** Keeps a text with a running item and renews its lease. False: the run is not that token's any more. */
  note(record: string, token: string, note: string, leaseMs: number): Promise<boolean>;
  /** The record whose first item was accepted first; undefined: none waits. */
  oldest(): Promise<string | undefined>;
  state(): Promise<StoreState & { readonly oldestAt: number | undefined }>;
  setPaused(isPaused: boolean): Promise<void>;
  /** Replaces the hold where it still is that one. Nothing is handed out until `heldUntil` (0: no hold). */
  setHold(before: string, after: string, heldUntil: number): Promise<boolean>;
  /** Makes everything due, and ends the hold. */
  flush(): Promise<void>;
  /** Calls back when another process, or this one, has made something due. */
  onWork(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface StoredItem {
  readonly text: string;
  readonly dueAt: number;
}

/** What is stored of one record besides what runs. */
export interface Slot {
  /** Another one after every change; 0: nothing is stored. */
  readonly revision: number;
  /** First come first. */
  readonly items: readonly StoredItem[];
  /** Outlives the items by a while. */
  readonly memory: string | undefined;
  readonly isRunning: boolean;
}

export interface SlotChange {
  readonly record: string;
  /** Made once per change: asked again after a lost answer, it is not done twice. */
  readonly id: string;
  /** Undefined: whatever is stored. */
  readonly revision: number | undefined;
  /** How many of the items stay, from the first on; undefined: all. */
  readonly keep: number | undefined;
  readonly add: readonly StoredItem[];
  /** Undefined: stays as it is. */
  readonly memory: string | undefined;
  /** How long memory outlives the last item and run. */
  readonly memoryMs: number;
  /** Refused with `full` when more items than that would wait in the whole queue. Undefined: no limit. */
  readonly limit: number | undefined;
  /** Ends the run of that token; `stale` where the run is not its any more. `note` goes with the first item. */
  readonly ends: { readonly token: string; readonly note: string | undefined } | undefined;
  readonly count: Partial<Counters>;
}

export interface Counters {
  readonly accepted: number;
  readonly merged: number;
  readonly superseded: number;
  readonly done: number;
  readonly again: number;
  readonly givenUp: number;
  /** Of the tickets settled: how many met a conflict. Counted by minute. */
  readonly settled: number;
  readonly conflicts: number;
}

export type ChangeResult =
  | { readonly kind: 'changed'; readonly saved: boolean; readonly state: StoreState }
  /** The revision is another one by now. */
  | { readonly kind: 'moved'; readonly slot: Slot }
  | { readonly kind: 'stale' | 'full' };

export interface StoreState {
  readonly now: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly counters: Counters;
  /** Within the last minutes that the queue asks for. */
  readonly recent: { readonly settled: number; readonly conflicts: number };
  readonly isPaused: boolean;
  readonly hold: string;
  readonly heldUntil: number;
}

export interface TakeOptions {
  /** One per ticket that may be handed out, made by the caller: asked again after a lost answer it gets the same ones. */
  readonly tokens: readonly string[];
  readonly parallel: number;
  readonly leaseMs: number;
  readonly batch: { readonly size: number; readonly pauseMs: number } | undefined;
}

export interface TakeResult {
  readonly taken: readonly TakenItem[];
  /** When there may be more; undefined: not before something happens. */
  readonly nextAt: number | undefined;
  readonly state: StoreState;
}

export interface TakenItem {
  readonly record: string;
  readonly text: string;
  readonly token: string;
  readonly fence: number;
  readonly expiresAt: number;
  /** How often it was handed out, this time included. */
  readonly deliveries: number;
  /** What was noted of it before. */
  readonly note: string | undefined;
}
