import { existsSync } from 'node:fs';
import { prepare } from './claim.mjs';
import { nodeFault } from './node-version.mjs';
import { installInto, makeNpmFolder } from './package.mjs';
import { ROOT, inRoot, readJson } from './root.mjs';
import { step } from './step.mjs';

/** The line that is developed on, and the Node.js that it takes. */
const NEWEST = { version: '5.0.7', node: '>=22.9' };

/**
 * Chooses the Node-RED of this process and of those that it starts, and says which: the newest line where this Node.js
 * can run it, else 4.1, which is among the dependencies. One that the environment names already stays.
 */
export async function chooseNodeRed() {
  const dir = process.env.RECORD_UPDATES_NODE_RED ?? (await ensureNodeRed());
  process.env.RECORD_UPDATES_NODE_RED = dir;
  console.error(`Node-RED ${versionIn(dir)} on Node.js ${process.versions.node}`);
}

/**
 * Whether this Node.js can run the newest line.
 * @param {string} [version] of Node.js
 */
export const takesNewest = (version = process.versions.node) =>
  nodeFault(version, NEWEST.node) === '';

/** @returns {Promise<string>} the folder whose node_modules holds it */
async function ensureNodeRed() {
  if (!takesNewest()) return ROOT;
  const dir = inRoot('.cache', `node-red-${NEWEST.version}`);
  // npm writes this file when everything is in its place.
  if (existsSync(`${dir}/node_modules/.package-lock.json`)) return dir;
  try {
    await prepare(() =>
      step(`Installing Node-RED ${NEWEST.version}, once for this folder`, () => {
        makeNpmFolder(dir);
        return installInto(dir, [`node-red@${NEWEST.version}`]);
      }),
    );
    return dir;
  } catch (error) {
    console.warn(
      `\n*** Node-RED ${NEWEST.version} could not be installed, Node-RED ${versionIn(ROOT)} takes its place. ${/** @type {Error} */ (error).message} ***\n`,
    );
    return ROOT;
  }
}

/** @param {string} dir @returns {string} */
const versionIn = dir => readJson(`${dir}/node_modules/node-red/package.json`).version;
