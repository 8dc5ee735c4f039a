import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { flowsOf, loadExamples } from './examples.mjs';
import { LOG_ERROR, startNodeRed } from './node-red.mjs';
import { installUserDir, packPackage } from './package.mjs';
import { press, runExamples, summaryLine, watchExamples } from './run-examples.mjs';
import { startSandbox } from './sandbox.mjs';
import { isShiftExample, onShiftReport, workingAt } from './shift-change/example.mjs';
import { judgeAt } from './shift-change/run.mjs';
import { startShiftSandbox } from './shift-change/server.mjs';
import { passed, verdictLine } from './shift-change/summary.mjs';

/** The usual port of Node-RED; a free one is taken when it is in use. */
const EDITOR_PORT = 1880;
/** Time between two runs of the examples. */
const SHOW_EVERY_MS = 5_000;

/** @typedef {import('./examples.mjs').Example} Example */
/** @typedef {import('./node-red.mjs').NodeRed} NodeRed */

/**
 * Runs until it is interrupted and prints each result of the examples as a line.
 * @param {string} dir where its user directory is kept between two starts
 */
export async function openPlayground(dir) {
  const { examples, sandbox, nodeRed } = await open(dir, EDITOR_PORT, preparePlayground);
  printWhereToLook(nodeRed, sandbox.url, examples);
  watchExamples(nodeRed, examples, printSighting);
  nodeRed.onLog(({ level, message, name }) => {
    console.log(`${time()}  ${level <= LOG_ERROR ? 'ERROR' : 'warning'}  ${name ?? ''} ${message}`);
  });
  setInterval(() => {
    Promise.all(examples.map(example => press(nodeRed, example))).catch(error => {
      console.error(`${time()}  ${error.message}`);
    });
  }, SHOW_EVERY_MS);
}

/**
 * The examples run on the Practice API, but for the one that is judged by what a server remembers.
 * @param {string} dir an empty folder
 * @returns {Promise<boolean>} every example showed what is expected of it, and the judge agrees
 */
export async function checkPlayground(dir) {
  const { examples, sandbox, nodeRed } = await open(dir, 0, prepareCheck);
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

/**
 * @typedef {object} Prepared
 * @property {Example[]} examples
 * @property {{ url: string, close(): Promise<void> }} sandbox
 */

/** @returns {Promise<Prepared>} */
const preparePlayground = async () => ({
  examples: loadExamples(),
  sandbox: await startSandbox('peak'),
});

/** @returns {Promise<Prepared>} */
async function prepareCheck() {
  const examples = loadExamples();
  const sandbox = await startShiftSandbox();
  return {
    sandbox,
    examples: examples.map(example =>
      isShiftExample(example) ? workingAt(example, sandbox.url) : example,
    ),
  };
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

/** @param {string} dir @param {number} port @param {() => Promise<Prepared>} prepare */
async function open(dir, port, prepare) {
  mkdirSync(dir, { recursive: true });
  const userDir = path.join(dir, 'user');
  await installUserDir(userDir, await packPackage(dir));
  const { examples, sandbox } = await prepare();
  try {
    const nodeRed = await startOn(port, { userDir, flows: flowsOf(examples) });
    return { examples, sandbox, nodeRed };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

/** @param {number} port @param {import('./node-red.mjs').NodeRedOptions} options */
async function startOn(port, options) {
  try {
    return await startNodeRed({ ...options, port });
  } catch (error) {
    if (!(/** @type {Error} */ (error).message.includes('EADDRINUSE'))) throw error;
    console.log(`Port ${port} is in use, taking a free one.`);
    return startNodeRed({ ...options, port: 0 });
  }
}

/** @param {NodeRed} nodeRed @param {string} sandboxUrl @param {readonly Example[]} examples */
function printWhereToLook(nodeRed, sandboxUrl, examples) {
  console.log(`
Node-RED ${nodeRed.version} with this package: ${nodeRed.url}
  The examples below run on the Practice API built into the package; each has a tab of its own:`);
  for (const { name, label, tab } of examples) {
    console.log(`  ${label}  (${name})\n    ${nodeRed.url}/#flow/${tab}`);
  }
  console.log(`
Sandbox APIs of their own, for your requests and endpoints: ${sandboxUrl}
What you change in this editor is replaced by the examples at the next start. Ctrl+C ends it.

Time      Outcome          Record                               Example / debug node`);
}

const time = () => new Date().toTimeString().slice(0, 8);

/** @param {import('./run-examples.mjs').Sighting} sighting */
function printSighting({ example, debug, outcome, msg }) {
  const key = msg?.update?.key ?? msg?.key ?? '';
  const record = typeof key === 'object' ? JSON.stringify(key) : String(key);
  console.log(`${time()}  ${outcome.padEnd(16)} ${record.padEnd(36)} ${example} / ${debug}`);
}
