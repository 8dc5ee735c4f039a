import { loadExamples } from './examples.mjs';
import { openPlayground } from './playground.mjs';
import { runExamples, summaryLine } from './run-examples.mjs';
import { isShiftExample, onShiftReport, workingAt } from './shift-change/example.mjs';
import { judgeAt } from './shift-change/run.mjs';
import { startShiftSandbox } from './shift-change/server.mjs';
import { passed, verdictLine } from './shift-change/summary.mjs';

/** @typedef {import('./examples.mjs').Example} Example */
/** @typedef {import('./node-red.mjs').NodeRed} NodeRed */

/**
 * The examples run on the Practice API, but for the one that is judged by what a server remembers.
 * @param {string} userDir where the package is installed
 * @returns {Promise<boolean>} every example showed what is expected of it, and the judge agrees
 */
export async function checkExamples(userDir) {
  const { examples, sandbox, nodeRed } = await openPlayground(userDir, 0, prepare);
  try {
    if (examples.length === 0) console.log('FAILED  there is no example in examples/');
    const judge = shiftJudge(nodeRed, examples, sandbox.url);
    const results = await runExamples(nodeRed, examples);
    for (const result of results) console.log(summaryLine(result));
    const shiftPassed = await judge();
    return shiftPassed && results.length > 0 && results.every(result => result.ok);
  } finally {
    await nodeRed.close();
    await sandbox.close();
  }
}

async function prepare() {
  const sandbox = await startShiftSandbox();
  const examples = loadExamples().map(example =>
    isShiftExample(example) ? workingAt(example, sandbox.url) : example,
  );
  return { examples, sandbox };
}

/**
 * Listens for the report of the shift change; what it returns judges the report and prints the
 * verdict.
 * @param {NodeRed} nodeRed @param {readonly Example[]} examples @param {string} sandboxUrl
 * @returns {() => Promise<boolean>}
 */
function shiftJudge(nodeRed, examples, sandboxUrl) {
  const example = examples.find(isShiftExample);
  if (!example) return async () => false;
  /** @type {import('./shift-change/types.mjs').EventReport[]} */
  let reports = [];
  onShiftReport(nodeRed, example, found => (reports = found));
  return async () => {
    if (reports.length === 0) {
      console.log('FAILED  shift change: no report came');
      return false;
    }
    const { verdict } = await judgeAt(sandboxUrl, example, reports);
    console.log(verdictLine(verdict));
    return passed(verdict);
  };
}
