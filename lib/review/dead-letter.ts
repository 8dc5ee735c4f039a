import type { Outcome, OutcomeError, UpdateEvidence } from '../outcome/outcome';
import type { Fields, RecordKey } from '../record/fields';

/** Of what is stored. An entry of a later one is not touched; one of an earlier one is read as what it was. */
export const DEAD_LETTER_FORMAT = 1;

/** How an update ended that needs a person; `error`: it never was one, a Catch node brought its message. */
export type ReviewReason = Outcome | 'error';

/** What a person does with an entry. `expire`: nobody did anything for so long. */
export const REVIEW_ACTIONS = ['replay', 'ours', 'edit', 'theirs', 'discard'] as const;
export type ReviewAction = (typeof REVIEW_ACTIONS)[number];

/** One field of an update that needs a person, as the last look at the record showed it. */
export interface ReviewField {
  readonly name: string;
  /** What the decision was made on: "it was". Undefined: not known. */
  readonly base: unknown;
  /** "Your flow wanted". Undefined: not known (computed changes, and guard fields, which nobody wants to change). */
  readonly ours: unknown;
  /** "It is now", at `seenAt` of the entry. Undefined: not known. */
  readonly theirs: unknown;
  readonly changedByUs: boolean;
  /** Undefined: base or theirs is not known. */
  readonly changedByThem: boolean | undefined;
  /** It is what the update could not be done for. */
  readonly conflicting: boolean;
  /** The decision depended on it, and it is not written. */
  readonly isGuard: boolean;
}

/** Where the record of an entry is. */
export interface ReviewedRecord {
  readonly key: RecordKey | undefined;
  /** Without query; undefined: the message does not say. */
  readonly url: string | undefined;
  /** Entity set or path, for example `salesorders`; empty: not known. */
  readonly type: string;
}

/** The node that made the update, which also does it once more. */
export interface ReviewSource {
  readonly node: string;
  readonly type: string;
  readonly name: string;
}

export interface ReviewedEndpoint {
  /** Id of the record-endpoint node. */
  readonly node: string;
  readonly name: string;
  /** When the update was made: nothing is sent elsewhere without a word. */
  readonly baseUrl: string;
}

/** One thing that happened to an entry. */
export interface ReviewEvent {
  /** Wall clock, milliseconds since the epoch. */
  readonly at: number;
  /** `failed`: the update came (again). Else what somebody did; `expire`: nobody did anything for too long. */
  readonly what: 'failed' | 'expire' | ReviewAction;
  /** Who did it, as adminAuth knows them or as the message says; absent: nobody, or nobody knows. */
  readonly by?: string;
  /** How the update ended. */
  readonly outcome?: ReviewReason;
  /** Why it was discarded, or the error in words. */
  readonly text?: string;
  /** What the record showed when it was decided, by field. */
  readonly showed?: Fields;
  /** Writes of this run. */
  readonly attempts?: number;
}

/** Somebody works on an entry: nobody else can meanwhile. It ends by itself when its process is killed. */
export interface ReviewClaim {
  readonly token: string;
  readonly by: string;
  readonly action: ReviewAction;
  readonly since: number;
  /** Clock of the store, milliseconds since the epoch. */
  readonly until: number;
}

/** How an entry was settled. */
export interface Settlement {
  readonly at: number;
  readonly action: ReviewAction | 'expire';
  readonly by: string;
  /** Of the run that did it. */
  readonly outcome?: Outcome;
  readonly reason?: string;
}

/** What was left out because the entry would have been too large, could not be kept, or is a secret. */
export interface LeftOut {
  /** For example `msg.attachment` or `base`. */
  readonly path: string;
  readonly why: 'size' | 'kind' | 'secret';
}

/** Where a message came from, for whoever follows it through other systems. */
export interface ReviewTrace {
  readonly msgid?: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly b3?: string;
  readonly otelRootMsgId?: string;
}

/**
 * An update that a person decides on. Its id stands for flow node, record and changes: the same update that fails once
 * more adds to its history. Plain data; holds no secret.
 */
export interface DeadLetter {
  readonly format: number;
  readonly id: string;
  readonly state: 'open' | 'settled';
  readonly record: ReviewedRecord;
  readonly source: ReviewSource | undefined;
  readonly endpoint: ReviewedEndpoint | undefined;
  readonly outcome: ReviewReason;
  /** In words; undefined: the outcome says it all. */
  readonly error: OutcomeError | undefined;
  readonly fields: readonly ReviewField[];
  /** ISO 8601 time of the read that `theirs` is from; undefined: the record was not read. */
  readonly seenAt: string | undefined;
  /** Undefined: computed from the record, left out, or not known. */
  readonly changes: Fields | undefined;
  /** They are computed anew for every version that a write goes out on. */
  readonly isComputed: boolean;
  /** An action is called in place of a write. */
  readonly isAction: boolean;
  readonly evidence: UpdateEvidence;
  /** How often the update has come. */
  readonly failures: number;
  /** Writes in all. */
  readonly attempts: number;
  /** The message without its result, its record and its secrets. */
  readonly message: Fields;
  /** Member of the message that the changes go back to; undefined: none held them. */
  readonly changesAt: string | undefined;
  readonly leftOut: readonly LeftOut[];
  readonly trace: ReviewTrace;
  /** Wall clock, milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The first and the latest ones, oldest first. */
  readonly history: readonly ReviewEvent[];
  readonly claim: ReviewClaim | undefined;
  readonly settled: Settlement | undefined;
}

/** An entry as it is stored. */
export interface StoredDeadLetter {
  readonly entry: DeadLetter;
  /** Another one after every change: whoever decides on the entry names it. */
  readonly revision: number;
}
