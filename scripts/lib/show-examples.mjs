import { LOG_ERROR } from './node-red.mjs';
import { openPlayground } from './playground.mjs';
import { press } from './run-examples.mjs';
import { startSandbox } from './sandbox.mjs';
import { screen } from './screen.mjs';
import { onInterrupt } from './shutdown.mjs';
import { ToldRuns } from './told-runs.mjs';
import { watchRuns } from './watch-runs.mjs';

/** The usual port of Node-RED. */
const EDITOR_PORT = 1880;
/** Examples that have shown nothing by then are told of, too. */
const FIRST_RUN_MS = 60_000;

/** @typedef {import('./examples.mjs').Example} Example */
/** @typedef {import('./node-red.mjs').NodeRed} NodeRed */

/**
 * Runs until it is interrupted: every example once, then what the user does in the editor.
 * @param {string} userDir where the package is installed
 * @param {Example[]} examples
 * @param {(url: string) => void} ready called when the editor answers
 */
export async function showExamples(userDir, examples, ready) {
  const { sandbox, nodeRed } = await openPlayground(userDir, EDITOR_PORT, async () => ({
    examples,
    sandbox: await startSandbox('peak'),
  }));
  const quiet = [tellRuns(nodeRed, examples), tellFaults(nodeRed, examples)];
  onInterrupt(() => {
    for (const stop of quiet) stop();
    console.log('\nEnding …');
    return Promise.all([nodeRed.close(), sandbox.close()]);
  });
  await showOpenTabOnly(nodeRed);
  ready(nodeRed.url);
  const { url, version } = nodeRed;
  print(screen({ url, version, sandboxUrl: sandbox.url, wantedPort: EDITOR_PORT }));
  await pressWaiting(nodeRed, examples);
}

/** @param {NodeRed} nodeRed @param {readonly Example[]} examples @returns {() => void} ends it */
function tellRuns(nodeRed, examples) {
  const told = new ToldRuns(examples);
  setTimeout(() => print(told.giveUp()), FIRST_RUN_MS).unref();
  return watchRuns(nodeRed, examples, run => print(told.see(run, time())));
}

/**
 * Warnings and errors of the flows; one that repeats at a node is told once. What an example warns of that needs a
 * server stands in its row.
 * @param {NodeRed} nodeRed
 * @param {readonly Example[]} examples
 * @returns {() => void} ends it
 */
function tellFaults(nodeRed, examples) {
  const needy = examples.filter(({ expectation }) => expectation?.needs !== undefined);
  const known = new Set(needy.flatMap(({ nodes }) => nodes.map(node => node.id)));
  /** @type {Map<string | undefined, string>} */
  const latest = new Map();
  return nodeRed.onLog(({ level, message, name, id }) => {
    if (latest.get(id) === message || (level > LOG_ERROR && known.has(id ?? ''))) return;
    latest.set(id, message);
    const kind = level <= LOG_ERROR ? 'ERROR' : 'warning';
    console.log(`${time()}  ${kind}  ${name ? `${name}: ` : ''}${message}`);
  });
}

/**
 * The debug sidebar comes first in the editor and shows one tab at a time, the open one. Both are
 * settings of its user, who may change them there.
 * @param {NodeRed} nodeRed
 */
async function showOpenTabOnly(nodeRed) {
  const settings = await (await nodeRed.request('/settings/user')).json();
  const wanted = {
    debug: { filter: 'filterCurrent', ...settings.debug },
    editor: {
      ...settings.editor,
      sidebar: { order: ['debug', 'info', 'help'], ...settings.editor?.sidebar },
    },
  };
  await nodeRed.request('/settings/user', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(wanted),
  });
}

/**
 * Presses the buttons of the examples that do not begin by themselves after a deploy.
 * @param {NodeRed} nodeRed @param {readonly Example[]} examples
 */
async function pressWaiting(nodeRed, examples) {
  const waiting = examples.filter(({ nodes }) => !nodes.some(({ once }) => once === true));
  await Promise.all(waiting.map(example => press(nodeRed, example)));
}

const time = () => new Date().toTimeString().slice(0, 8);

/** @param {readonly string[]} lines */
function print(lines) {
  for (const text of lines) console.log(text);
}
