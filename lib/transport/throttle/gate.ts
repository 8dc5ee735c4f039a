import type { Time } from '../../retry/time';

/** The longest that one answer may hold a credential, whatever it asks for: a slip there must not stop a flow for years. */
export const LONGEST_HOLD_MS = 3_600_000;

/** After such a hold: how long the others wait for the answer to the one request that tries. */
const TRIAL_MS = 5_000;

/** Holds every request of one credential while the API throttles it. */
export interface ThrottleGate {
  /** Milliseconds until requests may leave; 0: now. */
  heldForMs(): number;
  /**
   * Nothing leaves for that long from now on, at most `LONGEST_HOLD_MS`; a longer hold that is under way stays.
   * @returns whether the time was cut, for the first answer that asks for so much
   */
  hold(ms: number): boolean;
  /** Told that a request leaves: after a hold that was cut it is the only one, until an answer comes. */
  left(): void;
  /** Told of an answer, before what it holds. */
  answered(): void;
}

/** A gate that holds nobody. */
export function createThrottleGate(time: Pick<Time, 'monotonic'>): ThrottleGate {
  let until = 0;
  let isCut = false;
  let isTrial = false;
  return {
    heldForMs: () => Math.max(0, until - time.monotonic()),
    hold: ms => {
      const isNew = ms > LONGEST_HOLD_MS && !isCut;
      isCut ||= isNew;
      until = Math.max(until, time.monotonic() + Math.min(ms, LONGEST_HOLD_MS));
      return isNew;
    },
    left: () => {
      if (!isCut) return;
      isTrial = true;
      until = time.monotonic() + TRIAL_MS;
    },
    answered: () => {
      if (!isTrial) return;
      isTrial = isCut = false;
      until = time.monotonic();
    },
  };
}
