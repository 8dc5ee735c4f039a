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
 * @typedef {object} FastClock
 * @property {(ms: number) => void} pass so much time passes at once: what waits for a moment in it comes now, in its order
 * @property {() => void} end the clock is the real one again
 */

/**
 * Lets the clock of this process go faster: Date, performance.now and the timers.
 * @param {number} rate how many times faster it goes
 * @param {number} [since] milliseconds since the epoch at which it and the real one were the same
 * @returns {FastClock}
 */
export function speedUpClock(rate, since = Date.now()) {
  const { Date: RealDate, performance } = globalThis;
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const now = performance.now.bind(performance);
  const started = now();
  /** Finer than Date has it: that would go on in steps of as many milliseconds as the rate. */
  const wall = () => performance.timeOrigin + now();
  let passed = 0;
  /** What waits, and until when. @type {Map<any, { until: number, come: () => void }>} */
  const waiting = new Map();
  class FastDate extends RealDate {
    /** @param {any[]} parts */
    constructor(...parts) {
      // @ts-expect-error: as many parts as Date takes
      super(...(parts.length === 0 ? [FastDate.now()] : parts));
    }
    static now() {
      return Math.floor(since + (wall() - since) * rate + passed);
    }
  }
  const fastNow = () => started + (now() - started) * rate + passed;
  const shorter = (/** @type {number | undefined} */ ms = 0) =>
    ms > GIVES_WAY_MS ? ms / rate : ms;
  /** @param {any} run @param {number} [ms] @param {any[]} args */
  const fastTimeout = (run, ms = 0, ...args) => {
    const come = () => {
      waiting.delete(timer);
      clearTimeout(timer);
      run(...args);
    };
    const timer = setTimeout(come, shorter(ms));
    waiting.set(timer, { until: fastNow() + ms, come });
    return timer;
  };
  /** @param {any} run @param {number} [ms] @param {any[]} args */
  const fastInterval = (run, ms = 0, ...args) => {
    const come = () => {
      waiting.set(timer, { until: fastNow() + ms, come });
      run(...args);
    };
    const timer = setInterval(come, shorter(ms));
    waiting.set(timer, { until: fastNow() + ms, come });
    return timer;
  };
  /** @param {any} clear @returns {any} */
  const forgetting = clear => (/** @type {any} */ timer) => {
    waiting.delete(timer);
    clear(timer);
  };
  const like = (/** @type {any} */ fast, /** @type {any} */ real) =>
    Object.defineProperties(fast, Object.getOwnPropertyDescriptors(real));
  globalThis.Date = /** @type {any} */ (FastDate);
  globalThis.setTimeout = like(fastTimeout, setTimeout);
  globalThis.setInterval = like(fastInterval, setInterval);
  globalThis.clearTimeout = forgetting(clearTimeout);
  globalThis.clearInterval = forgetting(clearInterval);
  performance.now = fastNow;
  return {
    pass(ms) {
      passed += ms;
      const due = [...waiting].filter(([, { until }]) => until <= fastNow());
      due.sort(([, one], [, other]) => one.until - other.until);
      for (const [timer, { come }] of due) if (waiting.has(timer)) come();
    },
    end() {
      Object.assign(globalThis, { Date: RealDate });
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
      // @ts-expect-error: back to the one of the prototype
      delete performance.now;
    },
  };
}

const [rate, since] = (process.env[VARIABLE] ?? '').split('@').map(Number);
if (rate) speedUpClock(rate, since);
