import { readdirSync } from 'node:fs';
import { loadExamples } from './examples.mjs';
import { inRoot, readJson } from './root.mjs';

/** @typedef {import('./examples.mjs').Example} Example */

const FOLDER = 'test/stored-flows';

/** The machine events of a short shift do as well as those of a long one. */
const SHIFTS = [
  ['"shift-1"', '"shift-1-50"'],
  ['"shift-2"', '"shift-2-50"'],
];

/** The versions of this package that flows are kept of, as they were saved then, the oldest first. */
export const STORED_VERSIONS = readdirSync(inRoot(FOLDER)).sort();

/**
 * The flows of a version, and what they have shown since then.
 * @param {string} version
 * @returns {Example[]}
 */
export function storedFlows(version) {
  const folder = inRoot(FOLDER, version);
  const expected = readJson(`${folder}/expected.json`);
  return loadExamples(folder).map(flow => ({
    ...flow,
    nodes: shortened(flow.nodes),
    expectation: expected[flow.name],
  }));
}

/** @param {Example['nodes']} nodes @returns {Example['nodes']} */
function shortened(nodes) {
  const json = SHIFTS.reduce(
    (text, [long = '', short = '']) => text.replaceAll(long, short),
    JSON.stringify(nodes),
  );
  return JSON.parse(json);
}
