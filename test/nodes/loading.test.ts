import { createRequire } from 'node:module';
import helper from 'node-red-node-test-helper';
import { expect, it } from 'vitest';
import {
  backoffNode,
  endpoint,
  fetchNode,
  inboxes,
  lockNode,
  releaseNode,
  switchNode,
  updateNode,
} from '../support/flow-nodes';
import { ORDER, WORK_ORDER } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';

useNodeRed();
const { version } = createRequire(import.meta.url)('node-red/package.json') as { version: string };

it(`runs on Node-RED 4.1 (${version})`, () => {
  expect(version).toMatch(/^4\.1\./);
});

it.each([
  ['record-endpoint', endpoint({ name: 'it' }, 'node')],
  ['etag-fetch', fetchNode('node', [[], []], { name: 'it' })],
  ['conditional-update', updateNode('node', [[], []], { name: 'it' })],
  ['conflict-switch', switchNode('node', [[], [], [], []], { name: 'it' })],
  ['backoff-delay', backoffNode('node', [[], []], { name: 'it' })],
  ['record-lock', lockNode('node', [[], []], { name: 'it' })],
])('%s: should be loaded', async (type, node) => {
  await Flow.start(type === 'record-endpoint' ? [node] : [endpoint(), node]);
  const loaded = helper.getNode('node');
  expect(loaded.type).toBe(type);
  expect(loaded.name).toBe('it');
});

it('conditional-update alone updates on the Practice API, and finds nothing to do the second time', async () => {
  const flow = await Flow.start([
    endpoint(),
    updateNode('update', [['updated'], ['not-updated']]),
    ...inboxes('updated', 'not-updated'),
  ]);
  const order = { key: ORDER, payload: { orderstatus: 'Shipped' } };
  const first = await flow.pass('update', { ...order });
  expect([first.at, first.msg.update?.outcome]).toEqual(['updated', 'updated']);
  const second = await flow.pass('update', { ...order });
  expect([second.at, second.msg.update?.outcome]).toEqual(['updated', 'unchanged']);
});

it('conditional-update completes a work order on the Practice API', async () => {
  const flow = await Flow.start([
    endpoint({ family: 'rest' }),
    updateNode('update', [['out'], ['out']], { collection: 'work-orders' }),
    ...inboxes('out'),
  ]);
  const { msg } = await flow.pass('update', { key: WORK_ORDER, payload: { status: 'Complete' } });
  expect(msg.update?.outcome).toBe('updated');
  expect(msg.record?.version).toBe('"v8"');
});

it('all five nodes work together on the Practice API at shift change', async () => {
  const flow = await Flow.start([
    endpoint({ practiceLoad: 'shift-change', base: 0.01 }),
    lockNode('acquire', [['fetch'], ['release']]),
    fetchNode('fetch', [['update'], ['release']]),
    updateNode('update', [['switch'], ['switch']], { mode: 'once' }),
    switchNode('switch', [['release'], ['wait'], ['release'], ['release']]),
    backoffNode('wait', [['fetch'], ['release']]),
    releaseNode('release', [['end']]),
    ...inboxes('end'),
  ]);
  for (let n = 1; n <= 30; n++) {
    const key = { ordernumber: `SO-2025-${String(n).padStart(4, '0')}` };
    flow.send('acquire', { key, payload: { orderstatus: 'Processing' } });
  }
  const ends = await flow.count('end', 30);
  for (const msg of ends) {
    expect(['updated', 'conflict']).toContain(msg.update?.outcome);
    expect(msg.lock).toBeUndefined();
    expect(msg.retry).toBeUndefined();
    expect(msg.update).not.toHaveProperty('base');
  }
  expect(ends.filter(msg => msg.update?.outcome === 'updated').length).toBeGreaterThan(20);
});
