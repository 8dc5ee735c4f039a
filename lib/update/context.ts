import type { ApiFamily } from '../api/family';
import type { Lease, NotAcquired } from '../coordination/lock';
import type { Attempt } from '../outcome/outcome';
import type { RetryBudget } from '../retry/budget';
import type { RetryPolicy } from '../retry/policy';
import type { Time } from '../retry/time';
import type { OwnWrites } from './own-writes';
import type { Line } from '../transport/throttle/fair-queue';
import type { Held, Transport } from '../transport/transport';

/** What an update is doing right now, for a live status. */
export type Phase = 'queued' | 'reading' | 'writing' | 'waiting' | Held;

/** Takes the record's turn; waits at most `waitMs`, and says at once when it has to. */
export type AcquireTurn = (
  waitMs: number,
  signal: AbortSignal,
  onWait: () => void,
) => Promise<Lease | NotAcquired>;

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
}

export interface UpdateContext extends ReadContext {
  /** Ends a write that was already sent; fires a grace period after `stop`. */
  readonly kill: AbortSignal;
  /** One at a time per record; undefined when the caller already holds the record or does not want it. */
  readonly turn: AcquireTurn | undefined;
  /** Header of an Idempotency-Key per write; undefined: none is sent. */
  readonly idempotency?: { readonly header: string; readonly newKey: () => string };
  /** A text that nobody has got before, in the form of a UUID: the token of a write. */
  readonly newToken: () => string;
  /** The version log: told every attempt once what followed from it is known; attempts then carry their `diff`. */
  readonly onAttempt?: (attempt: Attempt) => void;
}
