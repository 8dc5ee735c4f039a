import { existsSync } from 'node:fs';
import path from 'node:path';
import { editorFaults } from './editor-smoke.mjs';
import { run, tool } from './exec.mjs';
import { flowsOf, loadExamples, patient } from './examples.mjs';
import { loadFaults } from './load-faults.mjs';
import { startNodeRed } from './node-red.mjs';
import { RELEASED_FLOWS } from './earlier-build.mjs';
import { installInto, makeNpmFolder } from './package.mjs';
import { installByPalette } from './palette.mjs';
import { inRoot, readJson, readManifest } from './root.mjs';
import { runExamples, summaryLine } from './run-examples.mjs';
import { storedFlows } from './stored-flows.mjs';
import { withTempDir } from './temp.mjs';

/**
 * @typedef {object} Combination
 * @property {string} nodeRed version or range of node-red
 * @property {number | string} node major or exact version of Node.js
 */

const manifest = readManifest();

/**
 * The supported lines, each with its newest and an early version: what is mended in one of them still fails
 * in the other. 5.0 on every line of Node.js that it takes, and on the least one.
 * @type {Combination[]}
 */
const COMBINATIONS = [
  { nodeRed: least(manifest['node-red'].version), node: least(manifest.engines.node) },
  { nodeRed: '4.1', node: 20 },
  { nodeRed: '5.0', node: '22.9.0' },
  { nodeRed: '5.0.1', node: 22 },
  { nodeRed: '5.0', node: 24 },
];

/**
 * Those whose Node-RED and Node.js begin so; an error where there is none. Without either, all.
 * @param {string} [nodeRed]
 * @param {string} [node]
 */
export function chosenCombinations(nodeRed = '', node = '') {
  const chosen = COMBINATIONS.filter(
    one => one.nodeRed.startsWith(nodeRed) && String(one.node).startsWith(node),
  );
  if (chosen.length > 0) return chosen;
  throw new Error(`There is none of ${nodeRed} ${node}: ${COMBINATIONS.map(titleOf).join(', ')}.`);
}

/** The lowest version of a range such as `>=4.1.0`. @param {string} range */
function least(range) {
  return range.replace('>=', '');
}

/**
 * @typedef {object} Tarballs
 * @property {string} current
 * @property {string} released the version before, which is upgraded
 */

/**
 * Installs the tarball for one Node-RED as its palette manager does, loads it, runs the examples and opens the editor.
 * Then the same with an upgrade: flows that the released version has stored run on.
 * @param {Combination} combination
 * @param {Tarballs} tarballs
 * @param {string | undefined} chromium the browser's program; without one the editor is left out
 * @returns {Promise<{ ok: boolean, line: string }>}
 */
export async function checkCombination(combination, tarballs, chromium) {
  const title = titleOf(combination);
  console.log(`\n== ${title}`);
  try {
    const { faults, versions } = await withTempDir('combination', dir =>
      inspect(combination, tarballs, chromium, dir),
    );
    for (const fault of faults) console.log(`FAILED  ${fault}`);
    const ok = faults.length === 0;
    return { ok, line: `${ok ? 'ok    ' : 'FAILED'}  ${versions}` };
  } catch (error) {
    console.log(`FAILED  ${/** @type {Error} */ (error).message}`);
    return { ok: false, line: `FAILED  ${title}` };
  }
}

/** @param {Combination} combination */
const titleOf = ({ nodeRed, node }) => `Node-RED ${nodeRed} on Node.js ${node}`;

/**
 * @typedef {import('./palette.mjs').Palette} Palette
 * @typedef {import('./run-examples.mjs').ExampleResult} ExampleResult
 */

/**
 * @param {Combination} combination
 * @param {Tarballs} tarballs
 * @param {string | undefined} chromium
 * @param {string} dir
 */
async function inspect({ nodeRed: wanted, node }, { current, released }, chromium, dir) {
  const nodeRedDir = path.join(dir, 'node-red');
  makeNpmFolder(nodeRedDir);
  await installInto(nodeRedDir, [`node-red@${wanted}`]);
  const execPath = await nodeBinary(node, path.join(dir, 'node'));
  const { stdout: nodeVersion } = await run(execPath, ['--version']);
  const palette = { nodeRedDir, execPath };

  const fresh = await inspectFresh(palette, current, chromium, path.join(dir, 'fresh'));
  const upgrade = await inspectUpgrade(palette, { current, released }, path.join(dir, 'upgraded'));
  return {
    faults: [...fresh.faults, ...upgrade],
    versions: `Node-RED ${fresh.version} on Node.js ${nodeVersion.trim()}`,
  };
}

/**
 * A new user directory: every example is imported and shows what it has to, every dialog opens.
 * @param {Palette} palette
 * @param {string} tarball
 * @param {string | undefined} chromium
 * @param {string} userDir
 */
async function inspectFresh(palette, tarball, chromium, userDir) {
  await installByPalette(palette, userDir, tarball);
  const packageDir = path.join(userDir, 'node_modules', manifest.name);
  const examples = loadExamples(packageDir);
  const nodeRed = await startNodeRed({ ...palette, userDir, flows: flowsOf(patient(examples)) });
  try {
    const faults = await loadFaults(nodeRed, packageDir);
    faults.push(...faultsOf(await runExamples(nodeRed, examples)));
    if (examples.length === 0) faults.push('the package holds no example');
    if (chromium) {
      faults.push(...(await editorFaults(nodeRed.url, chromium)));
      faults.push(...(await pluginFaults({ ...palette, userDir, chromium })));
    }
    faults.push(...(await jsonataFaults(palette)));
    return { faults, version: nodeRed.version };
  } finally {
    await nodeRed.close();
  }
}

/**
 * The released version saves its flows, then this one takes its place, without the optional clients.
 * @param {Palette} palette
 * @param {Tarballs} tarballs
 * @param {string} userDir
 */
async function inspectUpgrade(palette, { current, released }, userDir) {
  await installByPalette(palette, userDir, released);
  const stored = storedFlows(RELEASED_FLOWS);
  const before = await startNodeRed({ ...palette, userDir, flows: flowsOf(stored) });
  await before.close();
  await installByPalette({ ...palette, withOptional: false }, userDir, current);
  const optional = Object.keys(manifest.optionalDependencies);
  const installed = optional.filter(name => existsSync(path.join(userDir, 'node_modules', name)));
  if (installed.length > 0) return [`${installed.join(', ')} came without being asked for`];
  const flows = readJson(path.join(userDir, 'flows.json'));
  const nodeRed = await startNodeRed({ ...palette, userDir, flows });
  try {
    const faults = await loadFaults(nodeRed, path.join(userDir, 'node_modules', manifest.name));
    faults.push(...faultsOf(await runExamples(nodeRed, stored)));
    return faults.map(fault => `after the upgrade: ${fault}`);
  } finally {
    await nodeRed.close();
  }
}

/** Tells of each, and gives back what failed. @param {readonly ExampleResult[]} results */
function faultsOf(results) {
  for (const result of results) console.log(summaryLine(result));
  return results.filter(({ ok }) => !ok).map(({ example }) => `example ${example}`);
}

/** The sidebar and the tour: 4.1 and 5.0 keep a tab, and lead through a tour, in other ways. */
const PLUGIN_TESTS = ['conflicts', 'tour'];

/**
 * What the browser tests of the plugins find, on this Node-RED.
 * @param {{ userDir: string, nodeRedDir: string, execPath: string, chromium: string }} where
 * @returns {Promise<string[]>}
 */
async function pluginFaults({ userDir, nodeRedDir, execPath, chromium }) {
  const { code, output } = await tool(
    'vitest/vitest.mjs',
    ['run', '--project', 'browser', ...PLUGIN_TESTS.map(name => `test/browser/${name}`)],
    {
      env: {
        CHROMIUM_PATH: chromium,
        RECORD_UPDATES_INSTALLED: userDir,
        RECORD_UPDATES_NODE_RED: nodeRedDir,
        RECORD_UPDATES_NODE: execPath,
      },
    },
  );
  return code === 0 ? [] : [`browser tests of the plugins:\n${output}`];
}

/** What evaluates JSONata: decisions, computed changes, mappings, keys, and long numbers that one of the lines rounds. */
const JSONATA = ['computed', 'long-numbers', 'mapping', 'typed-inputs'];

/**
 * What the tests of JSONata find on this Node-RED and its Node.js: each line brings its own JSONata.
 * @param {Palette} palette
 * @returns {Promise<string[]>}
 */
async function jsonataFaults({ nodeRedDir, execPath }) {
  const files = JSONATA.map(name => `test/nodes/${name}.test.ts`);
  const vitest = inRoot('node_modules/vitest/vitest.mjs');
  const { code, output } = await run(execPath, [vitest, 'run', '--project', 'code', ...files], {
    env: { RECORD_UPDATES_NODE_RED: nodeRedDir },
  });
  return code === 0 ? [] : [`tests of JSONata:\n${output}`];
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
