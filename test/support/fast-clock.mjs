// A clock that goes faster: what a process waits for takes a part of the time, and every process
// that is given the same setting tells the same time. Loaded by `--import` or called by a test.

/** The setting, such as `4@1764345600000`: the rate, and since when. */
const VARIABLE = 'FAST_CLOCK';

/** Timers up to this many milliseconds stay as they are: they give way, they do not wait. */
const GIVES_WAY_MS = 1;

/**
 * What a process needs in its environment for such a clock.
 * @param {number} rate how many times faster it goes
 * @returns {Record<string, string>}
 */
export const fastClockEnv = rate => ({
  [VARIABLE]: process.env[VARIABLE] ?? `${rate}@${Date.now()}`,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${import.meta.url}`.trim(),
});

/**
 * Lets the clock of this process go faster: Date, performance.now and the timers.
 * @param {number} rate
 * @param {number} [since] milliseconds since the epoch at which it and the real one were the same
 * @returns {() => void} ends it
 */
export function speedUpClock(rate, since = Date.now()) {
  const { Date: RealDate, setTimeout, setInterval, performance } = globalThis;
  const now = performance.now.bind(performance);
  const started = now();
  class FastDate extends RealDate {
    /** @param {any[]} parts */
    constructor(...parts) {
      // @ts-expect-error: as many parts as Date takes
      super(...(parts.length === 0 ? [FastDate.now()] : parts));
    }
    static now() {
      return Math.floor(since + (RealDate.now() - since) * rate);
    }
  }
  const shorter = (/** @type {number | undefined} */ ms = 0) =>
    ms > GIVES_WAY_MS ? ms / rate : ms;
  /** @param {any} timer @returns {any} */
  const faster = timer => {
    /** @param {any} run @param {number} [ms] @param {any[]} args */
    const fast = (run, ms, ...args) => timer(run, shorter(ms), ...args);
    return Object.defineProperties(fast, Object.getOwnPropertyDescriptors(timer));
  };
  globalThis.Date = /** @type {any} */ (FastDate);
  globalThis.setTimeout = faster(setTimeout);
  globalThis.setInterval = faster(setInterval);
  performance.now = () => started + (now() - started) * rate;
  return () => {
    Object.assign(globalThis, { Date: RealDate, setTimeout, setInterval });
    // @ts-expect-error: back to the one of the prototype
    delete performance.now;
  };
}

const [rate, since] = (process.env[VARIABLE] ?? '').split('@').map(Number);
if (rate) speedUpClock(rate, since);
