import type { ApiFamily, WritePlan } from '../api/family';
import type { Lease, NotAcquired } from '../coordination/lock';
import type { Answer, Fault } from '../outcome/answer';
import type { EndedUpdate } from '../outcome/ended-update';
import type { Attempt, WriteFate } from '../outcome/outcome';
import type { RecordRef } from '../record/ref';
import type { RetryBudget } from '../retry/budget';
import type { RetryPolicy } from '../retry/policy';
import type { Time } from '../retry/time';
import type { Chains } from './chains';
import type { OwnWrites } from './own-writes';
import type { Line } from '../transport/throttle/fair-queue';
import type { Held, Transport, WireRequest } from '../transport/transport';

/** What an update is doing right now, for a live status. */
export type Phase = 'queued' | 'reading' | 'writing' | 'waiting' | Held;

/** Takes the record's turn; waits at most `waitMs`, and says at once when it has to. No promise where it had not to wait. */
export type AcquireTurn = (
  waitMs: number,
  signal: AbortSignal,
  onWait: () => void,
) => Lease | NotAcquired | Promise<Lease | NotAcquired>;

/** A write that is over without having been applied, because of another member of its group. */
export interface Withdrawn {
  readonly kind: 'withdrawn';
  /** Undone with the group, or never sent. */
  readonly outcome: 'rolled-back' | 'never-ran';
  readonly message: string;
}

/** A write that must not leave: whoever ordered it has no right to it any more, or its fate cannot be stored. */
export interface Withheld {
  readonly kind: 'withheld';
  /** Why it could not be stored; undefined: the right to it is gone. */
  readonly failure: string | undefined;
}

/** A read that may go together with others. */
export interface SharedRead {
  readonly ref: RecordRef;
  /** Undefined: all. */
  readonly fields: readonly string[] | undefined;
  /** Told when it leaves: the milliseconds that it has waited for others. */
  readonly onSent: (waitedMs: number) => void;
}

/** The same for a write. */
export interface SharedWrite {
  /** That would write the record alone. */
  readonly request: WireRequest;
  readonly plan: WritePlan;
  readonly onSent: (waitedMs: number) => void;
}

/** Sends requests of many records together. Each is answered as if it had been sent alone. */
export interface SharedRequests {
  read(read: SharedRead): Promise<Answer | Fault>;
  write(write: SharedWrite): Promise<Answer | Fault | Withdrawn>;
}

/** The way to one API: everything needed to read a record. */
export interface ReadContext {
  readonly family: ApiFamily;
  readonly transport: Transport;
  readonly policy: RetryPolicy;
  readonly time: Time;
  readonly random: () => number;
  /** Absent: retries are bounded by their number only. */
  readonly budget?: RetryBudget;
  /** Ends waits and reads at once (redeploy, stop). */
  readonly stop: AbortSignal;
  /** Absent: nothing is known of earlier writes. */
  readonly ownWrites?: OwnWrites;
  readonly onPhase?: (phase: Phase) => void;
  /** Where it waits until it may begin. Absent: it begins at once, and each request takes a place of its own. */
  readonly line?: Line | undefined;
  /** Sends its requests with those of other records. Absent: each is sent alone. */
  readonly shared?: SharedRequests;
}

export interface UpdateContext extends ReadContext {
  /** Ends a write that was already sent; fires a grace period after `stop`. */
  readonly kill: AbortSignal;
  /** One at a time per record; undefined when the caller already holds the record or does not want it. */
  readonly turn: AcquireTurn | undefined;
  /** Whose writes the next update of a record may go on from, under one turn after the other. Absent: each one reads. */
  readonly chains?: Chains;
  /** Header of an Idempotency-Key per write; undefined: none is sent. */
  readonly idempotency?: {
    readonly header: string;
    /** In quotes, as draft-ietf-httpapi-idempotency-key-header has it; most APIs want the bare key. */
    readonly isQuoted?: boolean;
    readonly newKey: () => string;
  };
  /** A text that nobody has got before, in the form of a UUID: the token of a write. */
  readonly newToken: () => string;
  /**
   * Called right before each write leaves, with what the next run of the update has to be given (`base`, `pending`)
   * where the fate of this very write is never told. False: it must not leave, and the update ends. Where it rejects,
   * nothing leaves either.
   */
  readonly beforeWrite?: (fate: WriteFate) => Promise<boolean>;
  /** Told once of every update that has ended with a result; of one that the flow stops or that fails, never. Must not throw. */
  readonly onEnded?: (ended: EndedUpdate) => void;
  /** The version log: told every attempt once what followed from it is known; attempts then carry their `diff`. */
  readonly onAttempt?: (attempt: Attempt) => void;
}
