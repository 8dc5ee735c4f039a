import { describe, expect, it } from 'vitest';
import { orderId } from '../../sandbox/ids';
import type { EtagFetchConfig } from '../../nodes/etag-fetch/config';
import { catcher, fetchNode, inboxes } from '../support/flow-nodes';
import { ordersAt, requestCount, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

async function deploy(node: Partial<EtagFetchConfig> = {}, wires = [['read'], ['not-read']]) {
  const sandbox = await startPractice();
  const flow = await Flow.start([
    ordersAt(sandbox),
    fetchNode('fetch', wires, { fieldsType: 'str', fields: 'description', ...node }),
    ...inboxes('read', 'not-read'),
    ...catcher(),
  ]);
  return { flow, sandbox };
}

interface Found {
  readonly key: string;
  readonly version: string;
}

const recordsOf = (msg: Msg | undefined) => (msg?.records ?? []) as readonly Found[];

describe('etag-fetch with many keys', () => {
  it('reads them with few requests, and keeps their order', async () => {
    const { flow, sandbox } = await deploy();
    const key = [5, 2, 9, 1].map(orderId);
    flow.send('fetch', { key, topic: 'all' });
    const [msg] = await flow.count('read', 1);
    expect(msg).toMatchObject({ topic: 'all', key });
    expect(recordsOf(msg).map(record => record.key)).toEqual(key);
    for (const { key: id, version } of recordsOf(msg)) {
      expect(version).toBe(sandbox.orders.get(id)?.version);
    }
    expect(requestCount(sandbox)).toBeLessThan(key.length);
    expect(msg).not.toHaveProperty('record');
    expect(flow.inbox('not-read')).toEqual([]);
  });

  it('tells of those that were not read in a message of their own', async () => {
    const { flow } = await deploy();
    flow.send('fetch', { key: [orderId(1), orderId(999), '../x', orderId(2)] });
    const [read] = await flow.count('read', 1);
    const [not] = await flow.count('not-read', 1);
    expect(recordsOf(read).map(({ key }) => key)).toEqual([orderId(1), orderId(2)]);
    expect(not?.update).toMatchObject([
      { key: orderId(999), outcome: 'not-found' },
      { key: '../x', outcome: 'rejected', error: { code: 'KEY_INVALID' } },
    ]);
    expect(not).not.toHaveProperty('records');
    expect(read).not.toHaveProperty('update');
    expect(flow.completionsOf('fetch')).toHaveLength(1);
  });

  it('reads a record once, however often and in whatever spelling its key comes', async () => {
    const { flow } = await deploy();
    flow.send('fetch', { key: [orderId(1), orderId(1).toUpperCase(), orderId(1)] });
    const [msg] = await flow.count('read', 1);
    expect(recordsOf(msg)).toHaveLength(1);
  });

  it.each<[string, () => unknown[]]>([
    ['a hole', () => Array<unknown>(1)],
    ['nothing', () => [null, undefined]],
    ['an empty text', () => ['']],
    ['a list', () => [[orderId(3)]]],
    ['a promise', () => [Promise.resolve(orderId(3))]],
    ['a big integer', () => [3n, { salesorderid: 3n }]],
    ['a symbol', () => [Symbol('key')]],
    ['half a character', () => ['\ud800']],
  ])('reads the others beside %s', async (_name, make) => {
    const { flow } = await deploy();
    const bad = make();
    const key = [orderId(1), ...Array<unknown>(bad.length), orderId(2)];
    for (let n = 0; n < bad.length; n++)
      if (n in bad) key[n + 1] = bad[n];
      else Reflect.deleteProperty(key, String(n + 1));
    flow.send('fetch', { key });
    const [read] = await flow.count('read', 1);
    expect(recordsOf(read).map(one => one.key)).toEqual([orderId(1), orderId(2)]);
    const [not] = await flow.count('not-read', 1);
    expect(not?.update).toHaveLength(bad.length);
    for (const one of not?.update as unknown as object[]) {
      expect(one).toMatchObject({ outcome: 'rejected', error: { code: 'KEY_INVALID' } });
    }
  });

  it('sends nothing by the first output where none was read', async () => {
    const { flow } = await deploy();
    flow.send('fetch', { key: [orderId(998), orderId(999)] });
    const [not] = await flow.count('not-read', 1);
    expect(not?.update).toHaveLength(2);
    expect(flow.inbox('read')).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['no key', [], 'KEYS_EMPTY'],
    ['too many', Array(100_001).fill('A1'), 'KEYS_TOO_MANY'],
  ])('with %s is an error', async (_name, key, code) => {
    const { flow, sandbox } = await deploy();
    flow.send('fetch', { key });
    const [caught] = await flow.count('caught', 1);
    expect(caught?.error?.code).toBe(code);
    expect(requestCount(sandbox)).toBe(0);
  });

  it('with Records that are none is an error, not many refusals', async () => {
    const { flow } = await deploy({ collection: '../x' });
    flow.send('fetch', { key: [orderId(1)] });
    const [caught] = await flow.count('caught', 1);
    expect(caught?.error?.code).toBe('COLLECTION_INVALID');
  });
});
