import type { Lease, NotAcquired, RecordLocks } from '../../lib/coordination/lock';
import type { RecordRef } from '../../lib/record/ref';
import type { RetryPolicy } from '../../lib/retry/policy';
import type { AcquireTurn } from '../../lib/update/context';

/** The lease of one turn outlives the update's deadline, so it ends only with the update. */
const LEASE_MARGIN_MS = 30_000;

/** Messages that may wait for one record; beyond that something is wrong with the flow. */
const MAX_WAITERS = 10_000;

/** What became of a turn, beyond what the update itself needs to know. */
export interface TurnReport {
  /** The store could not be reached, and the update went on without a lock. */
  readonly isUnprotected: boolean;
  /** The store could not be reached, and that ended the update. */
  readonly isUnavailable: boolean;
}

/** Of a turn that was taken as it should be, or not at all. */
export const PLAIN_TURN: TurnReport = { isUnprotected: false, isUnavailable: false };

/**
 * How to take the record's turn.
 * @param tell where there is something to be told of it
 */
export function turnOf(
  locks: RecordLocks,
  { deadlineMs }: RetryPolicy,
  { url }: RecordRef,
  tell?: (report: TurnReport) => void,
): AcquireTurn {
  const leaseMs = deadlineMs + LEASE_MARGIN_MS;
  return (waitMs, signal, onWait) => {
    const options = { leaseMs, waitMs, maxWaiters: MAX_WAITERS, signal, onWait };
    const free = locks.takeFree?.(url, options);
    if (free !== undefined) return reported(free, tell);
    return locks.acquire(url, options).then(taken => reported(taken, tell));
  };
}

function reported<Taken extends Lease | NotAcquired>(
  taken: Taken,
  tell: ((report: TurnReport) => void) | undefined,
): Taken {
  const isUnprotected = taken.granted && taken.isUnprotected === true;
  const isUnavailable = !taken.granted && taken.reason === 'unavailable';
  if (isUnprotected || isUnavailable) tell?.({ isUnprotected, isUnavailable });
  return taken;
}
