import { describe, expect, it } from 'vitest';
import type { BulkSummary } from '../../lib/update/bulk/bulk-tally';
import type { BulkUpdateConfig } from '../../nodes/bulk-update/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { orderId } from '../../sandbox/ids';
import type { Sandbox, SandboxOptions } from '../../sandbox/index';
import { bulkNode, catcher, fetchNode, inboxes, lockNode } from '../support/flow-nodes';
import {
  methodsOf,
  ordersAt,
  startPractice,
  WORK_ORDER,
  workOrdersAt,
} from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

const PORTS = [['updated'], ['not-updated']];
const OUT = ['updated', 'not-updated'] as const;

interface Setup {
  readonly sandbox?: SandboxOptions;
  readonly node?: Partial<BulkUpdateConfig>;
  readonly endpoint?: Partial<RecordEndpointConfig>;
  readonly ports?: readonly (readonly string[])[];
}

async function deploy(setup: Setup = {}): Promise<{ flow: Flow; sandbox: Sandbox }> {
  const sandbox = await startPractice(setup.sandbox);
  const flow = await Flow.start([
    ordersAt(sandbox, setup.endpoint),
    bulkNode('bulk', setup.ports ?? PORTS, setup.node),
    ...inboxes('updated', 'not-updated', 'progress'),
    ...catcher(),
  ]);
  return { flow, sandbox };
}

/** As many items as there are numbers, each with a description of its own. */
function itemsFor(...numbers: readonly number[]) {
  return numbers.map(n => ({ key: orderId(n), changes: { description: `new ${n}` } }));
}

/** The node is through with that many messages. */
function done(flow: Flow, count = 1, node = 'bulk') {
  return flow.until(
    () => (flow.completionsOf(node).length >= count ? flow.completionsOf(node) : undefined),
    `the end of ${count} messages at ${node}`,
  );
}

const bulkOf = (msg: Msg | undefined): BulkSummary | undefined =>
  msg?.bulk as BulkSummary | undefined;

const resultOf = (msg: Msg) => msg.update as unknown as Record<string, unknown>;

describe('a list', () => {
  it('is updated record by record, each with a message of its own', async () => {
    const { flow, sandbox } = await deploy();
    const payload = itemsFor(1, 2, 3);
    flow.send('bulk', { payload, topic: 'sync', other: { deep: [1] } });
    expect(await done(flow)).toMatchObject([{ error: undefined }]);
    const out = await flow.count('updated', 3);
    expect(flow.inbox('not-updated')).toEqual([]);
    for (const msg of out) {
      expect(msg).toMatchObject({ topic: 'sync', other: { deep: [1] } });
      expect(msg.update).toMatchObject({ outcome: 'updated', verified: true, key: msg.key });
      expect(msg.record).toMatchObject({ key: msg.key, values: msg.payload });
      expect(msg.record?.version).toBe(sandbox.orders.get(String(msg.key))?.version);
    }
    expect(out.map(({ payload: changes }) => changes)).toEqual(
      expect.arrayContaining(payload.map(({ changes }) => changes)),
    );
    expect(sandbox.orders.get(orderId(2))?.values.description).toBe('new 2');
  });

  it('comes out as a sequence that can be joined, the summary on its last message', async () => {
    const { flow } = await deploy();
    const outer = { id: 'outer', index: 4 };
    flow.send('bulk', { payload: itemsFor(3, 1, 2), parts: outer });
    const out = await flow.count('updated', 3);
    const parts = out.map(msg => msg.parts as { id: string; index: number });
    expect(new Set(parts.map(({ id }) => id)).size).toBe(1);
    for (const one of parts) expect(one).toMatchObject({ type: 'array', count: 3, parts: outer });
    const keys = [...out].sort((a, b) => indexOf(a) - indexOf(b)).map(({ key }) => key);
    expect(keys).toEqual([orderId(3), orderId(1), orderId(2)]);
    expect(out.filter(msg => msg.bulk !== undefined)).toHaveLength(1);
    expect(bulkOf(out.at(-1))).toMatchObject({ records: 3, updated: 3, conflict: 0, retries: 0 });
    expect(bulkOf(out.at(-1))?.calls).toBeGreaterThan(0);
  });

  it('of rows as a csv node makes them needs no member for the changes', async () => {
    const { flow, sandbox } = await deploy({ node: { keyMember: 'id', changesMember: '' } });
    flow.send('bulk', { payload: [{ id: orderId(1), description: 'from a file' }] });
    const [msg] = await flow.count('updated', 1);
    expect(msg).toMatchObject({ key: orderId(1), payload: { description: 'from a file' } });
    expect(sandbox.orders.get(orderId(1))?.values.description).toBe('from a file');
  });

  it('may have keys of several parts', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      ordersAt(sandbox, { family: 'finance-operations', baseUrl: `${sandbox.url}/data` }),
      bulkNode('bulk', PORTS, {
        collection: 'SalesOrderHeadersV2',
        keyMember: 'dataAreaId, SalesOrderNumber',
        changesMember: '',
      }),
      ...inboxes(...OUT),
      ...catcher(),
    ]);
    const row = { dataAreaId: 'USMF', SalesOrderNumber: 'SO-2025-0101' };
    flow.send('bulk', { payload: [{ ...row, CustomerRequisitionNumber: 'R1' }] });
    const { error } = (await done(flow))[0] ?? {};
    expect(error).toBeUndefined();
    // A message arrives a moment after it was sent, and the list may be over before.
    const msg = await flow.until(
      () => [...flow.inbox('updated'), ...flow.inbox('not-updated')][0],
      'the message of the record',
    );
    expect(msg).toMatchObject({ key: row, payload: { CustomerRequisitionNumber: 'R1' } });
  });

  it('with snapshots notices what others have changed since', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      ordersAt(sandbox),
      fetchNode('fetch', [['read'], []]),
      bulkNode('bulk', PORTS),
      ...inboxes('read', ...OUT),
      ...catcher(),
    ]);
    flow.send('fetch', { key: orderId(1), payload: { orderstatus: 'Shipped' } });
    const [read] = await flow.count('read', 1);
    sandbox.orders.touch(orderId(1), { orderstatus: 'Cancelled' });
    const item = { key: orderId(1), changes: { orderstatus: 'Shipped' }, record: read?.record };
    flow.send('bulk', { payload: [item] });
    const [msg] = await flow.count('not-updated', 1);
    expect(msg?.update).toMatchObject({
      outcome: 'conflict',
      conflict: { fields: [{ name: 'orderstatus', ours: 'Shipped', theirs: 'Cancelled' }] },
    });
  });
});

const indexOf = (msg: Msg): number => (msg.parts as { index: number }).index;

describe('bad input', () => {
  const all = itemsFor(1, 2);

  it.each<[string, unknown, string]>([
    ['no list', undefined, 'LIST_INVALID'],
    ['one object', { key: orderId(1), changes: {} }, 'LIST_INVALID'],
    ['an empty list', [], 'LIST_EMPTY'],
    ['a list that is too long', Array(100_001).fill({}), 'LIST_TOO_LONG'],
    ['a promise', Promise.resolve(all), 'LIST_INVALID'],
  ])('%s is an error, and the message is whole', async (_name, payload, code) => {
    const { flow, sandbox } = await deploy();
    flow.send('bulk', { payload, topic: 'whole' });
    const [caught] = await flow.count('caught', 1);
    expect(caught).toMatchObject({ topic: 'whole', error: { code } });
    expect(flow.completionsOf('bulk')).toHaveLength(1);
    expect(sandbox.stats().requests).toEqual({});
  });

  it.each<[string, unknown, string]>([
    ['no key', { changes: { description: 'x' } }, 'under Key in an item.'],
    [
      'no changes',
      { key: orderId(5) },
      'the item has no "changes". Set it, or name another member',
    ],
    ['flat changes', { key: orderId(5), description: 'x' }, 'without a name there, every member'],
    ['a text', { key: orderId(5), changes: 'x' }, '"changes" of the item is none'],
  ])('says where an item with %s is mended in the dialog', async (_name, item, words) => {
    const { flow } = await deploy();
    flow.send('bulk', { payload: [item] });
    const [msg] = await flow.count('not-updated', 1);
    expect(msg?.update?.error?.message).toContain(words);
    expect(msg?.update?.error?.message).not.toContain('msg.');
  });

  it.each<[string, unknown, string, unknown]>([
    ['no object', 'text', 'ITEM_INVALID', undefined],
    ['nothing', null, 'ITEM_INVALID', undefined],
    ['no key', { changes: { description: 'x' } }, 'KEY_INVALID', undefined],
    ['a key that the family refuses', { key: '../x', changes: {} }, 'KEY_INVALID', '../x'],
    ['no changes', { key: orderId(5) }, 'CHANGES_INVALID', orderId(5)],
    ['a list of changes', { key: orderId(5), changes: [1] }, 'CHANGES_INVALID', orderId(5)],
    [
      'changes that contradict the key',
      { key: orderId(5), changes: { salesorderid: orderId(6) } },
      'KEY_CONTRADICTED',
      orderId(5),
    ],
    [
      'a guard that is none',
      { key: orderId(5), changes: { description: 'x' }, guard: 'yes' },
      'GUARD_INVALID',
      orderId(5),
    ],
    [
      'a version that cannot be sent',
      {
        key: orderId(5),
        changes: { description: 'x' },
        record: { url: 'URL', version: 'a\nb', values: {} },
      },
      'VERSION_INVALID',
      orderId(5),
    ],
  ])('an item with %s is rejected alone', async (_name, bad, code, key) => {
    const { flow, sandbox } = await deploy();
    const base = `${sandbox.url}/api/data/v9.0/salesorders(${orderId(5)})`;
    const item = JSON.parse(JSON.stringify(bad).replace('"URL"', JSON.stringify(base))) as unknown;
    flow.send('bulk', { payload: [...all, item] });
    expect(await done(flow)).toMatchObject([{ error: undefined }]);
    await flow.count('updated', 2);
    const [msg] = await flow.count('not-updated', 1);
    expect(msg?.update).toMatchObject({ outcome: 'rejected', verified: false, error: { code } });
    expect(msg?.update?.error?.message).toMatch(/^Item 2: /);
    expect(resultOf(msg ?? {}).items).toEqual([2]);
    expect(msg?.key).toEqual(key);
  });

  it('an item whose members cannot even be read is rejected alone', async () => {
    const { flow } = await deploy();
    const hostile = {
      get key(): string {
        throw new Error('no');
      },
    };
    flow.send('bulk', { payload: [hostile, ...all] });
    await flow.count('updated', 2);
    const [msg] = await flow.count('not-updated', 1);
    expect(msg?.update?.error?.code).toBe('ITEM_INVALID');
  });

  it.each<[string, Partial<BulkUpdateConfig>, string]>([
    ['no Records', { collection: 'where', collectionType: 'msg' }, 'COLLECTION_INVALID'],
    ['no endpoint', { endpoint: '' }, 'ENDPOINT_MISSING'],
    ['no name for the key', { keyMember: ' ' }, 'MEMBER_MISSING'],
    ['a batch size that is none', { batchSize: '0' }, 'NUMBER_INVALID'],
    ['a setting of another type', { input: 'nothing' as never }, 'SETTING_INVALID'],
    ['a decision that is no JSONata', { rule: 'decide', decision: '(' }, 'EXPRESSION_FAILED'],
  ])('%s is the message’s error', async (_name, node, code) => {
    const { flow } = await deploy({ node });
    flow.send('bulk', { payload: all });
    const [caught] = await flow.count('caught', 1);
    expect(caught?.error?.code).toBe(code);
    expect(caught?.payload).toEqual(all);
  });
});

describe('items of the same record', () => {
  it('are merged in their order, and the result names them', async () => {
    const { flow, sandbox } = await deploy();
    const key = orderId(1);
    const payload = [
      { key, changes: { description: 'first', orderstatus: 'Processing' } },
      ...itemsFor(2),
      { key: key.toUpperCase(), changes: { description: 'last' } },
    ];
    flow.send('bulk', { payload });
    const out = await flow.count('updated', 2);
    const merged = out.find(msg => msg.key === key);
    expect(merged?.payload).toEqual({ description: 'last', orderstatus: 'Processing' });
    expect(resultOf(merged ?? {}).items).toEqual([0, 2]);
    expect(methodsOf(sandbox.orders, key).filter(method => method === 'PATCH')).toHaveLength(1);
    expect(out.map(msg => (msg.parts as { count: number }).count)).toEqual([2, 2]);
  });

  it('go on without one that is no update', async () => {
    const { flow, sandbox } = await deploy();
    const key = orderId(1);
    const payload = [{ key, changes: 'none' }, ...itemsFor(1), { key, changes: { a: undefined } }];
    flow.send('bulk', { payload });
    const [good] = await flow.count('updated', 1);
    expect(resultOf(good ?? {}).items).toEqual([1]);
    const bad = await flow.count('not-updated', 2);
    expect(bad.map(msg => resultOf(msg).items)).toEqual(expect.arrayContaining([[0], [2]]));
    expect(sandbox.orders.get(key)?.values.description).toBe('new 1');
  });

  it('that no merge patch can hold are rejected together', async () => {
    const { flow } = await deploy();
    const key = orderId(1);
    flow.send('bulk', {
      payload: [
        { key, changes: { address: 'none' } },
        { key, changes: { address: { city: 'x' } } },
      ],
    });
    const [msg] = await flow.count('not-updated', 1);
    expect(msg?.update?.error).toMatchObject({ code: 'CHANGES_UNMERGEABLE' });
    expect(msg?.update?.error?.message).toMatch(/^Items 0, 1: /);
  });

  it('take the first snapshot as the baseline', async () => {
    const { flow, sandbox } = await deploy();
    const key = orderId(1);
    const { version, values } = sandbox.orders.get(key) ?? { version: '', values: {} };
    const url = `${sandbox.url}/api/data/v9.0/salesorders(${key})`;
    const old = { key, url, version, values: { ...values }, readAt: '' };
    sandbox.orders.touch(key, { orderstatus: 'Cancelled' });
    const now = sandbox.orders.get(key);
    const record = { ...old, version: now?.version, values: { ...now?.values } };
    flow.send('bulk', {
      payload: [
        { key, changes: { orderstatus: 'Shipped' }, record: old },
        { key, changes: { description: 'x' }, record },
      ],
    });
    const [msg] = await flow.count('not-updated', 1);
    expect(msg?.update?.outcome).toBe('conflict');
  });
});

describe('one array', () => {
  it('holds what is done, and what is not, in the order of the list', async () => {
    const { flow } = await deploy({ node: { output: 'array' } });
    const missing = { key: orderId(999), changes: { description: 'x' } };
    const payload = [missing, ...itemsFor(3, 1), { key: orderId(2) }];
    flow.send('bulk', { payload, topic: 'sync' });
    const [ok] = await flow.count('updated', 1);
    const [bad] = await flow.count('not-updated', 1);
    expect(ok?.topic).toBe('sync');
    expect(ok?.payload).toMatchObject([
      { key: orderId(3), changes: { description: 'new 3' }, update: { outcome: 'updated' } },
      { key: orderId(1), record: { values: { description: 'new 1' } } },
    ]);
    expect(bad?.payload).toMatchObject([
      { ...missing, update: { outcome: 'not-found' } },
      { key: orderId(2), update: { outcome: 'rejected', items: [3] } },
    ]);
    const counts = { records: 4, updated: 2, rejected: 1, 'not-found': 1 };
    expect([ok?.bulk, bad?.bulk]).toEqual([
      expect.objectContaining(counts),
      expect.objectContaining(counts),
    ]);
    expect(ok?.bulk).not.toBe(bad?.bulk);
  });

  it('is not sent where it would be empty, and can go in again', async () => {
    const { flow } = await deploy({ node: { output: 'array' } });
    flow.send('bulk', { payload: itemsFor(999) });
    const [bad] = await flow.count('not-updated', 1);
    expect(flow.inbox('updated')).toEqual([]);
    const again = (bad?.payload as { key: string }[]).map(item => ({ ...item, key: orderId(1) }));
    flow.send('bulk', { payload: again });
    const [ok] = await flow.count('updated', 1);
    expect(ok?.payload).toMatchObject([{ key: orderId(1), update: { outcome: 'updated' } }]);
  });
});

describe('the list itself', () => {
  it('does not travel with each message, wherever it lies, and stays in the message that brought it', async () => {
    const { flow } = await deploy({ node: { list: 'data.rows' } });
    const rows = itemsFor(1, 2);
    const msg = { payload: 'the file', data: { rows, name: 'a.csv' } };
    flow.send('bulk', msg);
    for (const out of await flow.count('updated', 2)) expect(out.data).toEqual({ name: 'a.csv' });
    const [over] = await done(flow);
    expect(over?.msg).toMatchObject({ payload: 'the file', data: { rows, name: 'a.csv' } });
  });

  it('is not changed by who gets a message when it came from the context', async () => {
    const { flow } = await deploy({
      node: { list: JSON.stringify(itemsFor(1)), listType: 'json', output: 'array' },
    });
    flow.send('bulk', {});
    const [msg] = await flow.count('updated', 1);
    expect(msg?.payload).toMatchObject([{ changes: { description: 'new 1' } }]);
  });
});

describe('progress', () => {
  it('is told on the third output, and at the end as a whole', async () => {
    const ports = [['updated'], ['not-updated'], ['progress']];
    const { flow } = await deploy({ node: { progress: true }, ports });
    flow.send('bulk', { payload: itemsFor(1, 2, 3), topic: 'sync' });
    await done(flow);
    const told = await flow.until(
      () => (flow.inbox('progress').at(-1)?.payload === 100 ? flow.inbox('progress') : undefined),
      'the end of the progress',
    );
    expect(told.at(-1)).toMatchObject({
      payload: 100,
      topic: 'sync',
      bulk: { records: 3, updated: 3 },
    });
    const shares = told.map(({ payload }) => Number(payload));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.filter(share => share === 100)).toHaveLength(1);
  });

  it('stands in the status, and what was not updated with it', async () => {
    const { flow } = await deploy();
    flow.send('bulk', { payload: [...itemsFor(1, 999)] });
    const { fill, shape, text } = await flow.until(
      () => flow.statuses.findLast(({ status }) => status.fill === 'red')?.status,
      'the end',
    );
    expect([fill, shape]).toEqual(['red', 'ring']);
    expect(text).toBe('bulk-update.status.progress · bulk-update.status.others');
  });
});

describe('single messages', () => {
  const collected: Partial<BulkUpdateConfig> = {
    input: 'messages',
    collectCount: 3,
    collectTime: 3600,
  };

  it('go together as soon as there are enough, and come out themselves', async () => {
    const { flow } = await deploy({ node: collected });
    for (const n of [1, 2, 999]) {
      flow.send('bulk', { key: orderId(n), payload: { description: `new ${n}` }, own: n });
    }
    const out = await flow.count('updated', 2);
    const [bad] = await flow.count('not-updated', 1);
    expect(out.map(({ own }) => own).sort()).toEqual([1, 2]);
    expect(bad).toMatchObject({ own: 999, update: { outcome: 'not-found' } });
    const over = await done(flow, 3);
    expect(over.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect([...out, bad].filter(msg => msg?.bulk !== undefined)).toHaveLength(1);
  });

  it('wait no longer than their time', async () => {
    const { flow } = await deploy({ node: { ...collected, collectTime: 0.05 } });
    flow.send('bulk', { key: orderId(1), payload: { description: 'x' } });
    await flow.shows('bulk', 'bulk-update.status.collected');
    await flow.count('updated', 1);
  });

  it.each([
    ['that is an update itself', { key: orderId(2), payload: { description: 'y' } }, 2],
    ['that is none', {}, 1],
  ])('go when one says so %s', async (_name, last, count) => {
    const { flow } = await deploy({ node: collected });
    flow.send('bulk', { key: orderId(1), payload: { description: 'x' } });
    flow.send('bulk', { ...last, complete: true });
    const out = await flow.count('updated', count);
    expect(out.every(msg => !('complete' in msg))).toBe(true);
    await done(flow, 2);
    expect(flow.errors).toEqual([]);
  });

  it('of one record all get its result, and share nothing', async () => {
    const { flow, sandbox } = await deploy({ node: collected });
    for (const n of [1, 2, 3])
      flow.send('bulk', { key: orderId(1), payload: { description: `${n}` } });
    const out = await flow.count('updated', 3);
    expect(out.map(msg => resultOf(msg).items)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(out.map(({ payload }) => payload)).toEqual(
      ['1', '2', '3'].map(description => ({ description })),
    );
    expect(new Set(out.map(({ update }) => update)).size).toBe(3);
    expect(sandbox.orders.get(orderId(1))?.values.description).toBe('3');
  });

  it('one that is no update is an error of its own', async () => {
    const { flow } = await deploy({ node: { ...collected, collectCount: 2 } });
    flow.send('bulk', { key: orderId(1), payload: { description: 'x' } });
    flow.send('bulk', { payload: { description: 'x' } });
    flow.send('bulk', { key: orderId(2), payload: 'x' });
    flow.send('bulk', { key: orderId(3), payload: { description: 'x' } });
    await flow.count('updated', 2);
    expect(flow.errors.map(({ error }) => error?.code)).toEqual(['KEY_INVALID', 'CHANGES_INVALID']);
  });

  it('end when the flow is stopped while they wait', async () => {
    const { flow } = await deploy({ node: collected });
    for (const n of [1, 2]) flow.send('bulk', { key: orderId(n), payload: { description: 'x' } });
    await flow.shows('bulk', 'bulk-update.status.collected');
    await flow.until(
      () => (flow.statuses.filter(({ id }) => id === 'bulk').length > 0 ? true : undefined),
      'a status',
    );
    await flow.stop();
    const over = await done(flow, 2);
    expect(over.map(({ error }) => error?.code)).toEqual(['STOPPED', 'STOPPED']);
    expect(flow.inbox('updated')).toEqual([]);
  });

  it('that a lock came with do not wait for it', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      ordersAt(sandbox),
      lockNode('lock', [['bulk'], []]),
      bulkNode('bulk', PORTS, { ...collected, collectCount: 1, lockWait: 0 }),
      ...inboxes(...OUT),
      ...catcher(),
    ]);
    flow.send('lock', { key: orderId(1), payload: { description: 'x' } });
    await flow.count('updated', 1);
    flow.send('bulk', { key: orderId(1), payload: { description: 'y' } });
    const [busy] = await flow.count('not-updated', 1);
    expect(busy?.update?.outcome).toBe('busy');
  });
});

describe('the parts of a sequence', () => {
  const sequence: Partial<BulkUpdateConfig> = { input: 'sequence' };
  const part = (n: number, index: number, more: object = {}): Msg => ({
    key: orderId(n),
    payload: { description: `new ${n}` },
    parts: { id: 'a', index, ...more },
  });

  it('wait for each other, also where the last one only says how many they are', async () => {
    const { flow } = await deploy({ node: sequence });
    flow.send('bulk', part(3, 2, { count: 3 }));
    flow.send('bulk', part(1, 0));
    await flow.shows('bulk', 'bulk-update.status.collected');
    expect(flow.inbox('updated')).toEqual([]);
    flow.send('bulk', part(2, 1));
    const out = await flow.count('updated', 3);
    expect(out.map(msg => (msg.parts as { id: string }).id)).toEqual(['a', 'a', 'a']);
    const { items } = resultOf(out.find(({ key }) => key === orderId(3)) ?? {});
    expect(items).toEqual([2]);
  });

  it('do not wait for those of another one', async () => {
    const { flow } = await deploy({ node: sequence });
    flow.send('bulk', part(1, 0, { count: 2 }));
    flow.send('bulk', { ...part(2, 0), parts: { id: 'b', index: 0, count: 1 } });
    const [msg] = await flow.count('updated', 1);
    expect(msg?.key).toBe(orderId(2));
  });

  it('are refused where they are none', async () => {
    const { flow } = await deploy({ node: sequence });
    flow.send('bulk', { key: orderId(1), payload: { description: 'x' } });
    const [caught] = await flow.count('caught', 1);
    expect(caught?.error?.code).toBe('PARTS_MISSING');
  });
});

describe('two lists at one node', () => {
  it('come one after the other', async () => {
    const { flow, sandbox } = await deploy({ node: { output: 'array' } });
    flow.send('bulk', { payload: [{ key: orderId(1), changes: { description: 'first' } }] });
    flow.send('bulk', { payload: [{ key: orderId(1), changes: { description: 'second' } }] });
    const out = await flow.count('updated', 2);
    expect(out.map(({ payload }) => payload)).toMatchObject([
      [{ changes: { description: 'first' } }],
      [{ changes: { description: 'second' } }],
    ]);
    expect(sandbox.orders.get(orderId(1))?.values.description).toBe('second');
  });
});

describe('an output without a wire', () => {
  it('is told once, and counted', async () => {
    const { flow } = await deploy({ ports: [['updated'], []] });
    flow.send('bulk', { payload: itemsFor(998, 999) });
    await done(flow);
    const warned = flow.warnings.filter(line => line.includes('not-found'));
    expect(warned).toHaveLength(1);
    await flow.until(
      () => flow.statuses.find(({ status }) => status.text?.includes('shared.status.unwired')),
      'the count',
    );
  });
});

it('a work order that is gone does not keep the others', async () => {
  const sandbox = await startPractice();
  const flow = await Flow.start([
    workOrdersAt(sandbox),
    bulkNode('bulk', PORTS, { collection: 'work-orders' }),
    ...inboxes(...OUT),
    ...catcher(),
  ]);
  const changes = { priority: 3 };
  flow.send('bulk', {
    payload: [
      { key: 'WO-1', changes },
      { key: WORK_ORDER, changes },
    ],
  });
  const [msg] = await flow.count('updated', 1);
  expect(msg?.key).toBe(WORK_ORDER);
  const [gone] = await flow.count('not-updated', 1);
  expect(gone?.update?.outcome).toBe('not-found');
});

describe('many records', () => {
  const many = Array.from({ length: 60 }, (_, n) => n + 1);

  it('take a handful of requests', async () => {
    const { flow, sandbox } = await deploy({ sandbox: { orders: 60 }, node: { output: 'array' } });
    flow.send('bulk', { payload: itemsFor(...many) });
    const [msg] = await flow.count('updated', 1);
    expect(msg?.payload).toHaveLength(60);
    expect(bulkOf(msg)?.calls).toBeLessThanOrEqual(8);
    expect(bulkOf(msg)?.bytes).toBeGreaterThan(1000);
    expect(sandbox.orders.get(orderId(60))?.values.description).toBe('new 60');
  });

  it('go one by one where the endpoint says so, which is told once', async () => {
    const { flow } = await deploy({
      endpoint: { bulkWrites: 'single' },
      node: { output: 'array' },
    });
    for (const round of [1, 2]) {
      flow.send('bulk', { payload: itemsFor(1, 2, 3), round });
      await flow.count('updated', round);
    }
    const [msg] = flow.inbox('updated');
    expect(bulkOf(msg)?.calls).toBeGreaterThanOrEqual(4);
    expect(flow.warnings.filter(line => line.includes('a request of its own'))).toHaveLength(1);
  });

  it('are updated all or none, and those that are not say because of whom', async () => {
    const { flow, sandbox } = await deploy({ node: { atomic: true } });
    const before = sandbox.orders.get(orderId(1))?.version;
    const missing = { key: orderId(999), changes: { description: 'x' } };
    flow.send('bulk', { payload: [...itemsFor(1, 2), missing] });
    const out = await flow.count('not-updated', 3);
    const outcomes = out.map(({ update }) => update?.outcome).sort();
    expect(outcomes.filter(outcome => outcome === 'not-found')).toHaveLength(1);
    expect(outcomes.filter(one => one === 'never-ran' || one === 'rolled-back')).toHaveLength(2);
    const others = out.filter(({ update }) => update?.outcome !== 'not-found');
    for (const { update } of others) expect(update?.error?.message).toContain(orderId(999));
    expect(sandbox.orders.get(orderId(1))?.version).toBe(before);
  });

  it('cannot be all or none where the API has no way', async () => {
    const { flow } = await deploy({ node: { atomic: true }, endpoint: { bulkWrites: 'single' } });
    flow.send('bulk', { payload: itemsFor(1, 2) });
    const [caught] = await flow.count('caught', 1);
    expect(caught?.error?.code).toBe('GROUP_UNSUPPORTED');
    expect(caught?.payload).toHaveLength(2);
  });
});
