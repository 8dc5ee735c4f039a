import { ensureBuilt } from './build.mjs';
import { tool, tsc } from './exec.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */
/** @typedef {{ code: number, output: string }} CheckResult */

/** Checks at a time: more would only take turns at the cores of a small machine. */
const LANES = 2;

/** What the rules of .dependency-cruiser.mjs hold for. */
const CODE = ['--config', '.dependency-cruiser.mjs', 'lib', 'nodes', 'plugins', 'sandbox'];

/**
 * Space for what is kept to the end, and for what is not: cleaning up took a quarter of the time of the linter and a
 * tenth of that of the formatter.
 */
const ROOMY = ['--max-semi-space-size=128', '--initial-old-space-size=4096'];

/**
 * First what the tests wait for, then the longest, so that both lanes end at about the same time.
 * @type {Record<string, () => Promise<CheckResult>>}
 */
const CHECKS = {
  'build and types of runtime and editor': built,
  lint: () => tool('eslint/bin/eslint.js', ['.', '--max-warnings', '0'], { nodeArgs: ROOMY }),
  'types of tests': () => tsc(['-p', 'tsconfig.test.json']),
  formatting: () =>
    tool('prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.'], { nodeArgs: ROOMY }),
  'unused code and dependencies': () =>
    tool('knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
  'layers and circles': () => tool('dependency-cruiser/bin/dependency-cruise.mjs', CODE),
  'types of scripts': () => tsc(['-p', 'scripts/tsconfig.json']),
};

/**
 * Builds, and looks at the sources without running them. Each check counts as one; one that fails
 * shows its output.
 * @param {Tally} tally
 * @returns {Promise<unknown>}
 */
export function startChecks(tally) {
  const waiting = Object.entries(CHECKS);
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await check(...next);
  };
  /** @param {string} name @param {() => Promise<CheckResult>} look */
  const check = async (name, look) => {
    tally.begin(name);
    const since = performance.now();
    const { code, output } = await look();
    tally.end(name);
    if (code !== 0) return tally.fail(name, output);
    tally.pass();
    tally.print(`ok  ${name} (${((performance.now() - since) / 1000).toFixed(1)} s)`);
  };
  return Promise.all(Array.from({ length: LANES }, lane));
}

/** A build of exactly these sources is as good as a new one. @returns {Promise<CheckResult>} */
async function built() {
  try {
    await ensureBuilt();
    return { code: 0, output: '' };
  } catch (error) {
    return { code: 1, output: /** @type {Error} */ (error).message };
  }
}
