import { existsSync, rmSync } from 'node:fs';
import { ensureChromium } from '../ensure-chromium.mjs';
import { build } from './build.mjs';
import { tool } from './exec.mjs';
import { inRoot, readJson } from './root.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

const TESTS_LIMIT_MS = 8 * 60_000;
const REPORT = inRoot('.cache/test-report.json');

/** @type {Record<string, () => Promise<import('./exec.mjs').RunResult>>} */
const CHECKS = {
  'build and types of runtime and editor': build,
  'types of tests': () => tool('typescript/bin/tsc', ['-p', 'tsconfig.test.json', '--noEmit']),
  'types of scripts': () => tool('typescript/bin/tsc', ['-p', 'scripts/tsconfig.json']),
  formatting: () => tool('prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
  lint: () => tool('eslint/bin/eslint.js', ['.', '--max-warnings', '0']),
  'unused code and dependencies': () =>
    tool('knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
};

/**
 * Builds, then looks at the sources without running them. A check that fails shows its output.
 * @returns {Promise<Tally>} each check counts as one
 */
export async function runChecks() {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, check] of Object.entries(CHECKS)) {
    const { code, output } = await check();
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name}`);
    if (code !== 0) console.log(output);
    tally[code === 0 ? 'passed' : 'failed'] += 1;
  }
  return tally;
}

/** Runs every test. @returns {Promise<Tally>} */
export async function runTests() {
  const browser = await ensureChromium();
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const { code } = await tool('vitest/vitest.mjs', ['run', ...reporters], {
    echo: true,
    timeoutMs: TESTS_LIMIT_MS,
    ...(browser && { env: { CHROMIUM_PATH: browser } }),
  });
  const tally = existsSync(REPORT) ? count(readJson(REPORT)) : { passed: 0, failed: 0, skipped: 0 };
  // A run that ended badly without a failed test: an error outside of the tests, or a time-out.
  if (code !== 0 && tally.failed === 0) {
    console.error(`The test run ended with code ${code}, though no test failed.`);
    tally.failed = 1;
  }
  if (tally.passed + tally.failed === 0) {
    console.error('No test was run.');
    tally.failed = 1;
  }
  return tally;
}

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number,
 *   numTodoTests: number, testResults: { status: string, assertionResults: { status: string }[] }[]
 * }} report
 * @returns {Tally}
 */
function count(report) {
  // A file that cannot be loaded, or whose hooks fail, has failed without a failed test.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some(result => result.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
