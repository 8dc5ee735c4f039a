import helper from 'node-red-node-test-helper';
import { describe, expect, it } from 'vitest';
import type { ConditionalUpdateConfig, FieldRow } from '../../nodes/conditional-update/config';
import type { Sandbox } from '../../sandbox/index';
import { startRecordApi } from '../support/engine-record';
import { catcher, endpoint, inboxes, updateNode } from '../support/flow-nodes';
import { requestCount, startPractice, WORK_ORDER, workOrdersAt } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

const WIRES = [['out'], ['out']];
const EVENT = { defect: { reasonCode: 'R-12', type: 'Scratch', operation: null } };
const MSG: Msg = { key: WORK_ORDER, event: EVENT };

function row(
  field: string,
  valueType: FieldRow['valueType'],
  value: string,
  optional = false,
): FieldRow {
  return { field, valueType, value, optional };
}

interface Sent {
  readonly at: string;
  readonly msg: Msg;
  readonly sandbox: Sandbox;
}

async function update(
  fields: FieldRow[],
  msg: Msg = MSG,
  more: Partial<ConditionalUpdateConfig> = {},
): Promise<Sent> {
  const sandbox = await startPractice();
  sandbox.workOrders.put({ workOrderId: WORK_ORDER, status: 'In Progress' });
  const flow = await Flow.start([
    workOrdersAt(sandbox),
    updateNode('update', WIRES, {
      collection: 'work-orders',
      changesType: 'fields',
      fields,
      ...more,
    }),
    ...inboxes('out'),
    ...catcher(),
  ]);
  return { ...(await flow.pass('update', { ...msg })), sandbox };
}

/** The fields that the API took, and their values. */
function written({ sandbox }: Sent): Record<string, unknown> {
  const [change] = sandbox.workOrders.history(WORK_ORDER).filter(({ by }) => by === 'api');
  const fields = Object.entries(change?.fields ?? {});
  return Object.fromEntries(
    fields
      .filter(([name]) => name !== 'statusSince')
      .map(([name, { after }]) => [name, after] as const),
  );
}

async function fault(fields: FieldRow[], msg: Msg = MSG): Promise<{ code: unknown; text: string }> {
  const { at, msg: out, sandbox } = await update(fields, msg);
  expect(at).toBe('caught');
  expect(out).toMatchObject(msg);
  expect(out).not.toHaveProperty('update.outcome');
  expect(requestCount(sandbox)).toBe(0);
  return { code: out.error?.code, text: out.error?.message ?? '' };
}

describe('the table of Changes', () => {
  it('builds what the new status requires', async () => {
    const sent = await update([
      row('status', 'str', 'Rework'),
      row(' reworkReasonCode ', 'msg', 'event.defect.reasonCode'),
      row('defectType', 'jsonata', '$uppercase(event.defect.type)'),
      row('qualityHoldStatus', 'str', 'Hold'),
      row('reworkInstructions', 'jsonata', '"Check for " & event.defect.type'),
      row('originalOperationId', 'json', '"OP-10"'),
    ]);
    expect(sent.msg.update?.outcome).toBe('updated');
    expect(written(sent)).toEqual({
      status: 'Rework',
      reworkReasonCode: 'R-12',
      defectType: 'SCRATCH',
      qualityHoldStatus: 'Hold',
      reworkInstructions: 'Check for Scratch',
      originalOperationId: 'OP-10',
    });
    expect(sent.msg.event).toEqual(EVENT);
  });

  it('takes every type of value', async () => {
    process.env.RECORD_UPDATES_TEST_NOTES = 'from env';
    const api = await startRecordApi();
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: api.url }),
      updateNode('update', WIRES, {
        ...{ collection: 'orders', changesType: 'fields', rule: 'overwrite' },
        fields: [
          row('number', 'num', '7.5'),
          row('yes', 'bool', 'true'),
          row('deep', 'json', '{"a": [1]}'),
          row('env', 'env', 'RECORD_UPDATES_TEST_NOTES'),
          row('empty', 'str', ''),
          row('null', 'msg', 'event.defect.operation'),
          row('flow', 'flow', 'shift'),
          row('global', 'global', 'shift'),
        ],
      }),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const context = helper.getNode('update').context();
    context.flow.set('shift', 'late');
    context.global.set('shift', 'early');
    api.change({ number: 0, yes: 0, deep: 0, env: 0, empty: 0, null: 0, flow: 0, global: 0 });
    const { msg } = await flow.pass('update', { key: 'A1', event: EVENT });
    expect([msg.update?.outcome, msg.error]).toEqual(['updated', undefined]);
    expect(JSON.parse(api.written[0]?.body ?? '')).toEqual({
      ...{ number: 7.5, yes: true, deep: { a: [1] }, env: 'from env', empty: '' },
      ...{ null: null, flow: 'late', global: 'early' },
    });
  });

  it('leaves out what may be missing and is', async () => {
    const sent = await update([
      row('notes', 'msg', 'event.note', true),
      row('workCenter', 'env', 'RECORD_UPDATES_TEST_UNSET', true),
      row('priority', 'num', '', true),
      row('productCode', 'jsonata', 'event.product', true),
      row('status', 'str', 'On Hold', true),
    ]);
    expect(sent.msg.update?.outcome).toBe('updated');
    expect(written(sent)).toEqual({ status: 'On Hold' });
  });

  it('gives an action its parameters', async () => {
    const api = await startRecordApi();
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: api.url }),
      updateNode('update', WIRES, {
        ...{ collection: 'orders', changesType: 'fields', method: 'ACTION', action: 'complete' },
        fields: [row('status', 'msg', 'event.defect.type')],
      }),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const { msg } = await flow.pass('update', { key: 'A1', event: EVENT });
    expect(msg.update?.outcome).toBe('updated');
    expect(api.written.map(({ method, body }) => [method, body])).toEqual([
      ['POST', '{"status":"Scratch"}'],
    ]);
  });
});

describe('a table that cannot be meant goes to Catch before any request', () => {
  it('without rows', async () => {
    const { code, text } = await fault([]);
    expect(code).toBe('CHANGES_INVALID');
    expect(text).toContain('has no row');
  });

  it('a row without a field', async () => {
    const { code, text } = await fault([row('status', 'str', 'x'), row(' ', 'str', 'y')]);
    expect(code).toBe('FIELDS_INVALID');
    expect(text).toContain('Row 2 of the table of Changes has no field name');
  });

  it('a field twice', async () => {
    const { code, text } = await fault([row('notes', 'str', 'x'), row('notes ', 'str', 'y')]);
    expect(code).toBe('FIELDS_INVALID');
    expect(text).toContain('Row 2 of the table of Changes writes "notes", and so does row 1');
  });

  it('names the field, the place and the fix where a value is missing', async () => {
    const { code, text } = await fault(
      [row('reworkReasonCode', 'msg', 'event.defect.reasonCode')],
      { key: WORK_ORDER, event: {} },
    );
    expect(code).toBe('FIELD_EMPTY');
    expect(text).toContain(
      'reworkReasonCode has no value: msg.event.defect.reasonCode is not in the message. Correct the table of Changes, or tick "may be missing".',
    );
  });

  it.each([
    [row('notes', 'flow', 'gone'), 'flow.gone is not set'],
    [row('notes', 'global', 'gone'), 'global.gone is not set'],
    [row('notes', 'env', 'RECORD_UPDATES_TEST_UNSET'), 'RECORD_UPDATES_TEST_UNSET is not set'],
    [row('notes', 'jsonata', 'event.gone'), 'gives nothing for this message'],
    [row('notes', 'num', ' '), 'not filled in'],
  ])('%o', async (given, why) => {
    const { code, text } = await fault([given]);
    expect(code).toBe('FIELD_EMPTY');
    expect(text).toContain('notes has no value: ');
    expect(text).toContain(why);
  });

  it.each([row('notes', 'json', '{'), row('notes', 'jsonata', '$nope(')])('%o', async given => {
    const { code, text } = await fault([given]);
    expect(code).toBe('EXPRESSION_FAILED');
    expect(text).toContain('The value of notes in the table of Changes');
  });

  it('a number that is none', async () => {
    const { code, text } = await fault([row('priority', 'num', 'high')]);
    expect(code).toBe('CHANGES_INVALID');
    expect(text).toContain('"priority"');
  });

  it('nothing but rows that may be missing', async () => {
    const { code } = await fault([row('notes', 'msg', 'event.note', true)]);
    expect(code).toBe('CHANGES_INVALID');
  });
});

it('a node saved by an earlier version has its changes where they were', async () => {
  const sandbox = await startPractice();
  sandbox.workOrders.put({ workOrderId: WORK_ORDER, status: 'In Progress' });
  const saved: Record<string, unknown> = {
    ...updateNode('update', WIRES, { collection: 'work-orders' }),
  };
  for (const name of ['fields', 'guard']) Reflect.deleteProperty(saved, name);
  const node = saved as unknown as ReturnType<typeof updateNode>;
  const flow = await Flow.start([workOrdersAt(sandbox), node, ...inboxes('out'), ...catcher()]);
  const { msg } = await flow.pass('update', { key: WORK_ORDER, payload: { status: 'On Hold' } });
  expect(msg.update?.outcome).toBe('updated');
});
