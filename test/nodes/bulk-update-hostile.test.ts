import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { BulkUpdateConfig } from '../../nodes/bulk-update/config';
import { orderId } from '../../sandbox/ids';
import { bulkNode, catcher, inboxes } from '../support/flow-nodes';
import { ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';

useNodeRed();

const PORTS = [['updated'], ['not-updated']];

async function deploy(node: Partial<BulkUpdateConfig> = {}) {
  const sandbox = await startPractice();
  const flow = await Flow.start([
    ordersAt(sandbox),
    bulkNode('bulk', PORTS, node),
    ...inboxes('updated', 'not-updated'),
    ...catcher(),
  ]);
  return { flow, sandbox };
}

function itemsFor(...numbers: readonly number[]) {
  return numbers.map(n => ({ key: orderId(n), changes: { description: `new ${n}` } }));
}

function done(flow: Flow, count = 1) {
  return flow.until(
    () => (flow.completionsOf('bulk').length >= count ? flow.completionsOf('bulk') : undefined),
    `the end of ${count} messages`,
  );
}

const refuse = (): never => {
  throw new Error('no');
};

describe('a hostile item is rejected alone:', () => {
  const key = orderId(5);

  it.each<[string, () => unknown]>([
    ['a proxy that answers nothing', () => new Proxy({}, { get: refuse, ownKeys: refuse })],
    [
      'a key that answers nothing',
      () => ({ key: new Proxy({}, { get: refuse, ownKeys: refuse }), changes: {} }),
    ],
    [
      'a key of a big integer',
      () => ({ key: { salesorderid: 1n }, changes: { description: 'x' } }),
    ],
    ['changes that answer nothing', () => ({ key, changes: new Proxy({}, { ownKeys: refuse }) })],
    ['changes that are a promise', () => ({ key, changes: Promise.resolve({ description: 'x' }) })],
    [
      'changes that hold themselves',
      () => {
        const changes: Record<string, unknown> = {};
        changes.description = changes;
        return { key, changes };
      },
    ],
  ])('%s', async (_name, make) => {
    const { flow } = await deploy();
    flow.send('bulk', { payload: [make(), ...itemsFor(1, 2)] });
    expect(await done(flow)).toMatchObject([{ error: undefined }]);
    await flow.count('updated', 2);
    const [msg] = await flow.count('not-updated', 1);
    expect(msg?.update).toMatchObject({ outcome: 'rejected', verified: false });
  });

  it('one whose members are there only once', async () => {
    const { flow } = await deploy();
    let asked = 0;
    const once = {
      get key(): string {
        if (asked++ > 0) throw new Error('no');
        return orderId(3);
      },
      changes: { description: 'x' },
    };
    flow.send('bulk', { payload: [once, ...itemsFor(1, 2)] });
    expect(await done(flow)).toMatchObject([{ error: undefined }]);
    await flow.count('updated', 2);
    expect(flow.inbox('not-updated')).toHaveLength(1);
  });
});

it('frozen items are updated, and merged', async () => {
  const { flow } = await deploy();
  const payload = itemsFor(1, 2, 1).map(item =>
    Object.freeze({ ...item, changes: Object.freeze(item.changes) }),
  );
  flow.send('bulk', { payload: Object.freeze(payload) });
  await flow.count('updated', 2);
  expect(await done(flow)).toMatchObject([{ error: undefined }]);
});

it('twenty thousand items of one record, each with a field of its own, are one update', async () => {
  const { flow } = await deploy();
  const payload = Array.from({ length: 20_000 }, (_, n) => ({
    key: orderId(1),
    changes: { [`field${n}`]: n },
  }));
  flow.send('bulk', { payload });
  const out = () => [...flow.inbox('updated'), ...flow.inbox('not-updated')];
  await flow.until(() => (out().length > 0 ? true : undefined), 'the result');
  expect(await done(flow)).toHaveLength(1);
  expect(out()).toHaveLength(1);
});

it('five thousand items that are none let other flows go on', async () => {
  const { flow } = await deploy({ output: 'array' });
  let turnsOfOthers = 0;
  const tick = setInterval(() => turnsOfOthers++, 0);
  flow.send('bulk', { payload: Array.from({ length: 5_000 }, () => ({ key: orderId(1) })) });
  const [msg] = await flow.count('not-updated', 1);
  clearInterval(tick);
  expect(msg?.payload).toHaveLength(5_000);
  expect(turnsOfOthers).toBeGreaterThan(5);
});

describe('a flow that stops', () => {
  it('while a long list is looked at ends it as STOPPED', async () => {
    const { flow, sandbox } = await deploy();
    flow.send('bulk', { payload: Array.from({ length: 100_000 }, (_, n) => itemsFor(n)[0]) });
    for (let turns = 0; turns < 5; turns++) await setImmediate();
    await flow.stop();
    const [over] = await done(flow);
    expect(over?.error?.code).toBe('STOPPED');
    expect(sandbox.stats().requests).toEqual({});
  });

  it.each(['sequence', 'messages'] as const)(
    'while a message of %s is read ends it as STOPPED',
    async input => {
      const { flow } = await deploy({
        input,
        collectTime: 3600,
        changes: '$reduce([1..30000], function($sum, $n) { $sum + $n }).{"description": "x"}',
        changesType: 'jsonata',
      });
      flow.send('bulk', { key: orderId(1), parts: { id: 'a', index: 0, count: 2 } });
      for (let turns = 0; turns < 2; turns++) await setImmediate();
      expect(await flow.stopsWithin(9_000)).toBe(true);
      const [over] = await done(flow);
      expect(over?.error?.code).toBe('STOPPED');
    },
  );
});

it('a stop tells of each collected message what became of its own record', async () => {
  const { flow, sandbox } = await deploy({
    input: 'messages',
    collectCount: 3,
    batchSize: '1',
    parallel: '1',
  });
  sandbox.faults.add({ fault: 'latency', ms: 60_000, on: 'write', times: 1 });
  for (const n of [1, 2, 3]) flow.send('bulk', { key: orderId(n), payload: { description: 'x' } });
  while (sandbox.faults.list().length > 0) await setImmediate();
  await flow.stop();
  const over = await done(flow, 3);
  const codes = over.map(({ error }) => error?.code);
  expect([...codes].sort()).toEqual(['STOPPED', 'STOPPED', 'UPDATE_UNCERTAIN']);
  for (const { error, msg } of over) {
    const others = [1, 2, 3].map(orderId).filter(key => key !== msg.key);
    expect(error?.message).toContain(String(msg.key));
    for (const key of others) expect(error?.message).not.toContain(key);
  }
});
