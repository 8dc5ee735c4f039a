/** How long before its confirmation an event was claimed, in steps. */
const STEP_MS = 100;
/** Steps in the fraction of a millisecond; exact for clocks that have run for less than two years. */
const STEPS = 2 ** 16;

/**
 * When an event was confirmed and when it was claimed before (milliseconds of one clock), as one number: a million of
 * them are remembered. The whole part is the confirmation, rounded up; claims of more than 109 minutes count as that.
 */
export function packTimes(confirmedAt: number, claimedAt: number): number {
  const steps = Math.round((confirmedAt - claimedAt) / STEP_MS);
  return Math.ceil(confirmedAt) + Math.min(steps, STEPS - 1) / STEPS;
}

export function confirmedAt(packed: number): number {
  return Math.floor(packed);
}

/** To a tenth of a second. */
export function claimedAt(packed: number): number {
  const whole = Math.floor(packed);
  return whole - (packed - whole) * STEPS * STEP_MS;
}
