import { afterAll, beforeAll } from 'vitest';
import { speedUpClock } from './fast-clock.mjs';

/** Lets the clock of this process go faster during the tests of a file. */
export function useFastClock(rate: number): void {
  let slowDown: (() => void) | undefined;
  beforeAll(() => {
    slowDown = speedUpClock(rate);
  });
  afterAll(() => slowDown?.());
}
