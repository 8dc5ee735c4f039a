import type { ApiFamily } from '../api/family';
import type { Lease, NotAcquired } from '../coordination/lock';
import type { RetryPolicy } from '../retry/policy';
import type { Time } from '../retry/time';
import type { Transport } from '../transport/transport';

/** What an update is doing right now, for a live status. */
export type Phase = 'queued' | 'reading' | 'writing' | 'waiting';

/** Takes the record's turn; waits at most `waitMs`. */
export type AcquireTurn = (waitMs: number, signal: AbortSignal) => Promise<Lease | NotAcquired>;

/** The way to one API: everything needed to read a record. */
export interface ReadContext {
  readonly family: ApiFamily;
  readonly transport: Transport;
  readonly policy: RetryPolicy;
  readonly time: Time;
  readonly random: () => number;
  /** Ends waits and reads at once (redeploy, stop). */
  readonly stop: AbortSignal;
}

export interface UpdateContext extends ReadContext {
  /** Ends a write that was already sent; fires a grace period after `stop`. */
  readonly kill: AbortSignal;
  /** One at a time per record; undefined when the caller already holds the record or does not want it. */
  readonly turn: AcquireTurn | undefined;
  readonly onPhase?: (phase: Phase) => void;
}
