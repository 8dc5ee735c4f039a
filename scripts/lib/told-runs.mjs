// What npm start prints of the examples: pure, from what was seen to lines of at most 80 characters.

/** @typedef {import('./examples.mjs').Example} Example */
/** @typedef {import('./run-examples.mjs').Sighting} Sighting */

/**
 * What an example showed between two times of quiet.
 * @typedef {object} Run
 * @property {string} example
 * @property {readonly Sighting[]} sightings
 * @property {boolean} asked a button was pressed, or a request came
 */

const WIDTH = 80;
const TIME_WIDTH = 9;
const ID_WIDTH = 16;
const LABEL_WIDTH = 32;

/** The place in the Import menu: `orders/01`. @param {string} example */
const idOf = example => example.split(' - ')[0] ?? example;

/** Keeps what was told, so that only news is told again. */
export class ToldRuns {
  /** Latest words per example. @type {Map<string, readonly string[]>} */
  #told = new Map();
  /** Examples without a row so far, in the order of the tabs. @type {Example[]} */
  #waiting;

  /** @param {readonly Example[]} examples */
  constructor(examples) {
    this.#waiting = [...examples];
  }

  /**
   * The first run of every example gives a row, in the order of the tabs. After that a line comes
   * for what somebody asked for, and for what differs from before.
   * @param {Run} run
   * @param {string} time such as `16:02:11`
   * @returns {string[]} lines to print
   */
  see({ example, sightings, asked }, time) {
    const words = wordsOf(sightings);
    const before = this.#told.get(example);
    this.#told.set(example, words);
    if (this.#waiting.some(({ name }) => name === example)) return this.#rows(false);
    const isNews = asked || words.join() !== before?.join();
    return isNews ? [line(time, idOf(example), words)] : [];
  }

  /** The rows of all examples that have none so far. @returns {string[]} */
  giveUp() {
    return this.#rows(true);
  }

  /** @param {boolean} all also of those that have shown nothing @returns {string[]} */
  #rows(all) {
    const rows = [];
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      const words = this.#told.get(next.name);
      if (words === undefined && !all) break;
      rows.push(row(next, words ?? ['nothing so far']));
      this.#waiting.shift();
    }
    return rows;
  }
}

/** @param {string} time @param {string} id @param {readonly string[]} words */
const line = (time, id, words) =>
  withWords(`${time.padEnd(TIME_WIDTH)}${id.padEnd(ID_WIDTH)}`, words);

/** @param {Example} example @param {readonly string[]} words */
const row = ({ name, label }, words) =>
  withWords(`${idOf(name).padEnd(ID_WIDTH)}${cut(label).padEnd(LABEL_WIDTH)}`, words);

/** @param {string} label */
const cut = label =>
  label.length > LABEL_WIDTH - 2 ? `${label.slice(0, LABEL_WIDTH - 3)}…` : label;

/**
 * As many words as a line takes.
 * @param {string} start @param {readonly string[]} words
 */
function withWords(start, words) {
  for (let count = words.length; count > 0; count -= 1) {
    const shown = count === words.length ? words : [...words.slice(0, count), '…'];
    const text = start + shown.join(', ');
    if (text.length <= WIDTH) return text;
  }
  return `${start}${words[0] ?? ''}`.slice(0, WIDTH - 1) + '…';
}

/**
 * A run in a few words: `updated after 2 writes`, or `updated ×10 (3 retried)` and `rejected`.
 * @param {readonly Sighting[]} sightings
 * @returns {string[]}
 */
function wordsOf(sightings) {
  /** @type {Map<string, any[]>} */
  const updates = new Map();
  for (const { outcome, debug, msg } of sightings) {
    const name = outcome === 'any' ? debug : outcome;
    updates.set(name, [...(updates.get(name) ?? []), msg?.update ?? {}]);
  }
  return [...updates].flatMap(([name, seen]) =>
    seen.length === 1 ? wordsOfOne(name, seen[0]) : [wordsOfMany(name, seen)],
  );
}

/** @param {string} name @param {any} update */
function wordsOfOne(name, update) {
  const [field] = update.conflict?.fields ?? [];
  if (field) {
    const [ours, theirs] = [field.ours, field.theirs].map(textOf);
    return [`${name} in ${field.name}`, `ours ${ours}`, `theirs ${theirs}`];
  }
  const writes = writesOf(update);
  return [writes > 1 ? `${name} after ${writes} writes` : name];
}

/** @param {string} name @param {readonly any[]} updates */
function wordsOfMany(name, updates) {
  const retried = updates.filter(update => writesOf(update) > 1).length;
  return `${name} ×${updates.length}${retried > 0 ? ` (${retried} retried)` : ''}`;
}

/** @param {any} update @returns {number} */
const writesOf = update => update.attempts?.length ?? 0;

/** @param {unknown} value */
const textOf = value => (typeof value === 'string' ? value : String(JSON.stringify(value)));
