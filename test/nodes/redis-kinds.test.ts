// The nodes on every kind of server that a store may be on, each with two stores of which neither knows of the other, as
// in two Node-RED.
import { createRequire } from 'node:module';
import type { NodeInitializer } from 'node-red';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { freePort } from '../../scripts/lib/free-port.mjs';
import { PATIENCE_MS } from '../../scripts/lib/patience.mjs';
import { inRoot } from '../../scripts/lib/root.mjs';
import type { RecordStoreConfig } from '../../nodes/record-store/config';
import {
  catcher,
  inboxes,
  lockNode,
  queueNode,
  releaseNode,
  settleNode,
  storeNode,
  type FlowNode,
} from '../support/flow-nodes';
import { ORDER, ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { RedisCluster } from '../support/redis/cluster';
import { MASTER, RedisPair } from '../support/redis/sentinels';
import { hasRedis, RedisServer, TLS_ARGS } from '../support/redis/server';
import { nothingUnhandled } from '../support/redis/unhandled';

useNodeRed();

const TLS_NODE = createRequire(import.meta.url)(
  '@node-red/nodes/core/network/05-tls.js',
) as NodeInitializer;

/** Trusts the certificate of the tests. */
const TRUST: FlowNode = {
  id: 'trust',
  type: 'tls-config',
  certType: 'files',
  cert: '',
  key: '',
  ca: inRoot('test/support/tls/cert.pem'),
  verifyservercert: true,
} as never;

const update = (key: string, payload: object): Msg => ({ key, payload });
const UPDATED = { update: { outcome: 'updated', attempts: [] } as never };

async function deploy(store: Partial<RecordStoreConfig>): Promise<Flow> {
  const sandbox = await startPractice();
  const at = { keep: 'redis', prefix: 'ru:', ...store } as const;
  const queue = { queueName: 'orders', lease: 600 };
  const endpoint = ordersAt(sandbox);
  const nodes = [
    TRUST,
    storeNode(at),
    storeNode(at, 'store-2'),
    { ...endpoint, store: 'store' },
    { ...endpoint, id: 'endpoint-2', store: 'store-2' },
    queueNode('queue', [['next'], ['superseded'], []], queue),
    queueNode('queue-2', [['next'], ['superseded'], []], { ...queue, store: 'store-2' }),
    settleNode('settle', [['done'], ['again'], ['given-up']]),
    lockNode('acquire', [['acquired'], ['busy']]),
    lockNode('acquire-2', [['acquired-2'], ['busy']], { endpoint: 'endpoint-2' }),
    releaseNode('release', [['released']]),
    ...inboxes('next', 'superseded', 'done', 'again', 'given-up'),
    ...inboxes('acquired', 'acquired-2', 'busy', 'released'),
    ...catcher(),
  ] as FlowNode[];
  return Flow.start(nodes, {}, [TLS_NODE]);
}

/** Sent to both, they are one in flight per record; what waits meanwhile is merged, whoever took it. */
async function queues(flow: Flow): Promise<void> {
  flow.send('queue', update('A', { a: 1 }));
  const [first] = await flow.count('next', 1);
  flow.send('queue-2', update('A', { b: 2 }));
  await flow.until(() => flow.completionsOf('queue-2')[0], 'the second update');
  flow.send('queue', update('A', { c: 3 }));
  await flow.until(() => flow.completionsOf('queue')[1], 'the third update');
  expect(flow.inbox('next')).toHaveLength(1);
  flow.send('settle', { ...first, ...UPDATED });
  const [, second] = await flow.count('next', 2);
  expect(second).toMatchObject({ key: 'A', payload: { b: 2, c: 3 }, queue: { updates: 2 } });
  flow.send('settle', { ...second, ...UPDATED });
  await flow.count('done', 2);
  expect(flow.errors).toEqual([]);
}

/** A record that one of them holds, the other one waits for. */
async function locks(flow: Flow): Promise<void> {
  const held = await flow.pass('acquire', { key: ORDER });
  expect(held.at).toBe('acquired');
  const { fence = Infinity } = held.msg.lock ?? {};
  flow.send('acquire-2', { key: ORDER });
  await flow.shows('acquire-2', 'record-lock.status.waiting');
  expect(flow.inbox('acquired-2')).toEqual([]);
  flow.send('release', held.msg);
  const [got] = await flow.count('acquired-2', 1);
  expect(got?.lock?.fence).toBeGreaterThan(fence);
  flow.send('release', { ...got });
  await flow.count('released', 2);
}

describe.skipIf(!hasRedis)('update-queue and record-lock in two Node-RED', () => {
  nothingUnhandled();

  it('on one server', async () => {
    const server = await RedisServer.forTest();
    const flow = await deploy({ server: `127.0.0.1:${server.port}` });
    await queues(flow);
    await locks(flow);
  });

  it('on one server with TLS and a certificate of one’s own', async () => {
    const port = await freePort();
    await RedisServer.forTest('--tls-port', String(port), ...TLS_ARGS);
    const flow = await deploy({ server: `rediss://127.0.0.1:${port}`, tls: 'trust' });
    await queues(flow);
    await locks(flow);
  });

  it('behind Sentinel, also after kill -9 of the master', async () => {
    const pair = await RedisPair.forTest();
    await pair.isKnown();
    const server = `127.0.0.1:${pair.sentinel.port}`;
    const flow = await deploy({ mode: 'sentinel', server, master: MASTER });
    await queues(flow);
    await locks(flow);
    await pair.loseMaster();
    // What is refused meanwhile is at the Catch node: it is sent again, as a source does.
    await vi.waitFor(
      async () => {
        const { at } = await flow.pass('queue', update('B', { a: 1 }));
        expect(at).toBe('next');
      },
      { timeout: PATIENCE_MS, interval: 50 },
    );
    await flow.until(() => flow.inbox('next').find(({ key }) => key === 'B'), 'the update');
    expect(flow.errors.every(({ error }) => error?.code === 'STORE_UNAVAILABLE')).toBe(true);
  });

  it.each([
    ['on a cluster of three masters', false],
    ['on such a cluster with TLS', true],
  ])('%s', async (_name, tls) => {
    const cluster = await RedisCluster.start({ tls });
    onTestFinished(() => cluster.end());
    const { nodes } = cluster.settings();
    const scheme = tls ? 'rediss://' : '';
    const server = nodes.map(({ host, port }) => `${scheme}${host}:${port}`).join(', ');
    const flow = await deploy({ mode: 'cluster', server, tls: tls ? 'trust' : '' });
    await queues(flow);
    await locks(flow);
  });
});
