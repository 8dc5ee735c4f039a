import { cpSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureRedis } from '../../ensure-redis.mjs';
import { startNodeRed } from '../node-red.mjs';
import { installPlayground } from '../playground.mjs';
import { startRedis } from '../redis-server.mjs';
import { startSandbox } from '../sandbox.mjs';
import { step } from '../step.mjs';
import { withTempDir } from '../temp.mjs';
import { clusterFlow, LEASE_S } from './flow.mjs';
import { faultsIn, repeated } from './judge.mjs';
import { send, updatesOf } from './load.mjs';

/** @typedef {import('../node-red.mjs').NodeRed} NodeRed */
/** @typedef {Record<string, number>} Counts */

const ORDERS = 12;
const UPDATES = 600;
const NAMES = ['first', 'second'];

/** @returns {Promise<boolean>} nothing was lost, and nothing written over something newer */
export async function demonstrate() {
  if ((await ensureRedis()) === undefined) throw new Error('it needs a redis-server');
  return withTempDir('cluster', async dir => play(await installed(dir), UPDATES));
}

/**
 * The same with so many updates; the second Node-RED is killed after half of them.
 * @param {readonly string[]} userDirs two, with the package in them
 * @param {number} count
 */
export async function play(userDirs, count) {
  // What is told last must outlive the kill of a Node-RED, not of Redis: that would need `appendfsync always`.
  const redis = await startRedis('--appendonly', 'yes');
  const sandbox = await startSandbox('peak');
  try {
    return await run(userDirs, { api: sandbox.url, redisPort: redis.port, count });
  } finally {
    await sandbox.close();
    await redis.stop();
  }
}

/** Two user directories. @param {string} dir */
async function installed(dir) {
  const first = await installPlayground(dir);
  const second = path.join(dir, 'user-2');
  cpSync(first, second, { recursive: true });
  return [first, second];
}

/** @param {readonly string[]} userDirs @param {{ api: string, redisPort: number, count: number }} plan */
async function run(userDirs, { api, redisPort, count }) {
  const flows = clusterFlow({ api, redisPort });
  const nodeReds = await step('Starting two Node-RED with the same flow', () =>
    Promise.all(userDirs.map(userDir => startNodeRed({ userDir, flows }))),
  );
  try {
    const updates = updatesOf(await orderIds(api), count);
    const { accepted, resent, counts } = await load(nodeReds, updates);
    await step('Waiting until nothing waits any more', () => drained(nodeReds, api, updates));
    const [first] = nodeReds;
    if (first) counts[0] = await countsOf(first);
    return await told(api, updates, { accepted, resent, counts });
  } finally {
    await Promise.all(nodeReds.map(nodeRed => nodeRed.close()));
  }
}

/** @param {readonly NodeRed[]} nodeReds @param {ReturnType<typeof updatesOf>} updates */
async function load(nodeReds, updates) {
  /** @type {Counts[]} */
  const counts = [];
  const [, second] = nodeReds;
  /** @type {Promise<void> | undefined} */
  let killed;
  const half = updates.length / 2;
  const kill = async () => {
    if (!second) return;
    counts[1] = await countsOf(second);
    await second.kill();
    console.log(`The second Node-RED was killed after ${half} updates.`);
  };
  const sent = await step(`Sending ${updates.length} updates of ${ORDERS} orders to both`, () =>
    send(
      updates,
      nodeReds.map(({ url }) => url),
      count => {
        if (count >= half) killed ??= kill();
      },
    ),
  );
  await killed;
  return { accepted: sent.accepted, resent: sent.repeated, counts };
}

/** @param {NodeRed} nodeRed @returns {Promise<Counts>} */
async function countsOf(nodeRed) {
  return (await nodeRed.request('/api/counts')).json();
}

/** @param {string} api @returns {Promise<string[]>} */
async function orderIds(api) {
  const answer = await fetch(
    `${api}/api/data/v9.0/salesorders?$select=salesorderid&$top=${ORDERS}`,
  );
  const { value } = await answer.json();
  return value.map((/** @type {{ salesorderid: string }} */ order) => order.salesorderid);
}

/** So often nothing has changed for the time of a lease: then nothing does any more. */
const QUIET_ROUNDS = 3;

/**
 * What the killed one had under way comes back after its lease. Ends when all is in place, or nothing happens any more.
 * @param {readonly NodeRed[]} nodeReds @param {string} api @param {ReturnType<typeof updatesOf>} updates
 */
async function drained([first], api, updates) {
  if (!first) return;
  let before = '';
  for (let same = 0; same < QUIET_ROUNDS;) {
    await sleep(LEASE_S * 1000);
    const found = await faults(api, updates);
    if (found.length === 0) return;
    const now = JSON.stringify([await countsOf(first), found]);
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

/** @param {string} api @param {ReturnType<typeof updatesOf>} updates */
async function faults(api, updates) {
  const found = [];
  for (const [order, own] of byOrder(updates)) {
    found.push(...faultsIn(own, await historyOf(api, order)));
  }
  return found;
}

/** @param {ReturnType<typeof updatesOf>} updates */
function byOrder(updates) {
  /** @type {Map<string, typeof updates>} */
  const orders = new Map();
  for (const update of updates) {
    orders.set(update.order, [...(orders.get(update.order) ?? []), update]);
  }
  return orders;
}

/** What was written through the API. @param {string} api @param {string} order */
async function historyOf(api, order) {
  const answer = await fetch(`${api}/sandbox/history/orders/${order}`);
  /** @type {(import('./judge.mjs').Change & { by: string })[]} */
  const changes = await answer.json();
  return changes.filter(({ by }) => by === 'api');
}

/**
 * @param {string} api @param {ReturnType<typeof updatesOf>} updates
 * @param {{ accepted: readonly number[], resent: ReadonlySet<unknown>, counts: readonly Counts[] }} what
 */
async function told(api, updates, { accepted, resent, counts }) {
  for (const [n, name] of NAMES.entries()) {
    const { done = 0, superseded = 0, again = 0, 'given-up': givenUp = 0 } = counts[n] ?? {};
    console.log(
      `${name} Node-RED: ${accepted[n]} accepted, ${done} written, ${superseded} superseded, ${again} tried again, ${givenUp} given up`,
    );
  }
  let twice = 0;
  for (const [order, own] of byOrder(updates)) {
    const once = own.filter(update => !resent.has(update));
    twice += repeated(once, await historyOf(api, order));
  }
  const found = await faults(api, updates);
  for (const fault of found) console.log(`WRONG: ${fault}`);
  console.log(
    found.length === 0
      ? `Nothing was lost: every field of ${ORDERS} orders holds its newest value. Written twice: ${twice}. Sent again because nobody had answered: ${resent.size}.`
      : `${found.length} faults.`,
  );
  return found.length === 0 && twice === 0;
}
