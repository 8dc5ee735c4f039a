import type { Refusal, TransitionGuard } from '../lifecycle/guard';
import type { Fields, RecordKey } from '../record/fields';
import type { FieldConflict } from '../record/reconcile';
import type { Snapshot } from '../record/snapshot';
import type { RetryCause } from '../retry/policy';
import type { ResponseClass } from './response-class';

/** How one update can end. The order is the one of the help texts. */
export const OUTCOMES = [
  'updated',
  'unchanged',
  'already-applied',
  'conflict',
  'invalid-state',
  'rejected',
  'denied',
  'not-found',
  'busy',
  'exhausted',
  'unavailable',
  'uncertain',
  'unsupported',
  'rolled-back',
  'never-ran',
  'retry',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Outcomes after which the record holds the desired values. */
export const DONE_OUTCOMES: readonly Outcome[] = ['updated', 'unchanged', 'already-applied'];

export interface Conflict {
  readonly fields: readonly FieldConflict[];
  /** `theirs` when the conflict rule gave everything up. */
  readonly resolution?: 'theirs';
  /** Who had changed the record last, as far as it tells. */
  readonly changedBy?: string;
  /** When, as the API spells it. */
  readonly changedAt?: string;
}

/** One write that was sent. Never holds a secret; values only where the endpoint keeps a version log. */
export interface Attempt {
  /** ISO 8601 time at which the write left. */
  readonly when: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  readonly versionSent: string;
  readonly versionSeen?: string;
  readonly class: ResponseClass;
  /** Milliseconds waited before this attempt. */
  readonly waitedMs: number;
  /** Version log: target and guard fields whose value differs between the baseline and the re-read after this attempt. */
  readonly diff?: readonly FieldConflict[];
  /** Who had changed the record that the re-read after this attempt found, as far as it tells. */
  readonly changedBy?: string;
  /** When, as the API spells it. */
  readonly changedAt?: string;
}

export interface OutcomeError {
  readonly message: string;
  /** Our stable code, for example `VERSION_NOT_PROGRESSING`. */
  readonly code: string;
  /** The API's own code, for example `0x80060882`. */
  readonly apiCode?: string;
}

/** A write whose fate is unknown. */
export interface Doubt {
  readonly versionSent: string;
  /** A later read still showed that version: the write had not been applied by then. */
  readonly seenUnmoved: boolean;
  /** That read settled it: not in place. Only a refusal of that very version shows that the read was behind. */
  readonly settled?: true;
}

/** Whether the fate of a write is still unknown. */
export function isUnsettled(doubt: Doubt | undefined): boolean {
  return doubt !== undefined && doubt.settled !== true;
}

/** The key of a request that may be sent again as it was. */
export interface IdempotencyKey {
  readonly key: string;
  /** Of method, address, version and body: a request that differs needs a new key. */
  readonly requestHash: string;
}

/** An attempt whose fate is unknown, carried by the message through a wired loop. */
export interface Pending extends Doubt {
  readonly changesHash: string;
  /** What the attempt put into the stamp field. */
  readonly stamp?: string;
  /** Only where the changes were computed from the record: what the attempt sent. */
  readonly sent?: Fields | undefined;
  readonly idempotency?: IdempotencyKey;
}

/** The baseline a wired loop keeps: the first snapshot, and which update it belongs to. */
export interface KeptBase {
  readonly snapshot: Snapshot;
  readonly changesHash: string;
  /** The update itself has read it: no message brought what was decided on. */
  readonly own?: true;
}

/** What is known of a write that left, or was about to: a wired loop would keep the same. Plain data. */
export interface WriteFate {
  readonly base: KeptBase;
  readonly pending: Pending;
  /** Id of the node that writes, where somebody keeps that: it can do the update once more. */
  readonly node?: string;
}

/**
 * What is known of an update that has ended otherwise than as wanted, beside its message, for whoever does it once more.
 * Plain data.
 */
export interface UpdateEvidence {
  /** Baseline of the decision; absent: the message brought none, and the record was never read. */
  readonly base?: KeptBase;
  /** A write that may have been applied. */
  readonly pending?: Pending;
  /** The guard of the transition, which does not stay in the message. */
  readonly transition?: TransitionGuard;
}

/** What `msg.update` holds. */
export interface UpdateResult {
  readonly outcome: Outcome;
  /** Only with outcome `retry` and what became of it. */
  readonly cause?: RetryCause;
  /** Only where a Practice API was written to: no system of the user's knows of it. */
  readonly practice?: true;
  /** The store of the locks could not be reached, and the setting is to go on: other updates of the record were possible meanwhile. */
  readonly unlocked?: true;
  /** Only where the retries followed the rate of conflicts: how many there were, and how many times as long they waited. */
  readonly adapted?: { readonly conflictRetries: number; readonly waitFactor: number };
  readonly key: RecordKey;
  readonly attempts: readonly Attempt[];
  readonly reads: number;
  readonly retries: number;
  /** From the message to the end. */
  readonly durationMs: number;
  /** Of these, until it could begin: its turn at the endpoint and at the record. Absent: at once. */
  readonly queuedMs?: number;
  /** ISO 8601 time before which the server does not want to be asked again. */
  readonly notBefore?: string;
  /** Whether the outcome was proven by the record itself (an accepted conditional write or a read). */
  readonly verified: boolean;
  readonly conflict?: Conflict;
  /** Target fields left to the other side by a merge or keep-theirs rule, or because the wanted status was there already. */
  readonly kept?: readonly string[];
  /** Target fields that somebody else had set to the very value of this update. */
  readonly sameByOthers?: readonly string[];
  readonly error?: OutcomeError;
  /** What the transition guard has against the new status. */
  readonly refused?: Refusal;
  /** Only with outcome `retry`. */
  readonly base?: KeptBase;
  /** Only with outcome `retry`. */
  readonly pending?: Pending;
  /** Id of the node that has done it; absent where it ended as wanted. */
  readonly node?: string;
  /** Absent where it ended as wanted, and in a wired loop. */
  readonly evidence?: UpdateEvidence;
}
