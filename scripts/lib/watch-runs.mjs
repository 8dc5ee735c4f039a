import { watchExamples } from './run-examples.mjs';

/** @typedef {import('./examples.mjs').Example} Example */
/** @typedef {import('./node-red.mjs').NodeRed} NodeRed */
/** @typedef {import('./run-examples.mjs').Sighting} Sighting */
/** @typedef {import('./told-runs.mjs').Run} Run */

/** A run is over when its example has shown nothing for so long, or for half as long as it took. */
const QUIET_MS = 1_000;
/** An example that is never quiet is told of this often. */
const LONGEST_MS = 20_000;

/**
 * Calls back with every run of an example, when it is over.
 * @param {NodeRed} nodeRed
 * @param {readonly Example[]} examples
 * @param {(run: Run) => void} callback
 * @returns {() => void} ends it
 */
export function watchRuns(nodeRed, examples, callback) {
  const runs = new Runs(callback);
  const names = new Map(examples.map(({ tab, name }) => [tab, name]));
  const endPresses = nodeRed.onPress(({ z }) => {
    const example = names.get(z);
    if (example) runs.ask(example);
  });
  const endSightings = watchExamples(nodeRed, examples, sighting => runs.see(sighting));
  return () => {
    endPresses();
    endSightings();
    runs.stop();
  };
}

/** Gathers what examples show into runs. */
export class Runs {
  /** Those under way. @type {Map<string, { sightings: Sighting[], asked: boolean, begun: number, end?: NodeJS.Timeout }>} */
  #open = new Map();
  /** Examples that were asked for something since their latest run began. @type {Set<string>} */
  #asked = new Set();
  #callback;

  /** @param {(run: Run) => void} callback */
  constructor(callback) {
    this.#callback = callback;
  }

  /** Somebody wants to see what this example shows. @param {string} example */
  ask(example) {
    this.#asked.add(example);
  }

  /** @param {Sighting} sighting */
  see(sighting) {
    const { example } = sighting;
    const now = Date.now();
    const asked = this.#asked.delete(example);
    const run = this.#open.get(example) ?? { sightings: [], asked, begun: now };
    this.#open.set(example, run);
    run.sightings.push(sighting);
    run.asked ||= asked;
    clearTimeout(run.end);
    const soFar = now - run.begun;
    const quiet = Math.max(QUIET_MS, soFar / 2);
    run.end = setTimeout(
      () => {
        this.#open.delete(example);
        this.#callback({ example, sightings: run.sightings, asked: run.asked });
      },
      Math.max(0, Math.min(quiet, LONGEST_MS - soFar)),
    );
  }

  stop() {
    for (const { end } of this.#open.values()) clearTimeout(end);
  }
}
