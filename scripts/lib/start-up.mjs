import { run } from './exec.mjs';
import { inRoot } from './root.mjs';

/**
 * What a package adds to the start of Node-RED.
 * @typedef {object} StartUp
 * @property {number} ms until all nodes were loaded, in a process that has loaded nothing else
 * @property {number} modules files that were loaded
 * @property {number} bytes of them
 * @property {string[]} loaded their paths
 */

/**
 * @param {string} packageDir of a build with its dependencies in reach
 * @returns {Promise<StartUp>}
 */
export async function measureStartUp(packageDir) {
  const { code, stdout, output } = await run(process.execPath, [
    inRoot('scripts/lib/load-nodes.mjs'),
    packageDir,
  ]);
  if (code !== 0) throw new Error(`The nodes of ${packageDir} could not be loaded:\n${output}`);
  return JSON.parse(stdout);
}
