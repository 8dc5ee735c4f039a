/** What travels between the sidebar and its routes. A value of a record travels as JSON text: so no digit is lost. */
import type {
  DeadLetter,
  ReviewAction,
  ReviewEvent,
  ReviewField,
  ReviewReason,
} from '../../lib/review/dead-letter';
import type { BulkProgress, ReviewCounts, ReviewLook } from '../../lib/review/desk';
import type { OutcomeError } from '../../lib/outcome/outcome';

/** The topic of the editor's web socket. It reaches everybody who may open the editor, so it carries numbers only. */
export const COUNTS_TOPIC = 'record-updates/conflicts';

/** Numbers over all lists and endpoints of this Node-RED. */
export interface LiveCounts {
  /** Another one whenever an entry has changed, or a list has come or gone. */
  readonly turn: number;
  readonly open: number;
  /** Records of which a write may be in place that nobody was told of. */
  readonly toReconcile: number;
  readonly fullLists: number;
  /** Of the acts on many that are under way: entries that are left, and all. */
  readonly bulkLeft: number;
  readonly bulkTotal: number;
  /** Ended within the last five minutes. */
  readonly updates: number;
  readonly conflicts: number;
  readonly retries: number;
}

/** A list of dead letters. */
export interface ListFace {
  readonly id: string;
  readonly name: string;
  /** Undefined: its store cannot be reached, and `unavailable` says why. */
  readonly counts: ReviewCounts | undefined;
  readonly unavailable: string | undefined;
}

export interface HomeAnswer {
  readonly lists: readonly ListFace[];
  /** Whether who asks may decide. */
  readonly mayReview: boolean;
  /** Empty: nobody has to sign in. */
  readonly user: string;
}

type ValueName = 'base' | 'ours' | 'theirs';

/** A field with its values as JSON text; absent: not known. */
export type FieldFace = Omit<ReviewField, ValueName> & Partial<Readonly<Record<ValueName, string>>>;

type EventFace = Omit<ReviewEvent, 'showed'> & { readonly showed?: string };

/** An entry as the sidebar shows it. */
export type EntryFace = Omit<DeadLetter, 'fields' | 'changes' | 'message' | 'history'> & {
  readonly fields: readonly FieldFace[];
  /** What was to be written, by field. */
  readonly changes: Readonly<Record<string, string>> | undefined;
  readonly history: readonly EventFace[];
};

export interface StoredFace {
  readonly entry: EntryFace;
  readonly revision: number;
  /** What may count twice if it is done: whoever does it has to know. */
  readonly asksFirst: readonly ReviewAction[];
}

type Seen = Extract<ReviewLook, { kind: 'seen' }>;

export type LookFace =
  | {
      readonly kind: 'seen';
      readonly is: Seen['is'];
      readonly fields: readonly FieldFace[];
      /** Comes back as it is with the act that was decided on it. */
      readonly shown: string;
      readonly readAt: string;
    }
  | Exclude<ReviewLook, { kind: 'seen' }>
  | RefusedFace;

export interface RefusedFace {
  readonly kind: 'refused';
  readonly code: string;
  readonly message: string;
  readonly now: StoredFace | undefined;
  readonly baseUrl?: string;
}

interface DoneFace<Kind> {
  readonly kind: Kind;
  readonly now: StoredFace;
  /** Of the run that did it. */
  readonly outcome?: ReviewReason;
  readonly error?: OutcomeError;
}

export type ActFace = RefusedFace | DoneFace<'settled'> | DoneFace<'open'>;

/** How many are being acted on, and by whom. */
export type BulkFace = BulkProgress | null;

export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}
