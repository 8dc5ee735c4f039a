import type { Lease } from '../../lib/coordination/lock';

/**
 * Extends the lease at half its length until it is released, lost or would be held longer than `maxHoldMs`, or
 * `stop` fires: the message of a stopped flow will not come to its release.
 */
export function keepRenewing(
  lease: Lease,
  leaseMs: number,
  maxHoldMs: number,
  stop: AbortSignal,
): void {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const heldMs = performance.now() - startedAt;
    if (stop.aborted || heldMs + leaseMs > maxHoldMs) clearInterval(timer);
    else void extend();
  }, leaseMs / 2);
  timer.unref();

  const extend = async (): Promise<void> => {
    if (!(await lease.extend(leaseMs))) clearInterval(timer);
  };
}
