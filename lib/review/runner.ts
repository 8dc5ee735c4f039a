import type { UpdateEvidence, UpdateResult, WriteFate } from '../outcome/outcome';
import type { Fields } from '../record/fields';
import type { Snapshot } from '../record/snapshot';
import type { DeadLetter } from './dead-letter';
import type { RefusedCode } from './desk';
import type { FieldRules } from './review-fields';

/** How the updates of entries are done once more. It knows the nodes and the network, and decides nothing. */
export interface ReviewRunner {
  /**
   * What an entry needs to be done once more. Rejects with InputError where its settings or its message cannot work.
   * @param baseUrl it may go to, although it was made for another one
   */
  prepare(entry: DeadLetter, baseUrl: string | undefined): Promise<PreparedReview | Unprepared>;
}

export interface Unprepared {
  readonly kind: 'unprepared';
  readonly code: Extract<RefusedCode, 'SOURCE_MISSING' | 'ENDPOINT_MISSING' | 'ENDPOINT_MOVED'>;
  readonly message: string;
  /** `ENDPOINT_MOVED`: where it would go. */
  readonly baseUrl?: string;
}

export interface PreparedReview {
  readonly kind: 'prepared';
  readonly rules: FieldRules;
  /** No run takes longer. Milliseconds. */
  readonly longestMs: number;
  /** Reads the record anew. */
  read(): Promise<RecordSeen>;
  /**
   * Does the update. Rejects with StopError when the flow is stopped, and with InputError where it cannot be done.
   * @param beforeWrite right before each write leaves; false: it must not
   */
  run(order: RunOrder, beforeWrite: (fate: WriteFate) => Promise<boolean>): Promise<RunReport>;
}

export type RecordSeen =
  | { readonly kind: 'seen'; readonly snapshot: Snapshot }
  | { readonly kind: 'gone'; readonly code: string; readonly message: string }
  | { readonly kind: 'unread'; readonly code: string; readonly message: string };

/** An update as an act wants it. */
export interface RunOrder {
  /** Undefined: as the node has them, from the message or computed from the record. */
  readonly changes: Fields | undefined;
  /** What is known of the runs before; empty: the record as it is now is the baseline. */
  readonly evidence: UpdateEvidence;
  /** Decided by a person on what the record shows: the conflict rule of the node is not asked, and nothing is forced. */
  readonly isDecided: boolean;
  /** Baseline that a person has decided on, in the place of the one in `evidence`. */
  readonly shown: Snapshot | undefined;
}

export interface RunReport {
  readonly update: UpdateResult;
  /** The latest snapshot; undefined when none is proven. */
  readonly record: Snapshot | undefined;
}
