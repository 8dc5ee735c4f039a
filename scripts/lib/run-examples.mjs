import { PATIENCE_MS } from './patience.mjs';
import { injectsOf } from './examples.mjs';
import { LOG_ERROR } from './node-red.mjs';

/** @typedef {import('./examples.mjs').Example} Example */
/** @typedef {import('./node-red.mjs').NodeRed} NodeRed */

/** An example is pressed again when it has shown something and then nothing for so long: else messages would pile up. */
const QUIET_MS = 3_000;
/** Or when it has shown nothing at all for so long. */
const SILENT_MS = 20_000;
const LOOK_EVERY_MS = 500;

/**
 * @typedef {object} Sighting
 * @property {string} example
 * @property {string} debug name of the debug node
 * @property {string} outcome `any` when the message carries none
 * @property {string} detailed the outcome and the answer to each write, or to the request that asked
 *   for it: `updated 412 200`
 * @property {any} msg
 */

/**
 * @typedef {object} ExampleResult
 * @property {string} example
 * @property {boolean} ok
 * @property {string[]} seen `debug node: outcome`, each once
 * @property {string[]} faults what is missing, unexpected or was logged as an error
 */

/** Of an update, or of the answer that another flow gave to it. @param {any} msg @returns {string} */
const outcomeOf = msg => msg?.update?.outcome ?? msg?.payload?.outcome ?? 'any';

/** @param {any} msg @returns {string} */
const detailedOf = msg => {
  const attempts = /** @type {{ status?: number }[] | undefined} */ (msg?.update?.attempts);
  const answers = attempts?.map(({ status }) => status ?? 'none') ?? [msg?.statusCode ?? ''];
  return [outcomeOf(msg), ...answers].join(' ').trim();
};

/**
 * Calls back with every message that reaches a debug node of an example.
 * @param {NodeRed} nodeRed
 * @param {readonly Example[]} examples
 * @param {(sighting: Sighting) => void} callback
 * @returns {() => void} ends it
 */
export function watchExamples(nodeRed, examples, callback) {
  const names = new Map(examples.map(({ tab, name }) => [tab, name]));
  return nodeRed.onDebug(({ z, name, msg }) => {
    const example = names.get(z);
    if (!example) return;
    callback({ example, debug: name, outcome: outcomeOf(msg), detailed: detailedOf(msg), msg });
  });
}

/**
 * Presses an example's inject nodes as a click on their buttons would.
 * @param {NodeRed} nodeRed
 * @param {Example} example
 */
export async function press(nodeRed, example) {
  for (const inject of injectsOf(example)) {
    const { status } = await nodeRed.request(`/inject/${inject.id}`, { method: 'POST' });
    if (status !== 200) throw new Error(`Inject node of ${example.name} answered ${status}`);
  }
}

/**
 * Runs the examples until each has produced what is expected of it, or has shown a fault, or time
 * is up.
 * @param {NodeRed} nodeRed
 * @param {readonly Example[]} examples
 * @param {number} [timeoutMs]
 * @returns {Promise<ExampleResult[]>} in the order of the examples
 */
export async function runExamples(nodeRed, examples, timeoutMs = PATIENCE_MS) {
  const runs = examples.map(example => new ExampleRun(example));
  /** @type {(() => void)[]} */
  const undo = [];
  await new Promise((resolve, reject) => {
    const settle = () => runs.some(run => run.open) || resolve(undefined);
    const pressOpen = () => {
      const quiet = runs.filter(run => run.open && run.isQuiet);
      Promise.all(quiet.map(run => run.press(nodeRed))).catch(reject);
    };
    undo.push(feed(nodeRed, runs, settle));
    const limit = setTimeout(resolve, timeoutMs);
    const again = setInterval(pressOpen, LOOK_EVERY_MS);
    undo.push(
      () => clearTimeout(limit),
      () => clearInterval(again),
    );
    pressOpen();
    settle();
  }).finally(() => undo.forEach(step => step()));
  return runs.map(run => run.result());
}

/**
 * Hands the runs what their examples show and what goes wrong in them.
 * @param {NodeRed} nodeRed
 * @param {readonly ExampleRun[]} runs
 * @param {() => void} changed
 * @returns {() => void} ends it
 */
function feed(nodeRed, runs, changed) {
  const examples = runs.map(run => run.example);
  const unwatch = watchExamples(nodeRed, examples, sighting => {
    runs.find(run => run.example.name === sighting.example)?.see(sighting);
    changed();
  });
  const unlog = nodeRed.onLog(({ level, message, id }) => {
    if (level > LOG_ERROR) return;
    runs.find(run => run.example.nodes.some(node => node.id === id))?.errors.push(message);
    changed();
  });
  return () => {
    unwatch();
    unlog();
  };
}

/**
 * What is expected, or as good as it: where a busy machine answers a write later than the endpoint waits for it, the
 * update finds out by itself that the write is in place.
 * @param {string} expected
 * @param {string} seen
 */
const allows = (expected, seen) =>
  seen === expected || (seen.endsWith(': already-applied') && expected.startsWith(late(seen)));

/** @param {string} seen */
const late = seen => seen.replace(/already-applied$/, 'updated');

/** What one example has shown so far. */
export class ExampleRun {
  /** @type {Set<string>} */
  seen = new Set();
  /** @type {string[]} */
  errors = [];
  #pressedAt = -Infinity;
  #shownAt = -Infinity;

  /** @param {Example} example */
  constructor(example) {
    this.example = example;
    this.oneOf = example.expectation?.oneOf ?? [];
    this.expected = Object.entries(example.expectation?.debug ?? {}).flatMap(([debug, outcomes]) =>
      outcomes.map(outcome => ({
        entry: `${debug}: ${outcome.replace(/\?$/, '')}`,
        required: !outcome.endsWith('?'),
      })),
    );
  }

  get isQuiet() {
    const hasAnswered = this.#shownAt > this.#pressedAt;
    const since = hasAnswered ? this.#shownAt : this.#pressedAt;
    return performance.now() - since >= (hasAnswered ? QUIET_MS : SILENT_MS);
  }

  /** @param {NodeRed} nodeRed */
  async press(nodeRed) {
    this.#pressedAt = performance.now();
    await press(nodeRed, this.example);
  }

  /** @param {Sighting} sighting */
  see({ debug, outcome, detailed }) {
    this.#shownAt = performance.now();
    const entry = `${debug}: ${detailed}`;
    const exact = this.expected.some(expected => expected.entry === entry);
    this.seen.add(exact ? entry : `${debug}: ${outcome}`);
  }

  /** @returns {string[]} */
  get missing() {
    const missing = this.expected.filter(({ required }) => required).map(({ entry }) => entry);
    const isAnySeen = this.oneOf.length === 0 || this.oneOf.some(entry => this.seen.has(entry));
    return [
      ...missing.filter(entry => !this.seen.has(entry)),
      ...(isAnySeen ? [] : [this.oneOf.join('" or "')]),
    ];
  }

  get unexpected() {
    return [...this.seen].filter(seen => !this.expected.some(({ entry }) => allows(entry, seen)));
  }

  get open() {
    return this.missing.length > 0 && this.unexpected.length === 0 && this.errors.length === 0;
  }

  /** @returns {ExampleResult} */
  result() {
    const faults = [
      ...(this.expected.length === 0 ? ['nothing is said about what it must show'] : []),
      ...this.missing.map(entry => `missing "${entry}"`),
      ...this.unexpected.map(entry => `unexpected "${entry}"`),
      ...this.errors.map(message => `error logged: ${message}`),
    ];
    return { example: this.example.name, ok: faults.length === 0, seen: [...this.seen], faults };
  }
}

/** One line for people. @param {ExampleResult} result */
export const summaryLine = ({ example, ok, seen, faults }) =>
  ok
    ? `ok      ${example}  (${seen.join(', ')})`
    : `FAILED  ${example}: ${faults.join('; ')}${seen.length ? ` (seen: ${seen.join(', ')})` : ''}`;
