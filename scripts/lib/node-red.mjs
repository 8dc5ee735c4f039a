import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
// Those of the real clock: a test may let that of its process go faster.
import { clearTimeout, setTimeout } from 'node:timers';
import { terminate } from './exec.mjs';
import { PATIENCE_MS } from './patience.mjs';
import { Reports } from './reports.mjs';
import { ROOT, inRoot } from './root.mjs';
import { onExit } from './shutdown.mjs';

/** Node-RED gives a node 15 s to close. */
const STOP_LIMIT_MS = 25_000;
/** Node-RED's log levels: smaller is worse. */
export const LOG_ERROR = 20;

/** Other ones than those of the project: chosen-node-red.mjs and the matrix say so by the environment. */
const chosen = () => ({
  nodeRedDir: process.env.RECORD_UPDATES_NODE_RED ?? ROOT,
  execPath: process.env.RECORD_UPDATES_NODE ?? process.execPath,
});

/** @typedef {import('./host.mjs').DebugReport} DebugReport */
/** @typedef {import('./host.mjs').LogReport} LogReport */
/** @typedef {import('./host.mjs').PressReport} PressReport */

/**
 * @typedef {object} NodeRedOptions
 * @property {string} userDir
 * @property {readonly object[]} [flows] default: none
 * @property {string} [nodeRedDir] folder whose node_modules holds node-red; default: that of the environment
 *   variable `RECORD_UPDATES_NODE_RED`, else the project
 * @property {string} [execPath] the Node.js to run it with; default: that of `RECORD_UPDATES_NODE`, else
 *   this one
 * @property {number} [port] default: a free one
 * @property {Record<string, string | string[]>} [adminTokens] bearer token, also the user's name → permissions; without
 *   it the admin API is open
 * @property {boolean} [isLight] the editor does without what only other nodes use: light-editor.mjs
 * @property {NodeJS.ProcessEnv} [env] added to this process's environment
 */

/**
 * @typedef {object} NodeRed
 * @property {string} url of the editor and the admin API, without a slash at the end
 * @property {string} version
 * @property {readonly LogReport[]} logs warnings and errors since the start
 * @property {(listener: (report: DebugReport) => void) => () => void} onDebug every message an
 *   active debug node receives, for the first who listen since the start; the returned function ends it
 * @property {(listener: (report: PressReport) => void) => () => void} onPress every message with
 *   which an inject or http in node starts a flow; the returned function ends it
 * @property {(listener: (report: LogReport) => void) => () => void} onLog
 * @property {(path: string, init?: RequestInit) => Promise<Response>} request the admin API
 * @property {() => Promise<void>} close
 * @property {() => Promise<void>} terminate sends SIGTERM, as the service manager of an operating system does
 * @property {() => Promise<void>} kill ends the process at once, without a chance to finish anything
 */

/**
 * Starts Node-RED in a process of its own and waits until its flows run.
 * Throws when it does not start, with what it logged.
 * @param {NodeRedOptions} options
 * @returns {Promise<NodeRed>}
 */
export async function startNodeRed(options) {
  const { userDir, flows = [], nodeRedDir, execPath } = { ...chosen(), ...options };
  mkdirSync(userDir, { recursive: true });
  writeFileSync(path.join(userDir, 'flows.json'), JSON.stringify(flows, null, 2));

  const child = fork(inRoot('scripts/lib/host.mjs'), [], {
    execPath,
    execArgv: [],
    env: { ...process.env, ...options.env },
    cwd: userDir,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const forget = onExit(() => terminate(child));
  child.once('exit', forget);
  const output = collectOutput(child);
  const events = new EventEmitter();
  /** @type {Reports<{ debug: DebugReport, press: PressReport, log: LogReport }>} */
  const reports = new Reports();
  /** @type {LogReport[]} */
  const logs = [];
  events.on('log', entry => logs.push(entry));
  child.on('message', report => {
    const told = /** @type {import('./host.mjs').Report} */ (report);
    events.emit(told.type, told);
    if (told.type !== 'ready' && told.type !== 'failed') reports.tell(told.type, told);
  });

  const { port = 0, adminTokens, isLight } = options;
  child.send({ nodeRedDir, userDir, port, adminTokens, isLight });
  try {
    const { url, version } = await ready(child, events);
    return {
      url,
      version,
      logs,
      onDebug: listener => reports.listen('debug', listener),
      onPress: listener => reports.listen('press', listener),
      onLog: listener => reports.listen('log', listener),
      request: (route, init) => fetch(`${url}${route}`, init),
      close: () => close(child),
      terminate: () => signal(child, 'SIGTERM'),
      kill: () => signal(child, 'SIGKILL'),
    };
  } catch (error) {
    terminate(child);
    const seen = [...logs.map(entry => entry.message), output()].join('\n').trim();
    throw new Error(`${/** @type {Error} */ (error).message}\n${seen}`.trim(), { cause: error });
  }
}

/** @param {import('node:child_process').ChildProcess} child @returns {() => string} */
function collectOutput(child) {
  let text = '';
  /** @param {Buffer} chunk */
  const add = chunk => void (text = (text + chunk).slice(-10_000));
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {EventEmitter} events
 * @returns {Promise<import('./host.mjs').ReadyReport>}
 */
function ready(child, events) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`Node-RED did not start within ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
    const fail = (/** @type {string} */ message) => {
      clearTimeout(timer);
      reject(new Error(message));
    };
    child.once('error', error => fail(`Node-RED could not be started: ${error.message}`));
    child.once('exit', code => fail(`Node-RED ended while starting (exit code ${code})`));
    events.once('failed', report => fail(`Node-RED did not start: ${report.message}`));
    events.once('ready', report => {
      if (report.problem) return fail(`Node-RED did not run the flows: ${report.problem}`);
      clearTimeout(timer);
      resolve(report);
    });
  });
}

/** Stops the flows, then the process. @param {import('node:child_process').ChildProcess} child */
async function close(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.send({ type: 'stop' });
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await exited;
  clearTimeout(timer);
}

/**
 * Resolves when the process is gone.
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} name
 */
async function signal(child, name) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(name);
  await exited;
}
