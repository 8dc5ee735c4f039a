import helper from 'node-red-node-test-helper';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PATIENCE_MS } from '../../scripts/lib/patience.mjs';
import { makeTempDir } from '../../scripts/lib/temp.mjs';
import type { StrandedQueue } from '../../nodes/record-store/stranded';
import {
  catcher,
  inboxes,
  queueNode,
  settleNode,
  storeNode,
  type FlowNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed, useUserDir } from '../support/flow-runtime';
import { createRedisQueueRegister } from '../../lib/coordination/redis/queue-register';
import { openConnection } from '../support/redis/open';
import { hasRedis, RedisServer } from '../support/redis/server';

useNodeRed();

/** For one test. */
function makeUserDir(): string {
  const temp = makeTempDir('stranded');
  useUserDir(temp.dir);
  onTestFinished(() => {
    useUserDir(undefined);
    temp.remove();
  });
  return temp.dir;
}

const OLD = 'orders of 2025';
const LEFT = { lease: 600, parallel: 1 };

const flowOf = (store: FlowNode, ...queues: readonly FlowNode[]): FlowNode[] => [
  store,
  ...queues,
  ...inboxes('next'),
  ...catcher(),
];

const old = (config = {}): FlowNode =>
  queueNode('queue', [['next'], [], []], { queueName: OLD, ...LEFT, ...config });

async function listed(): Promise<readonly StrandedQueue[]> {
  const answer = await helper.request().get('/record-updates/store/store/queues');
  expect(answer.status).toBe(200);
  return (answer.body as { queues: readonly StrandedQueue[] }).queues;
}

const warned = (flow: Flow): Promise<string> =>
  vi.waitFor(
    () => {
      const warning = flow.warnings.find(text => text.includes(OLD));
      if (warning === undefined) throw new Error('nobody has warned');
      return warning;
    },
    { timeout: PATIENCE_MS, interval: 20 },
  );

/** Two updates, of which one is in flight, and a queue that is empty again. */
async function leaveBehind(store: FlowNode): Promise<void> {
  const flow = await Flow.start(flowOf(store, old(), queueNode('empty', [[], [], []])));
  flow.send('queue', { key: 'A', payload: { a: 1 } });
  await flow.count('next', 1);
  flow.send('queue', { key: 'B', payload: { b: 2 } });
  await flow.until(() => flow.completionsOf('queue')[1], 'both');
  expect(await listed()).toEqual([]);
  await flow.end();
}

const STORES: readonly [string, boolean, () => Promise<FlowNode>][] = [
  [
    'a file',
    true,
    () => {
      makeUserDir();
      return Promise.resolve(storeNode());
    },
  ],
  [
    'Redis',
    hasRedis,
    async () => {
      const server = await RedisServer.forTest('--appendonly', 'yes');
      return storeNode({ keep: 'redis', server: `127.0.0.1:${server.port}`, prefix: 'ru:' });
    },
  ],
];

describe.each(STORES.filter(([, isThere]) => isThere))(
  'queues that nobody opens, in %s',
  (_kind, _there, makeStore) => {
    it('are told once after a deploy, listed with number and age, and nothing of them is lost', async () => {
      const store = await makeStore();
      const before = Date.now();
      await leaveBehind(store);

      const renamed = old({ queueName: 'orders of 2026' });
      const second = await Flow.start(flowOf(store, renamed));
      expect(await warned(second)).toMatch(/"orders of 2025" \(2, 20\d\d-.*Queue name/);
      await second.redeploy(flowOf(store, renamed, queueNode('more', [[], [], []])), 'nodes');
      const [queue, ...others] = await listed();
      expect(others).toEqual([]);
      expect(queue).toMatchObject({ name: OLD, waiting: 1, inFlight: 1, isUsedElsewhere: false });
      expect(queue?.oldestAt).toBeGreaterThanOrEqual(before);
      expect(second.warnings.filter(text => text.includes(OLD))).toHaveLength(1);
      await second.end();

      // As the docs say: a node with that name hands them on.
      const third = await Flow.start(flowOf(store, old({ parallel: 10 })));
      const [next] = await third.count('next', 1);
      expect(next).toMatchObject({ key: 'B', payload: { b: 2 } });
      expect(await listed()).toEqual([]);
      await third.end();
    });

    it('are found when the node goes while the store stays', async () => {
      const store = await makeStore();
      const flow = await Flow.start(flowOf(store, old()));
      flow.send('queue', { key: 'A', payload: { a: 1 } });
      await flow.count('next', 1);
      await flow.redeploy(flowOf(store), 'nodes');
      await warned(flow);
      expect(await listed()).toMatchObject([{ name: OLD, waiting: 0, inFlight: 1 }]);
    });
  },
);

it('are told by their names, whatever their files are called', async () => {
  const userDir = makeUserDir();
  const names = ['Orders', 'orders', '\u9806'.repeat(30), 'night \ud83d'];
  const queues = names.map((queueName, n) =>
    queueNode(`queue${n}`, [['next'], [], []], { ...LEFT, queueName }),
  );
  const first = await Flow.start(flowOf(storeNode(), ...queues));
  for (const n of names.keys()) {
    first.send(`queue${n}`, { key: 'A', payload: { a: 1 } });
    await first.until(() => first.completionsOf(`queue${n}`)[0], 'it');
  }
  await first.end();
  // As an earlier version has named that file.
  const folder = join(userDir, 'record-updates');
  for (const file of readdirSync(folder).filter(name => name.includes('Orders='))) {
    renameSync(join(folder, file), join(folder, file.replace(/=[0-9a-f]+/, '')));
  }
  await Flow.start(flowOf(storeNode()));
  expect((await listed()).map(({ name }) => name).sort()).toEqual(names.toSorted());
});

it('a file that is none of ours among them does no harm', async () => {
  const userDir = makeUserDir();
  const flow = await Flow.start(flowOf(storeNode(), old()));
  flow.send('queue', { key: 'A', payload: { a: 1 } });
  await flow.count('next', 1);
  const folder = join(userDir, 'record-updates');
  for (const name of ['%FF', 'x y', 'theirs', 'later', 'empty']) {
    writeFileSync(
      join(folder, `store.${name}.update-queue.journal.3`),
      name === 'empty' ? '' : 'x\n',
    );
  }
  expect(await listed()).toEqual([]);
  expect(readdirSync(folder)).toContain('store.theirs.update-queue.journal.3');
});

it('a store that is not deployed has none, and one that is kept in memory says what it holds', async () => {
  const answer = await helper.request().get('/record-updates/store/none/queues');
  expect([answer.status, answer.body]).toEqual([200, { queues: [] }]);
  const store = storeNode({ keep: 'memory' });
  const flow = await Flow.start(flowOf(store, old(), settleNode('settle', [[], [], []])));
  flow.send('queue', { key: 'A', payload: { a: 1 } });
  await flow.count('next', 1);
  expect(await listed()).toEqual([]);
  await flow.redeploy(flowOf(store), 'nodes');
  await warned(flow);
});

describe.skipIf(!hasRedis)('a store on Redis', () => {
  it('does not warn of a queue that another Node-RED uses, and says so in the list', async () => {
    const server = await RedisServer.forTest('--appendonly', 'yes');
    const store = storeNode({ keep: 'redis', server: `127.0.0.1:${server.port}`, prefix: 'ru:' });
    await leaveBehind(store);
    const other = createRedisQueueRegister(await openConnection(server.settings()));
    await other.announce(OLD, 'another', '{}');
    const flow = await Flow.start(flowOf(store));
    expect(await listed()).toMatchObject([{ name: OLD, isUsedElsewhere: true }]);
    expect(flow.warnings.filter(text => text.includes(OLD))).toEqual([]);
  });

  it('that is away at the start is asked when it is there; until then the list says why', async () => {
    const server = await RedisServer.forTest('--appendonly', 'yes', '--appendfsync', 'always');
    const store = storeNode({ keep: 'redis', server: `127.0.0.1:${server.port}`, prefix: 'ru:' });
    await leaveBehind(store);
    await server.kill();
    const flow = await Flow.start(flowOf(store));
    const answer = await helper.request().get('/record-updates/store/store/queues');
    expect(answer.status).toBe(400);
    expect((answer.body as { error: { code: string } }).error.code).toBe('STORE_UNAVAILABLE');
    await server.start();
    await warned(flow);
  });
});
