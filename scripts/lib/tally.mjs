/** How many of the slowest files are told at the end. */
const SLOWEST = 10;
/** As many of the files that were never begun are named: after Ctrl-C it is most of them. */
const NOT_RUN = 10;
/** What takes longer than this, in seconds, is said to be still running; and again as often. */
const STILL_RUNNING_S = 60;

const seconds = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Counts checks and tests as they end, so that the last line can be printed at any time, and knows
 * what has begun and not ended.
 */
export class Tally {
  passed = 0;
  failed = 0;
  /** Names. @type {string[]} */
  #skipped = [];
  /** What will begin. @type {Set<string>} */
  #planned = new Set();
  /** What has begun and when. @type {Map<string, number>} */
  #running = new Map();
  /** Names. @type {Set<string>} */
  #ended = new Set();
  /** @type {{ file: string, ms: number }[]} */
  #files = [];
  /** @type {string[]} */
  #failures = [];

  /** @param {{ strict?: boolean, print?: (line: string) => void, now?: () => number }} [options] strict: what is skipped has failed */
  constructor({ strict = false, print = console.log, now = () => performance.now() } = {}) {
    this.strict = strict;
    this.print = print;
    this.now = now;
  }

  /** Says every minute what has not ended, so that whatever hangs has a name. @returns {() => void} ends it */
  watch() {
    const timer = setInterval(
      () => this.stillRunning().forEach(line => this.print(line)),
      STILL_RUNNING_S * 1000,
    );
    timer.unref();
    return () => clearInterval(timer);
  }

  /** @returns {string[]} a line for each that has been running for long */
  stillRunning() {
    return [...this.#running]
      .map(([name, since]) => ({ name, ms: this.now() - since }))
      .filter(({ ms }) => ms >= STILL_RUNNING_S * 1000)
      .map(({ name, ms }) => `still running after ${Math.floor(ms / 1000)} s: ${name}`);
  }

  /** It will be begun, unless something goes wrong. @param {string} name */
  plan(name) {
    this.#planned.add(name);
  }

  /** @param {string} name */
  begin(name) {
    this.#planned.delete(name);
    // On a busy machine vitest may tell the end of a short test before its beginning.
    if (!this.#ended.has(name)) this.#running.set(name, this.now());
  }

  /** @param {string} name */
  end(name) {
    this.#running.delete(name);
    this.#ended.add(name);
  }

  pass() {
    this.passed += 1;
  }

  /** @param {string} name */
  skip(name) {
    this.#skipped.push(name);
  }

  /** @param {string} name @param {string} why */
  fail(name, why) {
    this.failed += 1;
    this.#failures.push(name);
    this.print(`FAILED  ${name}\n${why}\n`);
  }

  /** A test file has ended. @param {string} file @param {number} ms @param {number} tests */
  file(file, ms, tests) {
    this.#files.push({ file, ms });
    this.print(`${seconds(ms).padStart(8)}  ${file} (${tests})`);
  }

  /**
   * The last lines. What has not ended, or not begun, has failed, and so has a run in which nothing
   * was counted.
   * @param {number} exitCode of the process so far
   */
  close(exitCode) {
    const open = [...this.#running.keys()];
    const failures = [...this.#failures];
    const lines = [
      ...this.#slowest(),
      ...open.map(name => `not finished: ${name}`),
      ...this.#notRun(),
      ...(failures.length > 0 ? ['Failed:', ...failures.map(name => `  ${name}`)] : []),
    ];
    this.failed += open.length + this.#planned.size;
    let skipped = this.#skipped.length;
    if (this.passed + this.failed + skipped === 0) {
      lines.push('Nothing was run.');
      this.failed += 1;
    }
    if (this.strict && skipped > 0) {
      lines.push(...this.#skipped.map(name => `skipped: ${name}`));
      lines.push('With CI=true nothing may be skipped.');
      this.failed += skipped;
      skipped = 0;
    }
    lines.push(
      `${this.passed} passed, ${this.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
    );
    return { lines, exitCode: exitCode !== 0 ? exitCode : Number(this.failed > 0) };
  }

  #notRun() {
    const names = [...this.#planned];
    const more = names.length - NOT_RUN;
    return [
      ...names.slice(0, NOT_RUN).map(name => `not run: ${name}`),
      ...(more > 0 ? [`not run: ${more} more`] : []),
    ];
  }

  #slowest() {
    const slowest = this.#files.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
    if (slowest.length === 0) return [];
    return [
      'Slowest files:',
      ...slowest.map(({ file, ms }) => `${seconds(ms).padStart(8)}  ${file}`),
    ];
  }
}
