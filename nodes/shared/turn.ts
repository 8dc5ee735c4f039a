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
  isUnprotected: boolean;
  /** The store could not be reached, and that ended the update. */
  isUnavailable: boolean;
}

/** Of a turn that nothing is known of yet. */
export function newTurnReport(): TurnReport {
  return { isUnprotected: false, isUnavailable: false };
}

/** The same, which also reports. */
export function reported(turn: AcquireTurn, report: TurnReport): AcquireTurn {
  const noted = (lease: Lease | NotAcquired): Lease | NotAcquired => {
    if (lease.granted) report.isUnprotected = lease.isUnprotected === true;
    else report.isUnavailable = lease.reason === 'unavailable';
    return lease;
  };
  return (waitMs, signal, onWait) => {
    const turning = turn(waitMs, signal, onWait);
    return turning instanceof Promise ? turning.then(noted) : noted(turning);
  };
}

/** How to take the record's turn. */
export function turnOf(
  locks: RecordLocks,
  { deadlineMs }: RetryPolicy,
  { url }: RecordRef,
): AcquireTurn {
  const leaseMs = deadlineMs + LEASE_MARGIN_MS;
  return (waitMs, signal, onWait) => {
    const options = { leaseMs, waitMs, maxWaiters: MAX_WAITERS, signal, onWait };
    return locks.takeFree?.(url, options) ?? locks.acquire(url, options);
  };
}
