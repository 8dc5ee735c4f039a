import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  ActResult,
  BulkPlan,
  BulkProgress,
  ReviewLook,
  ReviewPage,
} from '../../lib/review/desk';
import type { StoredDeadLetter } from '../../lib/review/dead-letter';
import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import type { DeadLetterConfig } from '../../nodes/dead-letter/config';
import { startRecordApi, type RecordApi } from '../support/engine-record';
import {
  bulkNode,
  catcher,
  deadLetterNode,
  endpoint,
  inboxes,
  storeNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { ordersAt, startPractice } from '../support/flow-practice';
import { orderId } from '../../sandbox/index';
import { Flow, useNodeRed, useUserDir, type Msg } from '../support/flow-runtime';
import { makeTempDir } from '../../scripts/lib/temp.mjs';

useNodeRed();

const letters = (config: Partial<DeadLetterConfig> = {}): FlowNode[] => [
  storeNode({ keep: 'memory' }),
  deadLetterNode('letters', [['replayed'], ['settled'], ['answers']], config),
  ...inboxes('updated', 'replayed', 'settled', 'answers'),
];

const nodesFor = (
  api: RecordApi,
  update: Partial<ConditionalUpdateConfig> = {},
  config: Partial<DeadLetterConfig> = {},
): FlowNode[] => [
  endpoint({ server: 'url', family: 'rest', baseUrl: api.url }),
  updateNode('update', [['updated'], ['letters']], { collection: 'orders', ...update }),
  ...letters(config),
  ...catcher(),
];

async function ask<Answer>(flow: Flow, review: object): Promise<Answer> {
  const before = flow.inbox('answers').length;
  flow.send('letters', { review });
  return (await flow.count('answers', before + 1))[before]?.payload as Answer;
}

/** Passes an update on, and waits until it is kept. */
async function kept(flow: Flow, msg: Msg, node = 'update'): Promise<string> {
  const before = flow.inbox('answers').length;
  flow.send(node, msg);
  const out = (await flow.count('answers', before + 1))[before];
  return (out?.review as { readonly id: string }).id;
}

const get = (flow: Flow, id: string): Promise<StoredDeadLetter> => ask(flow, { action: 'get', id });
const act = (flow: Flow, action: string, id: string, more: object = {}): Promise<ActResult> =>
  ask(flow, { action, id, by: 'ann', ...more });

describe('a write in doubt', () => {
  /** The answer is lost, and somebody has put back what it had changed. */
  const lostAndReverted = (api: RecordApi, before: object) => {
    api.writes.push((_request, proceed) => {
      proceed();
      api.change(before as never);
      return 'reset';
    });
  };

  it('of changes that came with the message is judged by what is known of it', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const flow = await Flow.start(nodesFor(api));
    lostAndReverted(api, { status: 'Open' });
    const id = await kept(flow, { key: 'A', payload: { status: 'Done' } });
    const { entry } = await get(flow, id);
    expect(entry).toMatchObject({ outcome: 'uncertain', evidence: { pending: {} } });
    expect(await act(flow, 'replay', id)).toMatchObject({ kind: 'open' });
    expect(api.committed).toHaveLength(1);
    // Whoever has looked decides.
    expect(await act(flow, 'ours', id)).toMatchObject({ kind: 'settled' });
    expect(api.values.status).toBe('Done');
  });

  it('of an amount that is added asks before it may count twice', async () => {
    const api = await startRecordApi({ values: { stock: 5 } });
    const fields = [{ field: 'stock', valueType: 'add', value: '1', optional: false }] as const;
    const flow = await Flow.start(
      nodesFor(api, { changesType: 'fields', fields: fields as never }),
    );
    api.writes.push((_request, proceed) => {
      proceed();
      api.change({ stock: 9 });
      return 'reset';
    });
    const id = await kept(flow, { key: 'A', payload: {} });
    const { entry } = await get(flow, id);
    expect(entry).toMatchObject({ outcome: 'uncertain', isComputed: true });
    // Whoever decides sees what was sent, beside what it was and what it is.
    const shown = [{ name: 'stock', base: 5, ours: 6, theirs: 9 }];
    expect(entry.fields).toMatchObject(shown);
    // Judged once more: nothing is written.
    expect(await act(flow, 'replay', id)).toMatchObject({ kind: 'open' });
    expect((await get(flow, id)).entry.fields).toMatchObject(shown);
    expect(await act(flow, 'ours', id)).toMatchObject({ code: 'ASK_FIRST' });
    expect(api.values.stock).toBe(9);
    expect(await act(flow, 'ours', id, { confirmed: true })).toMatchObject({ kind: 'settled' });
    expect(api.values.stock).toBe(10);
  });

  it('two parts of the same kind are two entries', async () => {
    const api = await startRecordApi({ values: { stock: 5 } });
    const fields = [{ field: 'stock', valueType: 'add', value: '1', optional: false }] as const;
    const flow = await Flow.start(
      nodesFor(api, { changesType: 'fields', fields: fields as never }),
    );
    api.everyWrite = { status: 422, body: { error: { message: 'closed' } } };
    const first = await kept(flow, { _msgid: 'm1', key: 'A', payload: {} });
    expect(await kept(flow, { _msgid: 'm2', key: 'A', payload: {} })).not.toBe(first);
    expect(await kept(flow, { _msgid: 'm1', key: 'A', payload: {} })).toBe(first);
    expect((await get(flow, first)).entry.fields).toMatchObject([{ name: 'stock', theirs: 5 }]);
  });
});

describe('what has changed since', () => {
  it('a record that is gone is told, and stays until it is discarded', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const flow = await Flow.start(nodesFor(api));
    api.writes.push({ status: 422, body: { error: { message: 'closed' } } });
    const id = await kept(flow, { key: 'A', payload: { status: 'Done' } });
    api.isGone = true;
    expect(await ask<ReviewLook>(flow, { action: 'look', id })).toMatchObject({ kind: 'gone' });
    const replayed = await act(flow, 'replay', id);
    expect(replayed).toMatchObject({ kind: 'open', update: { outcome: 'not-found' } });
    expect(await act(flow, 'discard', id, { reason: 'gone' })).toMatchObject({ kind: 'settled' });
  });

  it('a record that shows the values by now is told', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const flow = await Flow.start(nodesFor(api));
    api.writes.push({ status: 422, body: { error: { message: 'closed' } } });
    const id = await kept(flow, { key: 'A', payload: { status: 'Done' } });
    api.change({ status: 'Done' });
    expect(await ask<ReviewLook>(flow, { action: 'look', id })).toMatchObject({ is: 'settled' });
    const replayed = await act(flow, 'replay', id);
    expect(replayed).toMatchObject({ kind: 'settled', update: { outcome: 'unchanged' } });
  });

  it('an endpoint that points elsewhere gets nothing without a word', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const other = await startRecordApi({ values: { status: 'Open' } });
    const nodes = nodesFor(api);
    const flow = await Flow.start(nodes);
    api.writes.push({ status: 422, body: { error: { message: 'closed' } } });
    const id = await kept(flow, { key: 'A', payload: { status: 'Done' } });
    const moved = nodes.map(node =>
      node.id === 'endpoint' ? { ...node, baseUrl: other.url } : node,
    );
    await flow.redeploy(moved, 'nodes');
    const refused = await act(flow, 'replay', id);
    expect(refused).toMatchObject({ code: 'ENDPOINT_MOVED', baseUrl: other.url + '/' });
    expect(other.requests).toHaveLength(0);
    const baseUrl = refused.kind === 'refused' ? refused.baseUrl : undefined;
    expect(await act(flow, 'replay', id, { baseUrl })).toMatchObject({ kind: 'settled' });
    expect(other.values.status).toBe('Done');
    expect(api.values.status).toBe('Open');
  });

  it('an endpoint or a node that was deleted is told, and the entry stays', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const nodes = nodesFor(api);
    const flow = await Flow.start(nodes);
    api.writes.push({ status: 422, body: { error: { message: 'closed' } } });
    const id = await kept(flow, { key: 'A', payload: { status: 'Done' } });
    await flow.redeploy(
      nodes.filter(node => node.id !== 'endpoint'),
      'nodes',
    );
    expect(await act(flow, 'replay', id)).toMatchObject({ code: 'ENDPOINT_MISSING' });
    expect(await ask(flow, { action: 'look', id })).toMatchObject({ code: 'ENDPOINT_MISSING' });
    await flow.redeploy(
      nodes.filter(node => node.id !== 'update'),
      'nodes',
    );
    expect(await act(flow, 'replay', id)).toMatchObject({ code: 'SOURCE_MISSING' });
    expect(await act(flow, 'theirs', id)).toMatchObject({ kind: 'settled' });
  });
});

describe('what is kept', () => {
  const REFUSED = { status: 422, body: { error: { message: 'closed' } } };

  it('of a message that is too large lacks the largest members, and says so', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const flow = await Flow.start(nodesFor(api, {}, { entrySize: 4 }));
    api.writes.push(REFUSED);
    const large = { small: 'x', middle: 'y'.repeat(500), large: 'ä'.repeat(5_000) };
    const id = await kept(flow, { key: 'A', payload: { status: 'Done' }, ...large });
    const { entry } = await get(flow, id);
    expect(entry.leftOut).toEqual([{ path: 'msg.large', why: 'size' }]);
    expect(entry.message).toMatchObject({ small: 'x', middle: 'y'.repeat(500) });
    expect(JSON.stringify(entry).length).toBeLessThan(4_000);
    expect(await act(flow, 'replay', id)).toMatchObject({ kind: 'settled' });
  });

  it('of changes that are too large is what they are about, and only others can be written', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const flow = await Flow.start(nodesFor(api, {}, { entrySize: 2 }));
    api.writes.push(REFUSED);
    const id = await kept(flow, { key: 'A', payload: { status: 'x'.repeat(5_000) } });
    expect((await get(flow, id)).entry.changes).toBeUndefined();
    expect(await act(flow, 'replay', id)).toMatchObject({ code: 'CHANGES_MISSING' });
    const changes = { status: 'Done' };
    expect(await act(flow, 'edit', id, { changes })).toMatchObject({ kind: 'settled' });
    expect(api.values.status).toBe('Done');
  });

  it('in a full list: settled ones go first, then new ones go to Catch whole', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const flow = await Flow.start(nodesFor(api, {}, { limit: 2 }));
    api.everyWrite = REFUSED;
    const send = (status: string): Promise<string> => kept(flow, { key: 'A', payload: { status } });
    const first = await send('1');
    const second = await send('2');
    await act(flow, 'discard', first, { reason: 'test' });
    await send('3');
    expect(await get(flow, first)).toBeNull();
    expect(flow.warnings.join()).toContain('full');
    flow.send('update', { key: 'A', payload: { status: '4' }, other: 'whole' });
    const [error] = await flow.count('caught', 1);
    expect(error).toMatchObject({
      error: { code: 'REVIEW_FULL' },
      payload: { status: '4' },
      other: 'whole',
    });
    expect((await get(flow, second)).entry.state).toBe('open');
    // What is there already may still fail again.
    expect(await send('2')).toBe(second);
  });

  it('comes from a Catch node, too, with what the node says', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const nodes = nodesFor(api).map(node =>
      node.id === 'catch' ? { ...node, wires: [['letters']], scope: ['update'] } : node,
    );
    const flow = await Flow.start(nodes);
    const id = await kept(flow, { key: { bad: {} }, payload: { status: 'Done' } });
    const { entry } = await get(flow, id);
    expect(entry).toMatchObject({
      outcome: 'error',
      error: { code: 'KEY_INVALID' },
      source: { node: 'update' },
    });
    expect(await act(flow, 'replay', id)).toMatchObject({ kind: 'refused', code: 'KEY_INVALID' });
  });

  it('of a list is each record that is not done', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      ordersAt(sandbox),
      bulkNode('bulk', [['updated'], ['letters']], { output: 'array' }),
      ...letters(),
      ...catcher(),
    ]);
    const missing = 'ffffffff-2025-4000-8000-000000000001';
    const item = (key: string) => ({ key, changes: { orderstatus: 'Shipped' } });
    flow.send('bulk', { payload: [item(orderId(1)), item(missing), item(orderId(2))] });
    const [told] = await flow.count('answers', 1);
    const { id } = told?.review as { readonly id: string };
    const { entry } = await get(flow, id);
    expect(entry).toMatchObject({
      outcome: 'not-found',
      record: { key: missing, type: 'salesorders' },
      source: { node: 'bulk', type: 'bulk-update' },
      changes: { orderstatus: 'Shipped' },
    });
    expect(await ask<ReviewPage>(flow, { action: 'list' })).toMatchObject({ totalEntries: 1 });
    expect(await act(flow, 'replay', id)).toMatchObject({ update: { outcome: 'not-found' } });
  });
});

describe('many at once', () => {
  it('are planned, started, and each has one run', async () => {
    const sandbox = await startPractice({ orders: 30 });
    const flow = await Flow.start([
      ordersAt(sandbox),
      updateNode('update', [['updated'], ['letters']]),
      ...letters(),
      ...catcher(),
    ]);
    sandbox.faults.add({ fault: 'unauthorized', on: 'write' });
    for (let n = 1; n <= 20; n++) {
      flow.send('update', { key: orderId(n), payload: { orderstatus: 'Shipped' } });
    }
    await flow.count('answers', 20);
    sandbox.faults.clear();
    sandbox.orders.touch(orderId(3), { orderstatus: 'Shipped' }, 'operator');
    const filter = { outcomes: ['denied'] };
    const wish = { action: 'plan', do: 'replay', filter, perSecond: 500, by: 'ann' };
    const plan = await ask<BulkPlan>(flow, wish);
    expect(plan).toMatchObject({ matching: 20, runs: 20, settledMeanwhile: 1, gone: 0, unread: 0 });
    const before = sandbox.stats().requests.PATCH ?? 0;
    expect(await ask(flow, { action: 'start', plan: plan.id })).toMatchObject({ total: 20 });
    await flow.count('replayed', 20);
    expect(await ask(flow, { action: 'progress' })).toMatchObject({ settled: 20, left: 0 });
    expect((sandbox.stats().requests.PATCH ?? 0) - before).toBe(19);
    expect(await ask<ReviewPage>(flow, { action: 'list' })).toMatchObject({ totalEntries: 0 });
  });

  it('can be stopped: what has not begun stays', async () => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const flow = await Flow.start(nodesFor(api));
    api.everyWrite = { status: 422, body: { error: { message: 'closed' } } };
    for (const status of ['1', '2', '3']) await kept(flow, { key: 'A', payload: { status } });
    const wish = { action: 'plan', do: 'replay', perSecond: 0.1 };
    const plan = await ask<BulkPlan>(flow, wish);
    await ask(flow, { action: 'start', plan: plan.id });
    flow.send('letters', { review: { action: 'start', plan: plan.id } });
    await flow.count('caught', 1);
    expect(flow.errors[0]?.error).toMatchObject({ code: 'PLAN_GONE' });
    await ask(flow, { action: 'stop' });
    expect(await ask<BulkProgress>(flow, { action: 'progress' })).toMatchObject({ total: 3 });
    expect(await ask<ReviewPage>(flow, { action: 'list' })).toMatchObject({ totalEntries: 3 });
  });
});

describe('a request by message', () => {
  it.each([
    [{ action: 'dance' }, 'CONTROL_INVALID'],
    [{ action: 'get' }, 'CONTROL_INVALID'],
    [{ action: 'list', most: 1_000 }, 'FILTER_INVALID'],
    [{ action: 'list', outcomes: 'conflict' }, 'FILTER_INVALID'],
    [{ action: 'plan', do: 'edit' }, 'BULK_INVALID'],
    [{ action: 'plan', do: 'replay', perSecond: 0 }, 'BULK_INVALID'],
    [{ action: 'start', plan: 'none' }, 'PLAN_GONE'],
  ])('that makes no sense goes to Catch: %j', async (review, code) => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const flow = await Flow.start(nodesFor(api));
    flow.send('letters', { review });
    const [error] = await flow.count('caught', 1);
    expect(error?.error?.code).toBe(code);
  });

  it.each([
    [{ action: 'replay', id: 'none' }, 'ENTRY_GONE'],
    [{ action: 'edit', id: 'none', changes: 'x' }, 'ACT_INVALID'],
    [{ action: 'theirs', id: 'none', by: 7 }, 'ACT_INVALID'],
    [{ action: 'replay', id: 'none', revision: 'x' }, 'ACT_INVALID'],
  ])('that cannot be done is answered so: %j', async (review, code) => {
    const api = await startRecordApi({ values: { status: 'Open' } });
    const flow = await Flow.start(nodesFor(api));
    expect(await ask(flow, review)).toMatchObject({ kind: 'refused', code });
  });
});

it('entries are there after a restart, and are done then', async () => {
  const temp = makeTempDir('dead-letters');
  useUserDir(temp.dir);
  onTestFinished(() => {
    useUserDir(undefined);
    temp.remove();
  });
  const api = await startRecordApi({ values: { status: 'Open' } });
  const nodes = nodesFor(api).map(node => (node.id === 'store' ? { ...node, keep: 'file' } : node));
  const flow = await Flow.start(nodes);
  api.writes.push({ status: 422, body: { error: { message: 'closed' } } });
  const id = await kept(flow, { key: 'A', payload: { status: 'Done' }, n: 12 });
  await flow.end();
  const again = await Flow.start(nodes);
  expect(await act(again, 'replay', id)).toMatchObject({ kind: 'settled' });
  expect(again.inbox('replayed')[0]).toMatchObject({ n: 12, payload: { status: 'Done' } });
  expect(api.values.status).toBe('Done');
  await again.end();
});
