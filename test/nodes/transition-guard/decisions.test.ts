import { describe, expect, it } from 'vitest';
import { SALES_ORDERS, WORK_ORDERS } from '../../../lib/lifecycle/presets';
import type { MachineState } from '../../../lib/lifecycle/machine';
import type { TransitionGuardConfig } from '../../../nodes/transition-guard/config';
import { useNodeRed } from '../../support/flow-runtime';
import { AT, guarded, message, snapshot, URL } from './guarded';

useNodeRed();

describe('allowed', () => {
  it('sets the guard and shows it', async () => {
    const { at, msg, flow } = await guarded(message('In Progress', 'Complete'));
    expect(at).toBe('allowed');
    expect(msg.guard).toEqual({
      url: URL,
      field: 'status',
      from: 'In Progress',
      to: 'Complete',
      machine: WORK_ORDERS,
    });
    expect(msg).toMatchObject({ payload: { status: 'Complete' }, record: { version: '"v1"' } });
    expect(msg).not.toHaveProperty('update');
    await flow.shows('guard', 'transition-guard.status.allowed');
  });

  it('carries everything that a later look at the record needs', async () => {
    const values = { status: 'In Progress', openedBy: '', openedAt: null, statusSince: AT };
    const { at, msg } = await guarded(
      { record: snapshot(values), payload: { status: 'Complete' }, event: { at: AT } },
      {
        sinceField: 'statusSince',
        openRule: 'other',
        openByField: 'openedBy',
        openAtField: 'openedAt',
        openOurs: 'MES',
        missingMeansEmpty: true,
      },
    );
    expect(at).toBe('allowed');
    expect(JSON.parse(JSON.stringify(msg.guard))).toEqual({
      url: URL,
      field: 'status',
      from: 'In Progress',
      to: 'Complete',
      eventAt: AT,
      sinceField: 'statusSince',
      machine: WORK_ORDERS,
      open: { rule: 'other', byField: 'openedBy', atField: 'openedAt', ours: 'MES' },
      missingMeansEmpty: true,
    });
  });

  const SINCE = '2025-02-08T13:55:00Z';
  const EVENT = '2025-02-08T13:50:00Z';
  const TRANSITION = {
    field: 'status',
    to: 'In Progress',
    sinceField: 'statusSince',
    eventAt: EVENT,
  };

  it.each([
    ['carries the event of our own transition', TRANSITION, { since: SINCE, eventAt: EVENT }],
    ['not one of another field', { ...TRANSITION, field: 'phase' }, undefined],
    ['not one that looked at another time', { ...TRANSITION, sinceField: 'changedAt' }, undefined],
    ['not one without a time', { ...TRANSITION, eventAt: 'soon' }, undefined],
    ['nor what is none', 'In Progress', undefined],
  ])('%s', async (_name, transition, own) => {
    const record = { ...snapshot({ status: 'In Progress', statusSince: SINCE }), transition };
    const { at, msg } = await guarded(
      { record: record as never, payload: { status: 'Complete' }, event: { at: AT } },
      { sinceField: 'statusSince' },
    );
    expect(at).toBe('allowed');
    expect(msg.guard?.own).toEqual(own);
  });

  it('reads and sets the places of the dialog', async () => {
    const msg = { order: snapshot({ orderstatus: 'New' }), body: { orderstatus: 'Processing' } };
    const { at, msg: out } = await guarded(msg, {
      states: SALES_ORDERS.states as MachineState[],
      field: 'orderstatus',
      changes: 'body',
      record: 'order',
      guard: 'flow.guard',
    });
    expect(at).toBe('allowed');
    expect(out.flow).toMatchObject({ guard: { field: 'orderstatus', to: 'Processing' } });
  });

  it('what a flow does to the guard of one message does not reach the next', async () => {
    const { msg, flow } = await guarded(message('In Progress', 'Complete'));
    expect(() => {
      (msg.guard?.machine.states as MachineState[]).length = 0;
    }).toThrow(TypeError);
    const again = await flow.pass('guard', message('In Progress', 'Complete'));
    expect(again.at).toBe('allowed');
  });

  it('leaves required fields to conditional-update where that builds the changes', async () => {
    const { at } = await guarded(message('In Progress', 'Rework'), { required: 'update' });
    expect(at).toBe('allowed');
  });
});

describe('not allowed', () => {
  const RESULT = { key: 'WO-1', attempts: [], reads: 0, retries: 0, durationMs: 0, verified: true };
  const OPEN = { openRule: 'any', openByField: 'openedBy' } as const;

  it.each([
    [
      'invalid-transition',
      'invalid-state',
      'INVALID_TRANSITION',
      {},
      { status: 'Released' },
      { next: ['In Progress', 'Cancelled'], path: ['In Progress', 'Complete'] },
    ],
    ['unknown-state', 'invalid-state', 'STATE_UNKNOWN', {}, { status: 'in progress' }, {}],
    [
      'busy',
      'busy',
      'RECORD_OPEN',
      OPEN,
      { status: 'In Progress', openedBy: 'ann' },
      { openedBy: 'ann' },
    ],
  ] as const)('%s', async (reason, outcome, code, config, values, more) => {
    const { at, msg, flow } = await guarded(
      { record: snapshot(values), payload: { status: 'Complete' }, guard: 'old' as never },
      config,
    );
    expect(at).toBe('refused');
    expect(msg.update).toEqual({
      ...RESULT,
      outcome,
      error: { code, message: expect.any(String) as string },
      refused: { reason, from: values.status, to: 'Complete', ...more },
    });
    expect(msg).not.toHaveProperty('guard');
    expect(msg.payload).toEqual({ status: 'Complete' });
    await flow.shows('guard', `transition-guard.status.${reason}`);
  });

  it('missing-fields', async () => {
    const msg = message('In Progress', 'Rework', {
      payload: { status: 'Rework', defectType: 'scratch' },
    });
    const { at, msg: out, flow } = await guarded(msg);
    expect(at).toBe('refused');
    expect(out.update).toMatchObject({
      ...RESULT,
      outcome: 'rejected',
      refused: {
        missing: [
          'reworkReasonCode',
          'qualityHoldStatus',
          'reworkInstructions',
          'originalOperationId',
        ],
      },
    });
    await flow.shows('guard', 'transition-guard.status.missing-fields');
  });

  it('a late event comes with its times and the diff', async () => {
    const since = '2025-02-08T14:00:01Z';
    const { msg } = await guarded(
      {
        record: snapshot({ status: 'In Progress', statusSince: since }),
        payload: { status: 'Complete' },
        event: { at: new Date(AT) },
      },
      { sinceField: 'statusSince' },
    );
    expect(msg.update).toMatchObject({
      outcome: 'invalid-state',
      error: { code: 'EVENT_LATE' },
      refused: { late: { eventAt: '2025-02-08T14:00:00.000Z', since } },
      conflict: { fields: [{ name: 'status', ours: 'Complete', theirs: 'In Progress' }] },
    });
  });
});

describe('statuses that are numbers', () => {
  const ROWS = [
    { name: '1', next: ['2'] },
    { name: '2', next: [] },
  ];
  const NUMBERS = { stateType: 'number', states: ROWS } as const;
  const config = NUMBERS as unknown as Partial<TransitionGuardConfig>;

  it('are entered as text', async () => {
    const { at, msg } = await guarded(message(1, 2), config);
    expect(at).toBe('allowed');
    expect(msg.guard).toMatchObject({ from: 1, to: 2, machine: { states: [{ next: [2] }, {}] } });
  });

  it('a status as text is none of them', async () => {
    const { at, msg } = await guarded(message(1, '2'), config);
    expect(at).toBe('refused');
    expect(msg.update?.error?.message).toContain('The table has the number 2');
  });

  it.each(['one', ' '])('%j is none', async name => {
    const states = [{ name: '1', next: [name] }];
    const { at, msg, flow } = await guarded(message(1, 2), { stateType: 'number', states });
    expect(at).toBe('caught');
    expect(msg.error).toMatchObject({ code: 'MACHINE_INVALID' });
    expect(msg.error?.message).toContain(`States: row 1: "${name}" is not a number`);
    await flow.shows('guard', 'transition-guard.status.table');
  });

  it('statuses that are text stay so, whatever JSON they were imported from', async () => {
    const states = [
      { name: 1, next: [2] },
      { name: 2, next: [] },
    ];
    expect((await guarded(message('1', '2'), { states })).at).toBe('allowed');
  });
});

it('what a function node makes of one guard does not reach the next message', async () => {
  const config = { openRule: 'other', openByField: 'openedBy', openOurs: 'MES' } as const;
  const free = { record: snapshot({ status: 'In Progress', openedBy: '' }) };
  const wanted = { ...free, payload: { status: 'Complete' } };
  const { msg, flow } = await guarded({ ...wanted }, config);
  Reflect.set(msg.guard?.open ?? {}, 'ours', 'somebody');
  Reflect.set(msg.guard?.machine ?? {}, 'states', []);
  const { msg: next } = await flow.pass('guard', { ...wanted });
  expect(next.guard).toMatchObject({ open: { ours: 'MES' }, machine: WORK_ORDERS });
});
