import { afterAll, beforeAll } from 'vitest';
import { speedUpClock, type FastClock } from './fast-clock.mjs';

/** Lets the clock of this process go faster during the tests of a file, and jump where a test says so. */
export function useFastClock(rate: number): Pick<FastClock, 'pass'> {
  let clock: FastClock | undefined;
  beforeAll(() => {
    clock = speedUpClock(rate);
  });
  afterAll(() => clock?.end());
  return { pass: ms => clock?.pass(ms) };
}
