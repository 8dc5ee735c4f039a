import type { Time } from '../../retry/time';

/** Holds every request of one credential while the API throttles it. */
export interface ThrottleGate {
  /** Milliseconds until requests may leave; 0: now. */
  heldForMs(): number;
  /** Nothing leaves for that long from now on; a longer hold that is under way stays. */
  hold(ms: number): void;
}

/** A gate that holds nobody. */
export function createThrottleGate(time: Pick<Time, 'monotonic'>): ThrottleGate {
  let until = 0;
  return {
    heldForMs: () => Math.max(0, until - time.monotonic()),
    hold: ms => {
      until = Math.max(until, time.monotonic() + ms);
    },
  };
}
