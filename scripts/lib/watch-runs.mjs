import { watchExamples } from './run-examples.mjs';

/** @typedef {import('./examples.mjs').Example} Example */
/** @typedef {import('./node-red.mjs').NodeRed} NodeRed */
/** @typedef {import('./run-examples.mjs').Sighting} Sighting */
/** @typedef {import('./told-runs.mjs').Run} Run */

/** A run is over when its example has shown nothing for so long. */
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
  /** @type {Map<string, { sightings: Sighting[], asked: boolean, begun: number, end?: NodeJS.Timeout }>} */
  const open = new Map();
  /** Examples that were asked for something since their latest run. @type {Set<string>} */
  const asked = new Set();
  const names = new Map(examples.map(({ tab, name }) => [tab, name]));

  const endPresses = nodeRed.onPress(({ z }) => {
    const example = names.get(z);
    if (example) asked.add(example);
  });

  const endSightings = watchExamples(nodeRed, examples, sighting => {
    const { example } = sighting;
    const now = performance.now();
    const run = open.get(example) ?? { sightings: [], asked: asked.delete(example), begun: now };
    open.set(example, run);
    run.sightings.push(sighting);
    clearTimeout(run.end);
    const over = () => {
      open.delete(example);
      callback({ example, sightings: run.sightings, asked: run.asked });
    };
    run.end = setTimeout(over, Math.min(QUIET_MS, Math.max(0, run.begun + LONGEST_MS - now)));
  });

  return () => {
    endPresses();
    endSightings();
    for (const { end } of open.values()) clearTimeout(end);
  };
}
