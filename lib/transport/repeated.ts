import type { Repeat } from './call';

/** Statuses after which the same request may be answered properly a little later. */
const TRANSIENT: readonly number[] = [408, 421, 425, 500, 502, 503, 504];

/**
 * Whether the transport repeats a request that was answered so. This is who repeats what:
 * - a write: the update loop alone, which reads before it sends one again;
 * - a read: the transport, but not after a 429. Whoever asked waits that out, because it counts against his retries;
 * - a request for a token: the transport, also after a 429.
 */
export function isRepeated(repeat: Repeat, status: number): boolean {
  if (repeat === 'once') return false;
  return TRANSIENT.includes(status) || (repeat === 'token' && status === 429);
}
