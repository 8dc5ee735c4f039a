import { startSandbox } from '../sandbox.mjs';

/** @typedef {import('../../../sandbox/machines/signals.js').MachineEvent} MachineEvent */
/** @typedef {import('./types.mjs').OrderRecord} OrderRecord */

/** Decides what operators and background jobs do, and every fault. */
const SEED = 20_260_208;

/**
 * What else goes wrong at a shift change.
 * @type {readonly import('../../../sandbox/faults/fault-rules.js').FaultRule[]}
 */
const FAULTS = [
  { fault: 'latency', ms: 2, jitterMs: 8 },
  { fault: 'lost-response', on: 'write', rate: 0.05 },
];

/**
 * A sandbox of its own at which it is shift change.
 * @param {NodeJS.ProcessEnv} [env] added to the environment of its process
 */
export async function startShiftSandbox(env) {
  const sandbox = await startSandbox('shift-change', SEED, env);
  try {
    for (const fault of FAULTS) await control(sandbox.url, 'POST', 'faults', fault);
    return sandbox;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

/**
 * What the machines of a shift have signalled, in the order of arrival.
 * @param {string} url @param {string} shift
 * @returns {Promise<MachineEvent[]>}
 */
export async function eventsOf(url, shift) {
  return (await control(url, 'GET', `records/shifts/${shift}`)).values.events;
}

/**
 * What the server remembers of its work orders.
 * @param {string} url
 * @returns {Promise<Map<string, OrderRecord>>}
 */
export async function recordsOf(url) {
  /** @type {Map<string, OrderRecord>} */
  const records = new Map();
  for (const id of await control(url, 'GET', 'records/work-orders')) {
    const history = await control(url, 'GET', `history/work-orders/${id}`);
    const requests = await control(url, 'GET', `requests/work-orders/${id}`);
    records.set(id, { history, requests });
  }
  return records;
}

/**
 * @param {string} url @param {string} method @param {string} command @param {object} [body]
 * @returns {Promise<any>}
 */
async function control(url, method, command, body) {
  const response = await fetch(`${url}/sandbox/${command}`, {
    method,
    ...(body && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${command} answered ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
