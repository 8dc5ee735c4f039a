// Runs one Node-RED in a process of its own, so that it can run under another Node.js than the
// caller's, and reports by messages what happens in it. Started by node-red.mjs only.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { LIGHT, withCache, withoutMermaid } from './light-editor.mjs';

/**
 * @typedef {object} HostOptions
 * @property {string} nodeRedDir folder whose node_modules holds node-red
 * @property {string} userDir
 * @property {number} port 0: a free one
 * @property {Record<string, string | string[]>} [adminTokens] bearer token, also the user's name → permissions; without
 *   it the admin API is open
 * @property {boolean} [isLight] the editor does without what only other nodes use: light-editor.mjs
 */

/**
 * @typedef {{ type: 'debug', id: string, z: string, name: string, msg: any }} DebugReport
 * @typedef {{ type: 'press', id: string, z: string, name: string }} PressReport
 * @typedef {{ type: 'log', level: number, message: string, id?: string, z?: string, name?: string }} LogReport
 * @typedef {{ type: 'ready', url: string, version: string, problem?: string }} ReadyReport
 * @typedef {{ type: 'failed', message: string }} FailedReport
 * @typedef {DebugReport | PressReport | LogReport | ReadyReport | FailedReport} Report
 */

/** Where the paths of `http in` nodes begin. */
const NODE_ROOT = '/api';

/** @param {Report} report */
const report = report => void process.send?.(report);

// Ctrl+C reaches every process of a terminal; the caller decides how this one ends.
process.on('SIGINT', () => undefined);
// The caller is gone: without it nobody would ever stop this process.
process.once('disconnect', () => process.exit(1));
process.once('message', options => {
  start(/** @type {HostOptions} */ (options)).catch(error => {
    report({ type: 'failed', message: error?.stack ?? String(error) });
  });
});

/** @param {HostOptions} options */
async function start({ nodeRedDir, ...options }) {
  const require = createRequire(path.join(nodeRedDir, 'package.json'));
  /** @type {any} The published types are those of Node-RED 3. */
  const RED = require('node-red');
  const express = createRequire(require.resolve('node-red/package.json'))('express');

  const app = express();
  // Idle connections stay open: on a busy machine a client would send into one that is just being closed.
  const server = createServer({ keepAliveTimeout: 0 }, app);
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());

  // Where a flow reaches its own `http in` nodes.
  process.env.NODE_RED_URL = `http://127.0.0.1:${address.port}${NODE_ROOT}`;
  if (options.isLight) {
    withoutMermaid(app);
    withCache(app);
  }
  RED.init(server, settings({ ...options, port: address.port }));
  app.use('/', RED.httpAdmin);
  app.use(NODE_ROOT, RED.httpNode);
  const running = flowsRunning(RED.events);
  RED.hooks.add('onReceive.report', reportDebug);
  RED.hooks.add('onSend.report', reportPress);
  await RED.start();
  const problem = await running;
  process.once('message', () => void stop(RED, server));
  // As the command of Node-RED does it.
  process.once('SIGTERM', () => void RED.stop().then(() => process.exit()));
  const url = `http://127.0.0.1:${address.port}`;
  // Node-RED adds `-git` when the folder above its own is a repository, as this project is.
  const version = RED.settings.version.replace(/-git$/, '');
  report({ type: 'ready', url, version, ...(problem && { problem }) });
}

/**
 * Nothing of Node-RED's is asked from outside this machine, and its log comes as reports.
 * @param {Omit<HostOptions, 'nodeRedDir'>} options
 */
function settings({ userDir, port, adminTokens, isLight }) {
  return {
    userDir,
    flowFile: 'flows.json',
    credentialSecret: false,
    uiHost: '127.0.0.1',
    uiPort: port,
    httpNodeRoot: NODE_ROOT,
    telemetry: { enabled: false },
    diagnostics: { enabled: false },
    externalModules: { palette: { allowInstall: false }, modules: { allowInstall: false } },
    ...(isLight && { nodesExcludes: LIGHT.nodesExcludes }),
    editorTheme: {
      tours: false,
      palette: { catalogues: [] },
      ...(isLight && LIGHT.editorTheme),
    },
    logging: { console: { level: 'off' }, report: { level: 'warn', handler: () => reportLog } },
    ...(adminTokens && { adminAuth: tokenAuth(adminTokens) }),
  };
}

/** @param {Record<string, string | string[]>} adminTokens */
const tokenAuth = adminTokens => ({
  type: 'credentials',
  users: [],
  /** @param {string} token */
  tokens: async token =>
    adminTokens[token] ? { username: token, permissions: adminTokens[token] } : null,
});

/** @param {{ level: number, msg: any, id?: string, z?: string, name?: string }} entry */
function reportLog({ level, msg, id, z, name }) {
  const message = String(msg?.message ?? msg);
  report({
    type: 'log',
    level,
    message,
    ...(id && { id }),
    ...(z && { z }),
    ...(name && { name }),
  });
}

/** What a debug node shows, taken before Node-RED shortens it for the sidebar. @param {any} event */
function reportDebug({ msg, destination }) {
  const { type, active, id, z, name = '' } = destination.node;
  if (type === 'debug' && active !== false) {
    report({ type: 'debug', id, z, name, msg: plain(msg) });
  }
}

/** What starts a flow from outside: a button, a clock, or a request. */
const STARTERS = ['inject', 'http in'];

/** All events of one call come from one node. @param {{ source: { node: any } }[]} events */
function reportPress([event]) {
  if (!event || !STARTERS.includes(event.source.node.type)) return;
  const { id, z, name = '' } = event.source.node;
  report({ type: 'press', id, z, name });
}

/** @param {any} msg */
function plain(msg) {
  try {
    return JSON.parse(JSON.stringify(msg));
  } catch (error) {
    return { _msgid: msg?._msgid, notPlainData: String(error) };
  }
}

/**
 * Settles when the flows run, or with the reason why Node-RED did not start them.
 * @param {import('node:events').EventEmitter} events
 * @returns {Promise<string | undefined>}
 */
function flowsRunning(events) {
  return new Promise(resolve => {
    events.once('flows:started', () => resolve(undefined));
    events.on('runtime-event', event => {
      const { error, types, modules } = event.payload ?? {};
      if (event.id === 'runtime-state' && error) {
        resolve([error, ...(types ?? modules ?? [])].join(' '));
      }
    });
  });
}

/** @param {any} RED @param {import('node:http').Server} server */
async function stop(RED, server) {
  await RED.stop();
  server.closeAllConnections();
  server.close(() => process.exit(0));
}
