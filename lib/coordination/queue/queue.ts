import type { WriteFate } from '../../outcome/outcome';
import type { Fields } from '../../record/fields';

/**
 * What becomes of several waiting updates of one record. `merge`: one update, field by field the newest value. `newest`:
 * an older one leaves when a newer one names all its fields, else both wait. `order`: every one is handed on.
 */
export type QueueMode = 'merge' | 'newest' | 'order';

/** One update on its way into the queue. Plain data only. */
export interface UpdateToQueue {
  /** Names the record; unique across APIs where the flow needs that. */
  readonly record: string;
  /** Undefined: it keeps its place whatever comes (transitions, actions, computed changes). */
  readonly changes: Fields | undefined;
  /** Version of the snapshot that the changes were decided on; undefined: none came along. */
  readonly version: string | undefined;
  /** When it happened, wall clock, milliseconds since the epoch; undefined: when it arrived. */
  readonly eventAt: number | undefined;
  /** Not handed on before, wall clock, milliseconds since the epoch; undefined: at once. */
  readonly dueAt: number | undefined;
  /** What else travels with the changes, as JSON. Opaque. */
  readonly message: string;
}

/** An update that waits or runs. */
export interface QueuedUpdate extends Omit<UpdateToQueue, 'dueAt'> {
  readonly acceptedAt: number;
  /** How many accepted updates it stands for. */
  readonly updates: number;
  /** How often it came back to be tried again. */
  readonly postponed: number;
}

/** The right to work on an update until its lease ends. Plain data: it travels in messages. */
export interface Ticket {
  readonly record: string;
  readonly token: string;
  /** Only ever grows for one record. */
  readonly fence: number;
  /** Wall clock, milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface Taken {
  readonly ticket: Ticket;
  readonly update: QueuedUpdate;
  /** 1: it is handed on for the first time. More: tickets before were never settled. */
  readonly deliveries: number;
  /** A write of an earlier delivery is in doubt. */
  readonly fate: WriteFate | undefined;
}

/** An update that has left the queue because it was handed on as often as the limit allows, or cannot be. */
export interface GivenUp extends Omit<Taken, 'ticket'> {
  readonly unread?: Unread;
}

/** What cannot be read of an update: somebody else has changed it, or a later version wrote it. */
export interface Unread {
  /** `fate`: what was noted of a write, which may have been applied. */
  readonly what: 'update' | 'fate';
  /** As it was stored. */
  readonly text: string;
  /** Of an update: what was noted of a write, which may have been applied. */
  readonly note?: string;
}

export type PutResult =
  | {
      /** `merged`: into one that waits already. */
      readonly state: 'queued' | 'merged';
      /** False: the store may lose it when it is restarted. */
      readonly durable: boolean;
      /** Updates that will not be handed on because of this one. */
      readonly superseded: readonly QueuedUpdate[];
    }
  /** All of its fields have newer values, waiting, running or done. */
  | { readonly state: 'superseded' };

/** How a ticket ends. */
export type TicketEnding =
  | { readonly kind: 'done' | 'given-up'; readonly metConflict: boolean }
  /**
   * Tried again not before that time; undefined: after a wait that grows with every try. `fate` where a write is in doubt;
   * `as-stored`: nobody has looked at the record since. It is given up where it was tried as often as the limit allows.
   */
  | {
      readonly kind: 'again';
      readonly metConflict: boolean;
      readonly dueAt: number | undefined;
      readonly fate: WriteFate | 'as-stored' | undefined;
    }
  /** Nobody got it: it is due at once, and this does not count as a try. */
  | { readonly kind: 'unseen' };

export type SettleResult =
  /** `superseded`: it came back, and newer updates that wait name all its fields. */
  | { readonly state: 'done' | 'given-up' | 'queued' | 'superseded' }
  /** Nothing was changed: the ticket was settled before, is over, or is none of this queue's. */
  | { readonly state: 'late' };

/** Counters since the queue was made, and what it holds now. */
export interface QueueStats {
  readonly waiting: number;
  readonly inFlight: number;
  /** Milliseconds; undefined: nothing waits. */
  readonly oldestAgeMs: number | undefined;
  readonly accepted: number;
  readonly merged: number;
  readonly superseded: number;
  readonly done: number;
  readonly again: number;
  readonly givenUp: number;
  readonly isPaused: boolean;
  /** Wall clock, milliseconds since the epoch; undefined: updates are not held. */
  readonly heldUntil: number | undefined;
  /** Conflicts among the updates settled within the window: 0 to 1. */
  readonly conflictRate: number;
}

/** How updates are handed on. Times in milliseconds. */
export interface Dispatch {
  /** How many may be in flight, in all processes together. */
  readonly parallel: number;
  /** A ticket that is not settled comes back after this time. */
  readonly leaseMs: number;
  /** At most `size` within `pauseMs`. Undefined: no batches. */
  readonly batch: { readonly size: number; readonly pauseMs: number } | undefined;
}

/** Updates of many records, one in flight per record. What it has accepted leaves it by a ticket or as superseded. */
export interface RecordQueue {
  /** Resolves once it is stored. Rejects with InputError `QUEUE_FULL`, `UPDATE_TOO_LARGE` and where the store refuses. */
  put(update: UpdateToQueue): Promise<PutResult>;
  /** What may be worked on now. @param most how many at most */
  take(most: number): Promise<{
    readonly taken: readonly Taken[];
    /** Wall clock, milliseconds since the epoch: when there may be more; undefined: not before something happens. */
    readonly nextAt: number | undefined;
  }>;
  /** Before a write leaves: stores its fate and renews the lease. False: the ticket is over, the write must not leave. */
  beforeWrite(ticket: Ticket, fate: WriteFate): Promise<boolean>;
  /** @param id made once per settlement: asked again with it after a lost answer, it answers what it did */
  settle(ticket: Ticket, ending: TicketEnding, id?: string): Promise<SettleResult>;
  stats(): Promise<QueueStats>;
  /** Nothing is handed on until `resume`, in all processes; it survives a restart. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends a hold, and makes everything due that waits for its time. */
  flush(): Promise<void>;
  /** Calls back when there may be something to take, until the returned function is called. */
  onWork(listener: () => void): () => void;
  /**
   * Calls back with an update that came back by `settle` and left the queue as superseded. Of several who listen one is
   * called: each report is there once.
   */
  onSuperseded(listener: (update: QueuedUpdate) => void): () => void;
  /**
   * Calls back with an update that was handed on as often as the limit allows and never settled, or that cannot be read:
   * it has left the queue. Of several who listen one is called. As long as nobody does, what cannot be read stays.
   */
  onGivenUp(listener: (givenUp: GivenUp) => void): () => void;
  close(): Promise<void>;
}
