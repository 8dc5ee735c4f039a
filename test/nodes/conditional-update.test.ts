import { describe, expect, it } from 'vitest';
import { startRecordApi } from '../support/engine-record';
import { catcher, endpoint, inboxes, updateNode } from '../support/flow-nodes';
import {
  methodsOf,
  ORDER,
  ordersAt,
  requestCount,
  startPractice,
  WORK_ORDER,
  workOrdersAt,
} from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import type { Sandbox, SandboxOptions } from '../../sandbox/index';

useNodeRed();
const PORTS = [['updated'], ['not-updated']];
const SHIPPED = { orderstatus: 'Shipped' };

interface Setup {
  readonly sandbox?: SandboxOptions;
  readonly endpoint?: Partial<RecordEndpointConfig>;
  readonly node?: Partial<ConditionalUpdateConfig>;
  readonly family?: 'work-orders';
}

async function deploy(setup: Setup = {}): Promise<{ flow: Flow; sandbox: Sandbox }> {
  const sandbox = await startPractice(setup.sandbox);
  const at = setup.family === 'work-orders' ? workOrdersAt : ordersAt;
  const collection = setup.family === 'work-orders' ? { collection: 'work-orders' } : {};
  const flow = await Flow.start([
    at(sandbox, setup.endpoint),
    updateNode('update', PORTS, { ...collection, ...setup.node }),
    ...inboxes('updated', 'not-updated'),
    ...catcher(),
  ]);
  return { flow, sandbox };
}

async function updated(flow: Flow, msg: Msg): Promise<Msg> {
  const { at, msg: out } = await flow.pass('update', msg);
  expect([at, out.error]).toEqual(['updated', undefined]);
  return out;
}

async function notUpdated(flow: Flow, msg: Msg): Promise<Msg> {
  const { at, msg: out } = await flow.pass('update', msg);
  expect([at, out.error]).toEqual(['not-updated', undefined]);
  return out;
}

describe('the message', () => {
  it('keeps payload, key and everything else, and carries the result and the latest snapshot', async () => {
    const { flow, sandbox } = await deploy();
    const payload = { orderstatus: 'Shipped', '@odata.etag': 'W/"1"' };
    const out = await updated(flow, { key: ORDER, payload, topic: 'a', other: { deep: [1] } });
    expect(out).toMatchObject({ key: ORDER, payload, topic: 'a', other: { deep: [1] } });
    expect(out.update).toMatchObject({ outcome: 'updated', verified: true, key: ORDER, reads: 1 });
    expect(out.update?.attempts).toHaveLength(1);
    expect(out.update?.durationMs).toBeGreaterThanOrEqual(0);
    const { version } = sandbox.orders.get(ORDER) ?? {};
    expect(out.record).toMatchObject({ key: ORDER, version, values: SHIPPED });
    expect(Object.keys(out).sort()).toEqual(
      ['_msgid', 'key', 'other', 'payload', 'record', 'topic', 'update'].sort(),
    );
  });

  it('brings the key in msg.record when msg.key is not there', async () => {
    const { flow, sandbox } = await deploy();
    const { record } = await updated(flow, { key: ORDER, payload: SHIPPED });
    const next = { payload: { description: 'x' }, ...(record === undefined ? {} : { record }) };
    await updated(flow, next);
    expect(sandbox.orders.get(ORDER)?.values.description).toBe('x');
  });

  it('takes one request when it brings a snapshot of the fields', async () => {
    const { flow, sandbox } = await deploy();
    const first = await updated(flow, { key: ORDER, payload: SHIPPED });
    const before = requestCount(sandbox);
    await updated(flow, { ...first, payload: { orderstatus: 'Delivered' } });
    expect(requestCount(sandbox) - before).toBe(1);
  });

  it('that brings the snapshot of another record is read for', async () => {
    const { flow, sandbox } = await deploy();
    const { record } = await updated(flow, { key: ORDER, payload: SHIPPED });
    const other = { key: { ordernumber: 'SO-2025-0008' }, payload: SHIPPED };
    const out = await updated(flow, record === undefined ? other : { ...other, record });
    expect(out.update?.reads).toBe(1);
    expect(out.record?.version).toBe(sandbox.orders.get('SO-2025-0008')?.version);
  });

  it('takes two updates in series without a conflict between them', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      ordersAt(sandbox),
      updateNode('first', [['second'], ['not-updated']], {
        changes: '{"orderstatus": "Processing"}',
        changesType: 'json',
      }),
      updateNode('second', PORTS, { changes: '{"orderstatus": "Shipped"}', changesType: 'json' }),
      ...inboxes('updated', 'not-updated'),
    ]);
    const { at, msg } = await flow.pass('first', { key: ORDER });
    expect(at).toBe('updated');
    expect(msg.update).toMatchObject({ outcome: 'updated', retries: 0 });
    expect(msg.update?.attempts).toHaveLength(1);
    expect(sandbox.orders.requests(ORDER).filter(({ status }) => status === 412)).toEqual([]);
    expect(sandbox.orders.get(ORDER)?.values.orderstatus).toBe('Shipped');
  });

  it('loses msg.record when the answer names no version, so that the next update reads', async () => {
    const api = await startRecordApi({ answers: 'nothing' });
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: api.url }),
      updateNode('update', PORTS, { collection: 'orders' }),
      ...inboxes('updated', 'not-updated'),
      ...catcher(),
    ]);
    const first = await updated(flow, { key: 'A1', payload: { status: 'Closed' } });
    expect(first).not.toHaveProperty('record');
    await updated(flow, { ...first, payload: { status: 'Open' } });
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET', 'PATCH']);
  });

  it('survives two wires and JSON', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      ordersAt(sandbox),
      updateNode('update', [['left', 'right'], []], { mode: 'once' }),
      ...inboxes('left', 'right'),
    ]);
    flow.send('update', { key: ORDER, payload: SHIPPED });
    const [left] = await flow.count('left', 1);
    const [right] = await flow.count('right', 1);
    expect(left).not.toBe(right);
    expect(left).toEqual(right);
    expect(JSON.parse(JSON.stringify(left))).toEqual(left);
  });

  it('can have its properties in other places', async () => {
    const { flow } = await deploy({ node: { record: 'my.snapshot', result: 'my.result' } });
    const out = await updated(flow, { key: ORDER, payload: SHIPPED });
    expect(out.my).toMatchObject({ snapshot: { key: ORDER }, result: { outcome: 'updated' } });
    expect(out).not.toHaveProperty('record');
    expect(out).not.toHaveProperty('update');
  });
});

describe('key fields in the changes', () => {
  it('are left out when they equal the key', async () => {
    const { flow, sandbox } = await deploy();
    const key = { salesorderid: ORDER };
    await updated(flow, {
      key,
      payload: { salesorderid: ORDER, orderstatus: 'Shipped' },
    });
    const change = sandbox.orders.history(ORDER).at(-1);
    expect(Object.keys(change?.fields ?? {})).toEqual(['orderstatus']);
  });

  it('are an error when they contradict it', async () => {
    const { flow, sandbox } = await deploy();
    const key = { ordernumber: 'SO-2025-0007' };
    const payload = { ordernumber: 'SO-2025-0008', orderstatus: 'Shipped' };
    const { at, msg } = await flow.pass('update', { key, payload });
    expect([at, msg.error?.code]).toEqual(['caught', 'KEY_CONTRADICTED']);
    expect(requestCount(sandbox)).toBe(0);
  });
});

describe('outcomes', () => {
  it('unchanged only after a read of this run: a stale snapshot is read again', async () => {
    const { flow, sandbox } = await deploy();
    const first = await updated(flow, { key: ORDER, payload: SHIPPED });
    sandbox.orders.touch(ORDER, { orderstatus: 'Cancelled' });
    const out = await notUpdated(flow, { ...first });
    expect(out.update?.outcome).toBe('conflict');
    expect(out.update?.conflict?.fields).toEqual([
      { name: 'orderstatus', base: 'Shipped', ours: 'Shipped', theirs: 'Cancelled' },
    ]);
  });

  it('not-found for a record that is gone, and nothing is created', async () => {
    const { flow, sandbox } = await deploy();
    const first = await updated(flow, { key: ORDER, payload: SHIPPED });
    sandbox.orders.remove(ORDER);
    const out = await notUpdated(flow, { ...first, payload: { orderstatus: 'Delivered' } });
    expect(out.update?.outcome).toBe('not-found');
    expect(out).not.toHaveProperty('record');
    expect(sandbox.orders.get(ORDER)).toBeUndefined();
  });

  it('conflict when an operator changed a target after the snapshot', async () => {
    const { flow, sandbox } = await deploy();
    const first = await updated(flow, { key: ORDER, payload: SHIPPED });
    sandbox.orders.touch(ORDER, { orderstatus: 'Cancelled' });
    const out = await notUpdated(flow, { ...first, payload: { orderstatus: 'Delivered' } });
    expect(out.update).toMatchObject({
      outcome: 'conflict',
      verified: true,
      conflict: {
        fields: [{ name: 'orderstatus', base: 'Shipped', ours: 'Delivered', theirs: 'Cancelled' }],
      },
    });
    expect(out.record?.values.orderstatus).toBe('Cancelled');
  });

  it('noise heals by itself', async () => {
    const { flow, sandbox } = await deploy();
    const first = await updated(flow, { key: ORDER, payload: SHIPPED });
    sandbox.orders.touch(ORDER, { warehousestatus: 'Picked' }, 'background');
    const out = await updated(flow, { ...first, payload: { orderstatus: 'Delivered' } });
    expect(out.update).toMatchObject({ outcome: 'updated', retries: 1 });
  });

  it('invalid-state when the API refuses the transition', async () => {
    const { flow } = await deploy({ family: 'work-orders' });
    const out = await notUpdated(flow, { key: WORK_ORDER, payload: { status: 'Closed' } });
    expect(out.update?.outcome).toBe('invalid-state');
  });

  it('rejected with the words of the API', async () => {
    const { flow } = await deploy({ family: 'work-orders' });
    const out = await notUpdated(flow, { key: WORK_ORDER, payload: { status: 'Rework' } });
    expect(out.update?.outcome).toBe('rejected');
    expect(out.update?.error?.message).toContain('reworkReasonCode');
  });

  it('already-applied when the answer to our own write was lost', async () => {
    const { flow } = await deploy({
      sandbox: { faults: [{ fault: 'lost-response', on: 'write', times: 1 }] },
      endpoint: { base: 0.01 },
    });
    const out = await updated(flow, { key: ORDER, payload: SHIPPED });
    expect(out.update?.outcome).toBe('already-applied');
  });

  it('exhausted with the time the server named', async () => {
    const { flow } = await deploy({
      sandbox: { faults: [{ fault: 'throttled', retryAfter: '120', on: 'write' }] },
    });
    const out = await notUpdated(flow, { key: ORDER, payload: SHIPPED });
    expect(out.update?.outcome).toBe('exhausted');
    const inMs = Date.parse(out.update?.notBefore ?? '') - Date.now();
    expect(inMs).toBeGreaterThan(100_000);
    expect(inMs).toBeLessThan(121_000);
  });

  it.each([
    ['unreadable' as const, /^(unavailable|unsupported)$/],
    ['truncated' as const, /^unavailable$/],
    ['login-page' as const, /^denied$/],
  ])('a faulty answer (%s) to the read is never taken for success', async (fault, outcome) => {
    const { flow, sandbox } = await deploy({
      sandbox: { faults: [{ fault, on: 'read' }] },
      endpoint: { base: 0.01, cap: 0.02 },
    });
    const out = await notUpdated(flow, { key: ORDER, payload: SHIPPED });
    expect(out.update?.outcome).toMatch(outcome);
    expect(out.update?.error?.code).toBeTruthy();
    expect(out.update?.error?.message).not.toBe('');
    expect(methodsOf(sandbox.orders, ORDER)).not.toContain('PATCH');
  });

  it('an oversized answer is unsupported, with the setting to raise', async () => {
    const { flow } = await deploy({
      sandbox: { faults: [{ fault: 'oversized', bytes: 5_000, on: 'read' }] },
      endpoint: { maxResponseKb: 2 },
    });
    const out = await notUpdated(flow, { key: ORDER, payload: SHIPPED });
    expect(out.update?.outcome).toBe('unsupported');
    expect(out.update?.error?.message).toMatch(/limit of the endpoint/);
  });
});

describe('settings', () => {
  it('guard fields: a guard that moved is a conflict', async () => {
    const { flow, sandbox } = await deploy({ node: { guards: 'pricingstatus, taxstatus' } });
    const first = await updated(flow, { key: ORDER, payload: SHIPPED });
    sandbox.orders.touch(ORDER, { pricingstatus: 'Approved' });
    const read = { ...first.record, values: { orderstatus: 'Shipped' } };
    const withGuards = {
      ...read,
      values: { ...read.values, pricingstatus: 'Pending', taxstatus: 'Pending' },
    };
    const out = await notUpdated(flow, {
      key: ORDER,
      payload: { orderstatus: 'Delivered' },
      record: withGuards as never,
    });
    expect(out.update?.conflict?.fields).toMatchObject([
      { name: 'pricingstatus', base: 'Pending', theirs: 'Approved' },
    ]);
  });

  const collide = async (
    node: Partial<ConditionalUpdateConfig>,
  ): Promise<[Msg, Sandbox, string]> => {
    const { flow, sandbox } = await deploy({ node });
    const first = await updated(flow, {
      key: ORDER,
      payload: { orderstatus: 'Shipped', description: 'a' },
    });
    sandbox.orders.touch(ORDER, { orderstatus: 'Cancelled' });
    const payload = { orderstatus: 'Delivered', description: 'b' };
    const { at, msg } = await flow.pass('update', { ...first, payload });
    return [msg, sandbox, at];
  };

  it.each([
    ['theirs' as const, 'Cancelled', ['orderstatus']],
    ['merge' as const, 'Cancelled', ['orderstatus']],
    ['overwrite' as const, 'Delivered', undefined],
  ])('rule %s', async (rule, status, kept) => {
    const [msg, sandbox, at] = await collide({ rule });
    expect([at, msg.update?.outcome]).toEqual(['updated', 'updated']);
    expect(sandbox.orders.get(ORDER)?.values).toMatchObject({
      orderstatus: status,
      description: 'b',
    });
    expect(msg.update?.kept).toEqual(kept);
  });

  it('rule decide: a JSONata expression answers with values', async () => {
    const decision = '{"orderstatus": theirs.orderstatus = "Cancelled" ? "New" : ours.orderstatus}';
    const [msg, sandbox] = await collide({ rule: 'decide', decision });
    expect(msg.update?.outcome).toBe('updated');
    expect(sandbox.orders.get(ORDER)?.values.orderstatus).toBe('New');
  });

  it('rule decide: an expression without a usable answer reports the conflict', async () => {
    const [msg, , at] = await collide({ rule: 'decide', decision: '"whatever"' });
    expect(at).toBe('not-updated');
    expect(msg.update).toMatchObject({
      outcome: 'conflict',
      error: { code: 'DECISION_UNUSABLE' },
    });
  });

  it('force writes whatever the version is, and never creates', async () => {
    const { flow, sandbox } = await deploy({ node: { force: true } });
    await updated(flow, { key: ORDER, payload: SHIPPED });
    expect(sandbox.orders.requests(ORDER).at(-1)?.ifMatch).toBe('*');
    const gone = '5a1e0000-2025-4000-8000-00000000ffff';
    const out = await notUpdated(flow, { key: gone, payload: SHIPPED });
    expect(out.update?.outcome).toBe('not-found');
    expect(sandbox.orders.get(gone)).toBeUndefined();
  });

  it('PUT reads, merges and writes the whole record', async () => {
    const { flow, sandbox } = await deploy({ family: 'work-orders', node: { method: 'PUT' } });
    const before = sandbox.workOrders.get(WORK_ORDER)?.values;
    await updated(flow, { key: WORK_ORDER, payload: { notes: 'done' } });
    expect(methodsOf(sandbox.workOrders, WORK_ORDER)).toEqual(['GET', 'PUT']);
    const after = sandbox.workOrders.get(WORK_ORDER)?.values;
    expect(after).toEqual({
      ...before,
      notes: 'done',
      version: after?.version,
      modifiedAt: after?.modifiedAt,
      modifiedBy: 'integration',
    });
    expect(after?.version).toBe(8);
  });

  it('compare as: a declared scale makes a rounded value no conflict', async () => {
    const row = { name: 'shipto_latitude', type: 'decimal' as const, scale: '3' };
    const { flow } = await deploy({ node: { fieldTypes: [row] } });
    const first = await updated(flow, { key: ORDER, payload: { shipto_latitude: 47.12345 } });
    expect(first.update?.outcome).toBe('updated');
    const again = await updated(flow, { key: ORDER, payload: { shipto_latitude: 47.1231 } });
    expect(again.update?.outcome).toBe('unchanged');
  });

  it('number fields may be text, as environment variables leave them', async () => {
    const { flow } = await deploy({
      endpoint: {
        conflictRetries: '8',
        transientRetries: ' 4 ',
        deadline: '30',
        timeout: '1e1',
        factor: '2.0',
        cap: '2',
        maxResponseKb: '1024',
        base: '0.05',
      },
      node: { lockWait: '30' },
    });
    const out = await updated(flow, { key: ORDER, payload: SHIPPED });
    expect(out.update?.outcome).toBe('updated');
  });

  it('number fields take environment variables', async () => {
    process.env.RECORD_UPDATES_TEST_WAIT = '12';
    const { flow } = await deploy({
      endpoint: { deadline: '${RECORD_UPDATES_TEST_WAIT}' },
      node: { lockWait: '${RECORD_UPDATES_TEST_WAIT}' },
    });
    delete process.env.RECORD_UPDATES_TEST_WAIT;
    const out = await updated(flow, { key: ORDER, payload: SHIPPED });
    expect(out.update?.outcome).toBe('updated');
  });
});

describe('one at a time per record', () => {
  const CHANGES = Array.from({ length: 50 }, (_, n) => ({ description: `n${String(n)}` }));

  it('50 updates of one record at once cause no conflict and two requests each', async () => {
    const { flow, sandbox } = await deploy();
    for (const payload of CHANGES) flow.send('update', { key: ORDER, payload });
    const out = await flow.count('updated', 50);
    expect(out.map(msg => msg.update?.outcome)).toEqual(Array(50).fill('updated'));
    expect(requestCount(sandbox)).toBe(100);
    expect(sandbox.stats().statuses[412]).toBeUndefined();
    expect(flow.completionsOf('update').map(({ error }) => error)).toEqual(
      Array(50).fill(undefined),
    );
  });

  it('spellings of one GUID are one record', async () => {
    const { flow, sandbox } = await deploy();
    const spellings = [ORDER, ORDER.toUpperCase(), `{${ORDER}}`, { salesorderid: ORDER }];
    CHANGES.slice(0, 20).forEach((payload, n) => {
      flow.send('update', { key: spellings[n % 4], payload });
    });
    await flow.count('updated', 20);
    expect(sandbox.stats().statuses[412]).toBeUndefined();
  });

  it('holds across the nodes of one endpoint', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      ordersAt(sandbox),
      updateNode('left', PORTS),
      updateNode('right', PORTS, { mode: 'once' }),
      ...inboxes('updated', 'not-updated'),
    ]);
    CHANGES.slice(0, 20).forEach((payload, n) => {
      flow.send(n % 2 === 0 ? 'left' : 'right', { key: ORDER, payload });
    });
    await flow.count('updated', 20);
    expect(requestCount(sandbox)).toBe(40);
  });

  it('switched off, the updates meet each other', async () => {
    const { flow, sandbox } = await deploy({
      sandbox: { faults: [{ fault: 'latency', ms: 20 }] },
      endpoint: { conflictRetries: 0 },
      node: { serialize: false },
    });
    for (const payload of CHANGES.slice(0, 5)) flow.send('update', { key: ORDER, payload });
    await flow.until(
      () =>
        flow.inbox('updated').length + flow.inbox('not-updated').length === 5 ? true : undefined,
      'five ends',
    );
    expect(sandbox.stats().statuses[412]).toBeGreaterThan(0);
  });

  it('a turn that does not come in time is busy', async () => {
    const { flow } = await deploy({
      sandbox: { faults: [{ fault: 'latency', ms: 300, on: 'read' }] },
      node: { lockWait: 0.05 },
    });
    flow.send('update', { key: ORDER, payload: SHIPPED });
    flow.send('update', { key: ORDER, payload: { orderstatus: 'New' } });
    const [out] = await flow.count('not-updated', 1);
    expect(out?.update).toMatchObject({ outcome: 'busy', error: { code: 'TURN_NOT_GRANTED' } });
    await flow.count('updated', 1);
  });
});
