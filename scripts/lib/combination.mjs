import path from 'node:path';
import { editorFaults } from './editor-smoke.mjs';
import { run, tool } from './exec.mjs';
import { flowsOf, loadExamples } from './examples.mjs';
import { loadFaults } from './load-faults.mjs';
import { startNodeRed } from './node-red.mjs';
import { installInto, installUserDir, makeNpmFolder } from './package.mjs';
import { readManifest } from './root.mjs';
import { runExamples, summaryLine } from './run-examples.mjs';
import { withTempDir } from './temp.mjs';

/**
 * @typedef {object} Combination
 * @property {string} nodeRed version or range of node-red
 * @property {number | string} [node] major or exact version of Node.js; default: the one that runs this
 */

const manifest = readManifest();

/**
 * The supported lines, each with its newest and an early version: what is mended in one of them still fails
 * in the other.
 * @type {Combination[]}
 */
export const COMBINATIONS = [
  { nodeRed: least(manifest['node-red'].version), node: least(manifest.engines.node) },
  { nodeRed: '4.1' },
  { nodeRed: '5.0.1', node: 24 },
  { nodeRed: '5.0', node: 24 },
];

/** The lowest version of a range such as `>=4.1.0`. @param {string} range */
function least(range) {
  return range.replace('>=', '');
}

/**
 * Installs the tarball for one Node-RED, loads it, runs the examples and opens the editor.
 * @param {Combination} combination
 * @param {string} tarball
 * @param {string | undefined} chromium the browser's program; without one the editor is left out
 * @returns {Promise<{ ok: boolean, line: string }>}
 */
export async function checkCombination(combination, tarball, chromium) {
  const title = `Node-RED ${combination.nodeRed}`;
  console.log(`\n== ${title}`);
  try {
    const { faults, versions } = await withTempDir('combination', dir =>
      inspect(combination, tarball, chromium, dir),
    );
    for (const fault of faults) console.log(`FAILED  ${fault}`);
    const ok = faults.length === 0;
    return { ok, line: `${ok ? 'ok    ' : 'FAILED'}  ${versions}` };
  } catch (error) {
    console.log(`FAILED  ${/** @type {Error} */ (error).message}`);
    return { ok: false, line: `FAILED  ${title}` };
  }
}

/**
 * @param {Combination} combination
 * @param {string} tarball
 * @param {string | undefined} chromium
 * @param {string} dir
 */
async function inspect({ nodeRed: wanted, node }, tarball, chromium, dir) {
  const nodeRedDir = path.join(dir, 'node-red');
  const userDir = path.join(dir, 'user');
  makeNpmFolder(nodeRedDir);
  await installInto(nodeRedDir, [`node-red@${wanted}`]);
  await installUserDir(userDir, tarball);
  const execPath = await nodeBinary(node, path.join(dir, 'node'));
  const { stdout: nodeVersion } = await run(execPath, ['--version']);

  const packageDir = path.join(userDir, 'node_modules', manifest.name);
  const examples = loadExamples(packageDir);
  const nodeRed = await startNodeRed({ nodeRedDir, userDir, execPath, flows: flowsOf(examples) });
  try {
    const faults = await loadFaults(nodeRed, packageDir);
    const results = await runExamples(nodeRed, examples);
    for (const result of results) console.log(summaryLine(result));
    faults.push(...results.filter(({ ok }) => !ok).map(({ example }) => `example ${example}`));
    if (results.length === 0) faults.push('the package holds no example');
    if (chromium) {
      faults.push(...(await editorFaults(nodeRed.url, chromium)));
      faults.push(...(await sidebarFaults({ userDir, nodeRedDir, execPath, chromium })));
    }
    return { faults, versions: `Node-RED ${nodeRed.version} on Node.js ${nodeVersion.trim()}` };
  } finally {
    await nodeRed.close();
  }
}

/**
 * What the browser tests of the sidebar find, on this Node-RED: 4.1 and 5.0 keep its tab in other ways.
 * @param {{ userDir: string, nodeRedDir: string, execPath: string, chromium: string }} where
 * @returns {Promise<string[]>}
 */
async function sidebarFaults({ userDir, nodeRedDir, execPath, chromium }) {
  const { code, output } = await tool(
    'vitest/vitest.mjs',
    ['run', '--project', 'browser', 'test/browser/conflicts'],
    {
      env: {
        CHROMIUM_PATH: chromium,
        RECORD_UPDATES_INSTALLED: userDir,
        RECORD_UPDATES_NODE_RED: nodeRedDir,
        RECORD_UPDATES_NODE: execPath,
      },
    },
  );
  return code === 0 ? [] : [`browser tests of the sidebar:\n${output}`];
}

/**
 * The program of another Node.js, from the registry packages that the npm package `node` picks
 * from; asked for directly, so that no install script has to run.
 * @param {number | string | undefined} wanted
 * @param {string} dir
 */
export async function nodeBinary(wanted, dir) {
  if (wanted === undefined || `${process.version}.`.startsWith(`v${wanted}.`)) {
    return process.execPath;
  }
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${platform}-${process.arch}`;
  makeNpmFolder(dir);
  await installInto(dir, [`${name}@${wanted}`]);
  return path.join(dir, 'node_modules', name, platform === 'win' ? 'bin/node.exe' : 'bin/node');
}
