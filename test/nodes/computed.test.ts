import { LosslessNumber } from 'lossless-json';
import { describe, expect, it } from 'vitest';
import type { ConditionalUpdateConfig, FieldRow } from '../../nodes/conditional-update/config';
import {
  backoffNode,
  catcher,
  endpoint,
  fetchNode,
  inboxes,
  lockNode,
  releaseNode,
  switchNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startRecordApi, type RecordApi } from '../support/engine-record';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
useFastClock(5);

function row(
  field: string,
  valueType: FieldRow['valueType'],
  value: string,
  optional = false,
): FieldRow {
  return { field, valueType, value, optional };
}

const AT_ORDERS = { collection: 'orders' };

const ADD_ONE: Partial<ConditionalUpdateConfig> = {
  changesType: 'fields',
  fields: [row('stock', 'add', '1')],
};

interface Setup {
  readonly api: RecordApi;
  readonly flow: Flow;
}

async function deploy(
  how: Partial<ConditionalUpdateConfig>,
  values: Record<string, unknown> = { stock: 5, level: 97, status: 'Open' },
  before: FlowNode[] = [],
): Promise<Setup> {
  const api = await startRecordApi({ values });
  const flow = await Flow.start([
    endpoint({ server: 'url', family: 'rest', baseUrl: api.url }),
    updateNode('update', [['out'], ['out']], { collection: 'orders', ...how }),
    ...before,
    ...inboxes('out'),
    ...catcher(),
  ]);
  return { api, flow };
}

const sent = ({ api }: Setup): unknown[] =>
  api.written.map(({ body }) => JSON.parse(body) as unknown);

describe('case U1: five messages at once', () => {
  it('all count where the node adds, without turns', async () => {
    const setup = await deploy({ ...ADD_ONE, serialize: false });
    for (let n = 0; n < 5; n++) setup.flow.send('update', { key: 'A1', n });
    const out = await setup.flow.count('out', 5);
    expect(out.map(({ update }) => update?.outcome)).toEqual(Array(5).fill('updated'));
    expect(setup.api.values.stock).toBe(10);
  });

  it('are conflicts, and never silently done, where each wrote what it had read', async () => {
    const fetch = fetchNode('fetch', [['read'], ['out']], { collection: 'orders' });
    const setup = await deploy({}, { stock: 5 }, [fetch, ...inboxes('read')]);
    for (let n = 0; n < 5; n++) setup.flow.send('fetch', { key: 'A1', n });
    const read = await setup.flow.count('read', 5);
    for (const msg of read) {
      const stock = Number(msg.record?.values.stock) + 1;
      setup.flow.send('update', { ...msg, payload: { stock } });
    }
    const out = await setup.flow.count('out', 5);
    const outcomes = out.map(({ update }) => update?.outcome).sort();
    expect(outcomes).toEqual(['conflict', 'conflict', 'conflict', 'conflict', 'updated']);
    for (const { update } of out.filter(msg => msg.update?.outcome === 'conflict')) {
      expect(update).toMatchObject({ error: { code: 'SAME_VALUE' }, sameByOthers: ['stock'] });
    }
    expect(setup.api.values.stock).toBe(6);
  });

  it('all count under a lock around fetch, addition and update', async () => {
    const { api, flow } = await deploy({}, { stock: 5 }, [
      lockNode('lock', [['fetch'], ['out']], AT_ORDERS),
      fetchNode('fetch', [['read'], ['out']], AT_ORDERS),
      releaseNode('release', [['released']]),
      ...inboxes('read', 'released'),
    ]);
    flow.onReceive('read', msg => {
      const stock = Number(msg.record?.values.stock) + 1;
      flow.send('update', { ...msg, payload: { stock } });
    });
    flow.onReceive('out', msg => {
      flow.send('release', msg);
    });
    for (let n = 0; n < 5; n++) flow.send('lock', { key: 'A1', n });
    const out = await flow.count('released', 5);
    expect(out.map(({ update }) => update?.outcome)).toEqual(Array(5).fill('updated'));
    expect(api.values.stock).toBe(10);
  });

  it('under such a lock, somebody outside who comes to the same number is a conflict', async () => {
    const { api, flow } = await deploy({}, { stock: 5 }, [
      lockNode('lock', [['fetch'], ['out']], AT_ORDERS),
      fetchNode('fetch', [['read'], ['out']], AT_ORDERS),
      ...inboxes('read'),
    ]);
    flow.send('lock', { key: 'A1' });
    const [msg] = await flow.count('read', 1);
    api.change({ stock: 6 });
    const { msg: end } = await flow.pass('update', { ...msg, payload: { stock: 6 } });
    expect(end.update).toMatchObject({ outcome: 'conflict', error: { code: 'SAME_VALUE' } });
  });
});

describe('the rows of the table', () => {
  it('add, compute from the record, and take what the message brings', async () => {
    const setup = await deploy({
      changesType: 'fields',
      fields: [
        row('stock', 'add', '-payload.quantity'),
        row('level', 'record', '$min([100, record.values.level + payload.quantity])'),
        row('status', 'msg', 'payload.status'),
        row('note', 'record', 'payload.none', true),
        row('other', 'add', 'payload.none', true),
      ],
    });
    const msg = { key: 'A1', payload: { quantity: 4, status: 'Held' } };
    const { msg: out } = await setup.flow.pass('update', msg);
    expect(out.update?.outcome).toBe('updated');
    expect(sent(setup)).toEqual([{ stock: 1, level: 100, status: 'Held' }]);
    expect(out.payload).toEqual(msg.payload);
    expect(out.record).toMatchObject({ values: { stock: 1, level: 100 } });
  });

  it('keep a number that the record shows as text', async () => {
    const setup = await deploy(
      { ...ADD_ONE, fields: [row('stock', 'add', '0.10')] },
      { stock: '9007199254740993.20' },
    );
    await setup.flow.pass('update', { key: 'A1' });
    expect(sent(setup)).toEqual([{ stock: '9007199254740993.30' }]);
  });

  it.each([
    ['1', '9007199254740992', '9007199254740993'],
    ['1', '9007199254740993', '9007199254740994'],
    ['9007199254740993', '5', '9007199254740998'],
    ['0.25', '12345678901234567.50', '12345678901234567.75'],
    ['payload.long', '9007199254740993', '9007199254740994'],
    ['-9007199254740993', '9007199254740994', '1'],
  ])('add %s to the number %s digit by digit, and find it there', async (amount, stock, sum) => {
    const setup = await deploy(
      { ...ADD_ONE, fields: [row('stock', 'add', amount)] },
      { stock: new LosslessNumber(stock) },
    );
    const { msg } = await setup.flow.pass('update', { key: 'A1', payload: { long: '1' } });
    expect(msg.update).toMatchObject({ outcome: 'updated' });
    expect(msg.update).not.toHaveProperty('error');
    expect(setup.api.written.map(({ body }) => body)).toEqual([`{"stock":${sum}}`]);
  });

  it('take long digits of the message into the changes as they are', async () => {
    const setup = await deploy({ changesType: 'computed', changes: '{"stock": payload.long}' });
    const long = { isLosslessNumber: true, value: '9007199254740993' };
    await setup.flow.pass('update', { key: 'A1', payload: { long } });
    expect(setup.api.written.map(({ body }) => body)).toEqual(['{"stock":9007199254740993}']);
  });

  it.each([
    ['SUM_INVALID', row('stock', 'add', '2 * 4503599627370497'), 'may have rounded the amount'],
    ['SUM_INVALID', row('status', 'add', '1'), 'status: the record holds "Open"'],
    ['SUM_INVALID', row('stock', 'add', '"many"'), 'the amount is "many"'],
    ['SUM_INVALID', row('gone', 'add', '1'), 'the record holds nothing'],
    ['FIELD_EMPTY', row('stock', 'add', 'payload.none'), 'stock has no value'],
    ['FIELD_EMPTY', row('stock', 'record', 'record.values.none'), 'stock has no value'],
    ['EXPRESSION_FAILED', row('stock', 'record', '$error("not enough")'), 'not enough'],
    ['EXPRESSION_FAILED', row('stock', 'record', '1 +'), 'could not be read'],
  ] as const)('that cannot be computed are %s: %o', async (code, faulty, text) => {
    const setup = await deploy({ changesType: 'fields', fields: [faulty] });
    const msg = { key: 'A1', payload: { some: 1 } };
    const { at, msg: out } = await setup.flow.pass('update', msg);
    expect(at).toBe('caught');
    expect(out.error).toMatchObject({ code, message: expect.stringContaining(text) });
    expect(out).toMatchObject(msg);
    expect(setup.api.written).toHaveLength(0);
  });
});

describe('one expression for all changes', () => {
  const changes = '{"stock": record.values.stock - payload.quantity, "status": record.key}';

  it('sees the message, and the record as it was just read', async () => {
    const setup = await deploy({ changesType: 'computed', changes });
    const old = { key: 'A1', url: 'x', version: 'old', values: { stock: 999 }, readAt: '' };
    const msg = { key: 'A1', payload: { quantity: 2 }, record: old };
    const { msg: out } = await setup.flow.pass('update', msg);
    expect(out.update?.outcome).toBe('updated');
    expect(sent(setup)).toEqual([{ stock: 3, status: 'A1' }]);
  });

  it('goes to the Catch node where it gives no object', async () => {
    const setup = await deploy({ changesType: 'computed', changes: '"nothing"' });
    const { at, msg } = await setup.flow.pass('update', { key: 'A1' });
    expect(at).toBe('caught');
    expect(msg.error?.code).toBe('CHANGES_INVALID');
  });

  it('cannot be written by force', async () => {
    const setup = await deploy({ changesType: 'computed', changes, force: true });
    const { at, msg } = await setup.flow.pass('update', { key: 'A1', payload: { quantity: 1 } });
    expect(at).toBe('caught');
    expect(msg.error?.code).toBe('FORCE_UNSUPPORTED');
    expect(setup.api.requests).toHaveLength(0);
  });
});

it('a wired loop counts once after a lost answer, and computes anew after noise', async () => {
  const api = await startRecordApi({
    values: { stock: 5, by: '0b8f4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f' },
  });
  const flow = await Flow.start([
    endpoint({ server: 'url', family: 'rest', baseUrl: api.url }),
    fetchNode('fetch', [['update'], ['end']], { collection: 'orders' }),
    updateNode('update', [['switch'], ['switch']], {
      ...{ collection: 'orders', mode: 'once', stamp: 'by', ...ADD_ONE },
    }),
    switchNode('switch', [['end'], ['wait'], ['end'], ['end']]),
    backoffNode('wait', [['fetch'], ['end']], { base: 0.01, cap: 0.02 }),
    ...inboxes('end'),
    ...catcher(),
  ]);
  api.writes.push(
    (_request, proceed) => {
      api.change({ stock: 50 });
      return proceed();
    },
    (_request, proceed) => {
      proceed();
      api.noise();
      return 'reset';
    },
  );
  flow.send('fetch', { key: 'A1' });
  const [out] = await flow.count('end', 1);
  expect(out?.update?.outcome).toBe('already-applied');
  expect(api.values.stock).toBe(51);
  expect(api.committed).toHaveLength(1);
});

it('the setting for the same value reaches the update', async () => {
  const setup = await deploy({ sameValue: 'conflict' });
  setup.api.writes.push((_request, proceed) => {
    setup.api.change({ status: 'Held' });
    return proceed();
  });
  const { msg } = await setup.flow.pass('update', { key: 'A1', payload: { status: 'Held' } });
  expect(msg.update).toMatchObject({ outcome: 'conflict', error: { code: 'SAME_VALUE' } });
});

it('a code is no count', async () => {
  const setup = await deploy({ fieldTypes: [{ name: 'stock', type: 'code', scale: '' }] });
  setup.api.writes.push((_request, proceed) => {
    setup.api.change({ stock: 6 });
    return proceed();
  });
  const record = {
    ...{ key: 'A1', url: `${setup.api.url}/orders/A1`, version: setup.api.version },
    ...{ values: { stock: 5 }, readAt: '2026-01-01T00:00:00.000Z' },
  };
  const msg = { key: 'A1', payload: { stock: 6 }, record };
  const { msg: out } = await setup.flow.pass('update', msg);
  expect(out.update).toMatchObject({ outcome: 'unchanged', sameByOthers: ['stock'] });
});
