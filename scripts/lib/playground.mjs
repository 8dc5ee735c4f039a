import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { flowsOf } from './examples.mjs';
import { startNodeRed } from './node-red.mjs';
import { installUserDir, packPackage } from './package.mjs';
import { step } from './step.mjs';

/** @typedef {import('./examples.mjs').Example} Example */
/** @typedef {import('./node-red.mjs').NodeRed} NodeRed */

/**
 * @typedef {object} Prepared
 * @property {Example[]} examples
 * @property {{ url: string, close(): Promise<void> }} sandbox
 */

/**
 * Installs the package as users get it.
 * @param {string} dir kept between two starts, or empty
 * @returns {Promise<string>} a Node-RED user directory in it
 */
export async function installPlayground(dir) {
  mkdirSync(dir, { recursive: true });
  const userDir = path.join(dir, 'user');
  const tarball = await step('Packing the nodes', () => packPackage(dir));
  await step('Installing the package as users do (npm install)', () =>
    installUserDir(userDir, tarball),
  );
  return userDir;
}

/**
 * Starts a Node-RED with the package, the examples and a sandbox.
 * @param {string} userDir where the package is installed
 * @param {number} port of the editor; a free one is taken when it is in use, and for 0
 * @param {() => Promise<Prepared>} prepare
 * @returns {Promise<Prepared & { nodeRed: NodeRed }>}
 */
export const openPlayground = (userDir, port, prepare) =>
  step('Starting Node-RED and the practice APIs', async () => {
    const { examples, sandbox } = await prepare();
    try {
      const nodeRed = await startOn(port, { userDir, flows: flowsOf(examples) });
      return { examples, sandbox, nodeRed };
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  });

/** @param {number} port @param {import('./node-red.mjs').NodeRedOptions} options */
async function startOn(port, options) {
  try {
    return await startNodeRed({ ...options, port });
  } catch (error) {
    if (!(/** @type {Error} */ (error).message.includes('EADDRINUSE'))) throw error;
    return startNodeRed({ ...options, port: 0 });
  }
}
