import type { UpdateResult } from '../outcome/outcome';
import type { Fields } from '../record/fields';
import type { Snapshot } from '../record/snapshot';
import type {
  DeadLetter,
  ReviewAction,
  ReviewClaim,
  ReviewedRecord,
  ReviewField,
  ReviewReason,
  Settlement,
  StoredDeadLetter,
} from './dead-letter';

/** What one line of a list shows. Holds values only in `search`, which does not leave the desk. */
export interface ReviewHead {
  readonly id: string;
  readonly revision: number;
  readonly state: DeadLetter['state'];
  readonly record: ReviewedRecord;
  /** Id and name of the endpoint node; empty: not known. */
  readonly endpoint: string;
  readonly endpointName: string;
  readonly source: string;
  readonly outcome: ReviewReason;
  readonly code: string;
  /** The error, cut off. */
  readonly message: string;
  /** Fields in conflict; where there are none, all that would be written. */
  readonly fields: readonly string[];
  readonly failures: number;
  readonly attempts: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly claim: Pick<ReviewClaim, 'by' | 'action' | 'until'> | undefined;
  readonly settled: Settlement | undefined;
  /** A write of it may be in place that nobody was told of: the record has to be compared by hand. */
  readonly mayBeWritten: boolean;
  /** A write may have been applied, so that doing it again may count twice: an act has to say so. */
  readonly asksFirst: boolean;
  readonly leftOut: number;
}

/** Which entries; what is absent does not matter. All of what is there must hold. */
export interface ReviewFilter {
  /** Default: `open`. */
  readonly state?: DeadLetter['state'] | 'all';
  readonly outcomes?: readonly string[];
  readonly types?: readonly string[];
  /** Ids of endpoint nodes. */
  readonly endpoints?: readonly string[];
  /** Address of one record. */
  readonly record?: string;
  /** Last changed before, or not before: wall clock, milliseconds since the epoch. */
  readonly before?: number;
  readonly since?: number;
  /** In key, type, reason, names and values of fields; case does not count. */
  readonly text?: string;
  readonly ids?: readonly string[];
  /** True: those only of which a write may be in place. */
  readonly mayBeWritten?: boolean;
}

export interface ReviewQuery extends ReviewFilter {
  /** Records to skip and to show: at most 200; default 50. */
  readonly skip?: number;
  readonly most?: number;
  readonly oldestFirst?: boolean;
}

/** Entries by record, the record with the latest (or oldest) one first. */
export interface ReviewPage {
  readonly records: readonly {
    readonly record: ReviewedRecord;
    readonly heads: readonly ReviewHead[];
  }[];
  /** All that the filter holds for. */
  readonly totalRecords: number;
  readonly totalEntries: number;
  /** How many entries of the state asked for have which, whatever else the filter says: to choose from. */
  readonly choices: {
    readonly outcomes: Readonly<Record<string, number>>;
    readonly mayBeWritten: number;
    readonly types: Readonly<Record<string, number>>;
    readonly endpoints: Readonly<Record<string, { readonly name: string; readonly count: number }>>;
  };
}

/** Numbers only: what everybody may see. */
export interface ReviewCounts {
  readonly open: number;
  readonly settled: number;
  /** Open entries by how they ended. */
  readonly byOutcome: Readonly<Record<string, number>>;
  /** Records with an open entry of which a write may be in place, and nobody works on it now. */
  readonly toReconcile: number;
  readonly bytes: number;
  readonly mostEntries: number;
  readonly mostBytes: number;
  /** Of open entries: wall clock, milliseconds since the epoch; undefined: there are none. */
  readonly oldestAt: number | undefined;
  /** An open entry has no place: new ones are refused. */
  readonly isFull: boolean;
}

/** What the record shows now, beside an entry. */
export type ReviewLook =
  | {
      readonly kind: 'seen';
      /** With `theirs` as it is now. */
      readonly fields: readonly ReviewField[];
      /** Goes with the act that is decided on it (`ReviewAct.shown`). */
      readonly shown: Snapshot;
      /** Whether it is still as the entry has it; `settled`: every wanted value is there by now. */
      readonly is: 'same' | 'changed' | 'settled';
    }
  /** Discarding is all that is left. */
  | { readonly kind: 'gone'; readonly code: string; readonly message: string }
  /** It could not be read. */
  | { readonly kind: 'unread'; readonly code: string; readonly message: string };

/** What somebody wants done with one entry. */
export interface ReviewAct {
  readonly id: string;
  readonly action: ReviewAction;
  /** That the decision was made on; undefined: whatever it is now. */
  readonly revision?: number;
  /** Who: at most 200 characters. */
  readonly by: string;
  /** `discard` needs one: 1 to 1,000 characters. */
  readonly reason?: string;
  /** `edit`: what to write instead. */
  readonly changes?: Fields;
  /** What the record showed to whoever decided; where it has changed since, nothing is written over it. */
  readonly shown?: Snapshot;
  /** It is known that the earlier write may count twice (`ASK_FIRST`). */
  readonly confirmed?: boolean;
  /** The base URL that it may go to, although the update was made for another one (`ENDPOINT_MOVED`). */
  readonly baseUrl?: string;
}

/** Why nothing was done. */
export type RefusedCode =
  | 'ENTRY_GONE' // there is no such entry (any more)
  | 'ENTRY_CHANGED' // by somebody else since it was looked at
  | 'ENTRY_CLAIMED' // somebody else works on it
  | 'ENTRY_SETTLED' // it is settled already
  | 'ASK_FIRST' // an earlier write may be in place: confirm
  | 'SOURCE_MISSING' // the node that made the update is not deployed
  | 'ENDPOINT_MISSING' // its endpoint is not
  | 'ENDPOINT_MOVED' // it points elsewhere by now: confirm with `baseUrl`
  | 'CHANGES_MISSING' // they were left out, or are not known
  | 'REASON_MISSING'
  | 'ACT_INVALID'; // what is wrong with it, the message says

export interface RefusedAct {
  readonly kind: 'refused';
  readonly code: RefusedCode | (string & {});
  readonly message: string;
  /** As it is now; undefined: gone. */
  readonly now: StoredDeadLetter | undefined;
  /** `ENDPOINT_MOVED`: where it would go. */
  readonly baseUrl?: string;
}

export type ActResult =
  /** The entry has left the list; `update`: the run that did it. */
  | { readonly kind: 'settled'; readonly now: StoredDeadLetter; readonly update?: UpdateResult }
  /** The run did not end well: the entry stays, with what it is about now. */
  | { readonly kind: 'open'; readonly now: StoredDeadLetter; readonly update: UpdateResult }
  | RefusedAct;

/** Before many are acted on at once. */
export interface BulkPlan {
  readonly id: string;
  readonly action: BulkAction;
  /** Entries that the filter holds for. */
  readonly matching: number;
  /** Of these: how many would be acted on, at most 5,000. */
  readonly runs: number;
  /** Whose wanted values are there by now; they run as well, and leave as `unchanged`. */
  readonly settledMeanwhile: number;
  /** Whose record is gone: they stay. */
  readonly gone: number;
  /** That could not be read, or were not because there are too many. */
  readonly unread: number;
  /** That stay: an earlier write may count twice, the endpoint points elsewhere, changes are missing, somebody works on it. */
  readonly staying: Readonly<Record<string, number>>;
  /** Seconds at the pace asked for. */
  readonly seconds: number;
  /** Wall clock, milliseconds since the epoch: it cannot be started after that. */
  readonly validUntil: number;
}

/** An edit is of one entry. */
export type BulkAction = Exclude<ReviewAction, 'edit'>;

export interface BulkWish {
  readonly filter: ReviewFilter;
  readonly action: BulkAction;
  readonly by: string;
  readonly reason?: string;
  /** 0.1 to 1,000; default 10. */
  readonly perSecond?: number;
  /** False: nothing is read, and nobody knows what has settled meanwhile. Default: true. */
  readonly look?: boolean;
}

export interface BulkProgress {
  readonly plan: string;
  readonly action: BulkAction;
  readonly by: string;
  readonly total: number;
  readonly settled: number;
  /** Ran and stayed open. */
  readonly open: number;
  /** Not run: somebody else was faster, or it could not be. */
  readonly refused: number;
  readonly left: number;
  readonly state: 'running' | 'stopped' | 'done';
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

/**
 * One list of dead letters and all that can be done with it: for the sidebar, for messages, for tests. Everything
 * rejects with InputError where the request itself makes no sense, and as the store does where that is away.
 */
export interface ReviewDesk {
  list(query: ReviewQuery): Promise<ReviewPage>;
  get(id: string): Promise<StoredDeadLetter | undefined>;
  /** Reads the record anew. Changes nothing. */
  look(id: string): Promise<ReviewLook | RefusedAct>;
  act(act: ReviewAct): Promise<ActResult>;
  /** Looks at what an act on many would do. Nothing is done yet. */
  plan(wish: BulkWish): Promise<BulkPlan>;
  /**
   * Confirms a plan, and begins. Rejects with InputError `PLAN_GONE` (no such plan, or too old) or `BULK_RUNNING` (one at
   * a time).
   */
  start(plan: string): BulkProgress;
  /** Ends the one under way after what is being written; the rest stays. */
  stop(): BulkProgress | undefined;
  /** Of the one under way, else of the last one. */
  progress(): BulkProgress | undefined;
  counts(): Promise<ReviewCounts>;
  /**
   * Calls back after every change, of this process or of another one on the same store, at most once a second, with
   * numbers only; until the returned function is called.
   */
  onChange(listener: (counts: ReviewCounts, bulk: BulkProgress | undefined) => void): () => void;
}
