/**
 * Where dead letters are kept: in this process with a journal, or in Redis. It knows nothing of updates: texts are
 * opaque, and whoever decides on one names the revision that the decision was made on. Each call is one step that no
 * other process sees half done, and may be asked again after a lost answer. Rejects as the store does: StoreUnavailable,
 * InputError.
 */
export interface DeadLetterStore {
  /** True: what is stored outlives a crash of whatever stores it. */
  readonly isDurable: boolean;
  get(id: string): Promise<StoredText>;
  /** Puts one in the place of what is there, or takes it away. */
  put(change: StoreChange): Promise<StoreAnswer>;
  /**
   * What changed after that place, oldest first, and each id once. @param after of an answer before; undefined: from
   * the beginning @param most how many at most
   */
  heads(after: StorePlace | undefined, most: number): Promise<HeadPage>;
  close(): Promise<void>;
}

/** What is stored under an id. */
export interface StoredText {
  /** Never the same again; 0: nothing is there. */
  readonly revision: number;
  readonly text: string | undefined;
  /** Clock of the store, milliseconds since the epoch. */
  readonly now: number;
}

export interface StoreChange {
  readonly id: string;
  /** That the decision was made on; 0: nothing is there. */
  readonly revision: number;
  /** Undefined: it goes. */
  readonly text: string | undefined;
  /** What `heads` gives of it; opaque as well. */
  readonly head: string;
  /** Refused with `full` where that would be exceeded and the change makes it more; undefined: whatever there is. */
  readonly limits: StoreLimits | undefined;
}

export interface StoreLimits {
  readonly entries: number;
  /** Of texts and heads as UTF-8. */
  readonly bytes: number;
}

export type StoreAnswer =
  /** `saved` false: it could not be written, and is lost when this process ends before a later change is. */
  | {
      readonly kind: 'changed';
      readonly revision: number;
      readonly saved: boolean;
      readonly now: number;
    }
  /** The revision is another one by now. */
  | { readonly kind: 'moved'; readonly kept: StoredText }
  | { readonly kind: 'full' };

/** How far somebody has seen the changes of a store. Opaque. */
export interface StorePlace {
  readonly upTo: number;
  /** What has gone until then was never seen. */
  readonly floor: number;
  /** Another one where what was seen before is worth nothing: another process had the file, Redis was emptied. */
  readonly born: string;
}

export interface HeadPage {
  readonly heads: readonly {
    readonly id: string;
    readonly revision: number;
    /** Undefined: it has gone. */
    readonly head: string | undefined;
  }[];
  /** What was seen before is to be forgotten. */
  readonly isAnew: boolean;
  readonly isMore: boolean;
  readonly place: StorePlace;
  readonly entries: number;
  readonly bytes: number;
  readonly now: number;
}
