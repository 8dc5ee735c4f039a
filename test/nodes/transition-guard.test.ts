import { describe, expect, it } from 'vitest';
import { SALES_ORDERS, WORK_ORDERS } from '../../lib/lifecycle/presets';
import type { MachineState } from '../../lib/lifecycle/machine';
import type { Snapshot } from '../../lib/record/snapshot';
import type { TransitionGuardConfig } from '../../nodes/transition-guard/config';
import {
  catcher,
  fetchNode,
  guardNode,
  inboxes,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { startPractice, WORK_ORDER, workOrdersAt } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

const STATES = WORK_ORDERS.states as MachineState[];
const URL = 'http://127.0.0.1/api/work-orders/WO-1';
const AT = '2025-02-08T14:00:00Z';

function snapshot(values: Snapshot['values']): Snapshot {
  return { key: 'WO-1', url: URL, version: '"v1"', values, readAt: AT };
}

function message(status: unknown, to: unknown, extra: Msg = {}): Msg {
  return { record: snapshot({ status }), payload: { status: to }, ...extra };
}

function nodes(config: Partial<TransitionGuardConfig>): FlowNode[] {
  return [
    guardNode('guard', [['allowed'], ['refused']], { states: STATES, ...config }),
    ...inboxes('allowed', 'refused'),
    ...catcher(),
  ];
}

async function guarded(
  msg: Msg,
  config: Partial<TransitionGuardConfig> = {},
): Promise<{ at: string; msg: Msg; flow: Flow }> {
  const flow = await Flow.start(nodes(config));
  return { ...(await flow.pass('guard', msg)), flow };
}

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

describe('a fault of the flow goes to the Catch node', () => {
  const RECORD = snapshot({ status: 'In Progress' });
  const PAYLOAD = { status: 'Complete' };
  const MINUTES = 60_000;

  it.each<[string, string, unknown]>([
    ['RECORD_MISSING', 'etag-fetch', { payload: PAYLOAD }],
    ['RECORD_MISSING', 'msg.record', { payload: PAYLOAD, record: { key: 'WO-1', url: URL } }],
    ['CHANGES_INVALID', 'msg.payload', { record: RECORD, payload: 'Complete' }],
    ['CHANGES_INVALID', 'Changes', { record: RECORD, payload: ['Complete'] }],
    ['TARGET_INVALID', 'msg.payload.status is not there', { record: RECORD, payload: {} }],
    ['TARGET_INVALID', 'neither text nor', { record: RECORD, payload: { status: null } }],
    ['TARGET_INVALID', 'neither text nor', { record: RECORD, payload: { status: ['Complete'] } }],
    ['EVENT_TIME_INVALID', 'ISO 8601', { record: RECORD, payload: PAYLOAD, event: { at: 'now' } }],
    [
      'EVENT_TIME_INVALID',
      'with a zone',
      { record: RECORD, payload: PAYLOAD, event: { at: '2025-02-08T14:00:00' } },
    ],
    ['EVENT_TIME_INVALID', 'Event time', { record: RECORD, payload: PAYLOAD, event: { at: '' } }],
    [
      'EVENT_IN_FUTURE',
      '90 minutes ahead',
      { record: RECORD, payload: PAYLOAD, event: { at: Date.now() + 90 * MINUTES } },
    ],
    [
      'EVENT_IN_FUTURE',
      '5 hours ahead',
      { record: RECORD, payload: PAYLOAD, event: { at: new Date(Date.now() + 300 * MINUTES) } },
    ],
    [
      'EVENT_IN_FUTURE',
      '30 days ahead',
      { record: RECORD, payload: PAYLOAD, event: { at: Date.now() + 30 * 24 * 60 * MINUTES } },
    ],
  ])('%s: %s', async (code, words, msg) => {
    const { at, msg: out, flow } = await guarded(msg as Msg);
    expect(at).toBe('caught');
    expect(out.error?.code).toBe(code);
    expect(out.error?.message).toContain(words);
    expect(out).toMatchObject(msg as Msg);
    expect(out).not.toHaveProperty('update');
    expect(flow.completionsOf('guard')).toHaveLength(1);
    await flow.shows('guard', 'transition-guard.status.error');
  });

  it('a clock that is a little ahead is none', async () => {
    const event = { at: Date.now() + 4 * MINUTES };
    expect((await guarded(message('In Progress', 'Complete', { event }))).at).toBe('allowed');
  });

  it.each([{}, { event: {} }, { event: { at: null } }])(
    'no event time is none, where the dialog was left as it is: %j',
    async extra => {
      expect((await guarded(message('In Progress', 'Complete', extra))).at).toBe('allowed');
    },
  );

  it('no event time is one where the dialog names a place of its own', async () => {
    const { msg } = await guarded(message('In Progress', 'Complete'), { eventTime: 'at' });
    expect(msg.error?.code).toBe('EVENT_TIME_INVALID');
  });

  it('no event time is one where late events are to be told', async () => {
    const { at, msg } = await guarded(message('In Progress', 'Complete'), {
      sinceField: 'statusSince',
    });
    expect(at).toBe('caught');
    expect(msg.error?.code).toBe('EVENT_TIME_INVALID');
  });

  it('the event time may be left out', async () => {
    const msg = message('In Progress', 'Complete', { event: { at: 'nonsense' } });
    expect((await guarded(msg, { eventTime: '' })).at).toBe('allowed');
  });

  it('the event time may be an expression', async () => {
    const msg = message('In Progress', 'Complete', { seconds: 1_739_023_200 });
    const config = { eventTime: 'seconds * 1000', eventTimeType: 'jsonata' } as const;
    expect((await guarded(msg, config)).msg.guard?.eventAt).toBe('2025-02-08T14:00:00.000Z');
  });

  it.each<[string, string, Partial<TransitionGuardConfig>]>([
    ['FIELD_MISSING', 'Status field', { field: ' ' }],
    ['FIELD_MISSING', 'Opened by field', { openRule: 'any' }],
    ['FIELD_MISSING', 'Our name', { openRule: 'other', openByField: 'openedBy' }],
    ['FIELD_MISSING', 'Opened at field', { openRule: 'newer', openByField: 'openedBy' }],
    [
      'NUMBER_INVALID',
      'Minutes',
      { openRule: 'newer', openAtField: 'openedAt', openMinutes: '${MINUTES}' },
    ],
    ['PROPERTY_INVALID', 'a b', { guard: 'a b' }],
    ['PROPERTY_INVALID', 'payload.status', { result: 'payload.status.update' }],
  ])('%s in the dialog: %s', async (code, words, config) => {
    const { at, msg } = await guarded(message('In Progress', 'Complete'), config);
    expect(at).toBe('caught');
    expect(msg.error?.code).toBe(code);
    expect(msg.error?.message).toContain(words);
  });

  it.each<[string, unknown]>([
    ['States: no states', []],
    ['States: there is no list', null],
    ['row 1: a state must be an object', [null]],
    ['row 1, "Released": leads to "Started", which', [{ name: 'Released', next: ['Started'] }]],
  ])('a table that cannot be used shows at once: %s', async (words, states) => {
    const flow = await Flow.start(nodes({ states: states as MachineState[] }));
    await flow.shows('guard', 'transition-guard.status.table');
    const { at, msg } = await flow.pass('guard', message('Released', 'Cancelled'));
    expect(at).toBe('caught');
    expect(msg.error).toMatchObject({ code: 'MACHINE_INVALID' });
    expect(msg.error?.message).toContain(words);
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

describe('in a wired loop', () => {
  const HOLD = { openRule: 'any', openByField: 'openedBy', whenOpen: 'retry' } as const;
  const COMPLETE = { status: 'Complete' };
  const opened = {
    record: snapshot({ status: 'In Progress', openedBy: 'ann' }),
    payload: COMPLETE,
  };
  const BASE = { snapshot: snapshot({ status: 'In Progress' }), changesHash: 'h' };
  const PENDING = { versionSent: '"v0"', seenUnmoved: false, changesHash: 'h' };
  const RETRY = {
    outcome: 'retry',
    cause: 'noise',
    key: 'WO-1',
    attempts: [],
    reads: 0,
    retries: 0,
    durationMs: 0,
    verified: true,
    base: BASE,
  } as const;

  it('a record that is open is tried again', async () => {
    const { at, msg, flow } = await guarded({ ...opened }, HOLD);
    expect(at).toBe('refused');
    expect(msg.update).toMatchObject({
      outcome: 'retry',
      cause: 'busy',
      refused: { reason: 'busy', openedBy: 'ann' },
    });
    expect(msg.update).not.toHaveProperty('base');
    expect(msg.guard).toMatchObject({ from: 'In Progress', to: 'Complete' });
    await flow.shows('guard', 'transition-guard.status.retry');
  });

  it('what the pass before left stays while the record is open', async () => {
    const { msg } = await guarded({ ...opened, update: { ...RETRY, pending: PENDING } }, HOLD);
    expect(msg.update).toMatchObject({ cause: 'busy', base: BASE, pending: PENDING });
  });

  it('the decision stays the first one: a state set meanwhile is never overwritten', async () => {
    const { msg, flow } = await guarded(
      {
        ...opened,
        payload: { status: 'In Progress' },
        record: snapshot({ status: 'On Hold', openedBy: 'ann' }),
      },
      HOLD,
    );
    const rework = snapshot({ status: 'Rework', openedBy: null });
    const second = await flow.pass('guard', { ...msg, record: rework });
    expect(second.at).toBe('refused');
    expect(second.msg.update).toMatchObject({
      outcome: 'invalid-state',
      error: { code: 'STATE_MOVED' },
      refused: { from: 'Rework', decidedOn: 'On Hold' },
      conflict: {
        fields: [{ name: 'status', base: 'On Hold', ours: 'In Progress', theirs: 'Rework' }],
      },
    });
    expect(second.msg).not.toHaveProperty('guard');
    expect(second.msg.update).not.toHaveProperty('base');
  });

  it('the event keeps its time', async () => {
    const event = { at: AT };
    const { msg, flow } = await guarded({ ...opened, event }, HOLD);
    const free = snapshot({ status: 'In Progress', openedBy: null });
    const next = await flow.pass('guard', { ...msg, event: { at: Date.now() }, record: free });
    expect(next.at).toBe('allowed');
    expect(next.msg.guard?.eventAt).toBe(AT);
  });

  it.each([
    ['record', { record: { ...snapshot({ status: 'On Hold', openedBy: '' }), url: `${URL}0` } }],
    ['target', { payload: { status: 'In Progress' } }],
    ['update that has ended', { update: { ...RETRY, outcome: 'updated' } as const }],
  ])('a guard of another %s is none', async (_, extra) => {
    const { msg, flow } = await guarded({ ...opened }, HOLD);
    const next = await flow.pass('guard', {
      ...msg,
      record: snapshot({ status: 'On Hold', openedBy: '' }),
      ...extra,
    });
    expect(next.msg.update?.error?.code).not.toBe('STATE_MOVED');
  });

  it('a guard that is none is a fault', async () => {
    const msg = { ...opened, update: RETRY, guard: { from: 'In Progress' } as never };
    const { at, msg: out } = await guarded(msg);
    expect(at).toBe('caught');
    expect(out.error?.code).toBe('GUARD_INVALID');
  });

  it('no guard is left behind where it is null, as a change node may set it', async () => {
    const { at, msg } = await guarded({ ...opened, update: RETRY, guard: null as never });
    expect([at, msg.guard?.from]).toEqual(['allowed', 'In Progress']);
  });

  it('a refusal while a write is in doubt is uncertain', async () => {
    const msg = message('Closed', 'Complete', { update: { ...RETRY, pending: PENDING } });
    const { at, msg: out } = await guarded({ ...msg, retry: { ...COUNTER } });
    expect(at).toBe('refused');
    expect(out.update).toMatchObject({
      outcome: 'uncertain',
      verified: false,
      refused: { reason: 'invalid-transition' },
    });
    expect(out).not.toHaveProperty('retry');
  });

  it('a write in doubt starts no steps', async () => {
    const msg = message('Released', 'Complete', { update: { ...RETRY, pending: PENDING } });
    const { at, msg: out } = await guarded(msg, { steps: true });
    expect(at).toBe('refused');
    expect(out.update?.outcome).toBe('uncertain');
  });
});

const COUNTER = {
  node: 'wait',
  key: 'WO-1',
  count: 1,
  causes: {},
  startedAt: AT,
  delayMs: 10,
} as const;

describe('steps', () => {
  const STEPS = { steps: true } as const;
  const FORM = {
    reworkReasonCode: 'RR-2',
    defectType: 'scratch',
    qualityHoldStatus: 'Hold',
    reworkInstructions: 'polish',
    originalOperationId: 'OP-10',
  };

  it('lead to a status that cannot be reached in one', async () => {
    const { msg, flow } = await guarded(
      message('Released', 'Complete', {
        payload: { status: 'Complete', quantityCompleted: 100 },
        event: { at: AT },
        retry: { ...COUNTER },
      }),
      STEPS,
    );
    const [first, second, ...more] = await flow.count('allowed', 2);
    expect(first).toBe(msg);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      payload: { status: 'In Progress' },
      guard: { from: 'Released', to: 'In Progress', eventAt: AT },
      record: { version: '"v1"', values: { status: 'Released' } },
      parts: { type: 'array', index: 0, count: 2, len: 1 },
    });
    expect(first?.payload).not.toHaveProperty('quantityCompleted');
    expect(second).toMatchObject({
      payload: { status: 'Complete', quantityCompleted: 100 },
      guard: { from: 'In Progress', to: 'Complete' },
      parts: { index: 1, count: 2 },
    });
    expect(second?.guard).not.toHaveProperty('eventAt');
    expect(second?.record).toEqual({ key: 'WO-1', url: URL });
    expect((second?.parts as { id: string }).id).toBe((first?.parts as { id: string }).id);
    expect(second).not.toHaveProperty('retry');
    await flow.shows('guard', 'transition-guard.status.steps');
  });

  it('bring along what their states require', async () => {
    const states = STATES.map(state =>
      state.name === 'In Progress' ? { ...state, required: ['workCenter'] } : state,
    );
    const payload = { status: 'Rework', workCenter: 'WC-7', ...FORM };
    const { flow } = await guarded(message('Released', 'Rework', { payload }), {
      ...STEPS,
      states,
    });
    const [first, second] = await flow.count('allowed', 2);
    expect(first?.payload).toEqual({ status: 'In Progress', workCenter: 'WC-7' });
    expect(second?.payload).toEqual(payload);
  });

  it('none is sent when a later one lacks a field', async () => {
    const { at, msg, flow } = await guarded(message('Released', 'Rework'), STEPS);
    expect(at).toBe('refused');
    expect(msg.update).toMatchObject({
      outcome: 'rejected',
      refused: { reason: 'missing-fields', from: 'Released', missing: Object.keys(FORM) },
    });
    expect(flow.inbox('allowed')).toEqual([]);
  });

  it.each([
    [
      'busy',
      { openRule: 'any', openByField: 'openedBy' },
      { status: 'Released', openedBy: 'ann' },
      'busy',
    ],
    [
      'EVENT_LATE',
      { sinceField: 'since' },
      { status: 'Released', since: '2025-02-08T15:00:00Z' },
      'invalid-transition',
    ],
  ] as const)(
    'none is sent when the first may not be made: %s',
    async (_, config, values, reason) => {
      const { at, msg } = await guarded(
        { record: snapshot(values), payload: { status: 'Complete' }, event: { at: AT } },
        { ...STEPS, ...config },
      );
      expect(at).toBe('refused');
      expect(msg.update?.refused).toMatchObject({ reason, from: 'Released', to: 'Complete' });
    },
  );

  it('a status that no path leads to is refused', async () => {
    const { at, msg } = await guarded(message('Closed', 'Complete'), STEPS);
    expect(at).toBe('refused');
    expect(msg.update?.error?.code).toBe('INVALID_TRANSITION');
  });

  it('start once the operator has closed the record', async () => {
    const config = {
      ...STEPS,
      openRule: 'any',
      openByField: 'openedBy',
      whenOpen: 'retry',
    } as const;
    const open = snapshot({ status: 'Released', openedBy: 'ann' });
    const { msg, flow } = await guarded({ record: open, payload: { status: 'Complete' } }, config);
    expect(msg.update).toMatchObject({ outcome: 'retry', cause: 'busy' });
    flow.send('guard', { ...msg, record: snapshot({ status: 'Released', openedBy: null }) });
    const steps = await flow.count('allowed', 2);
    expect(steps.map(({ guard }) => guard?.to)).toEqual(['In Progress', 'Complete']);
    for (const step of steps) expect(step).not.toHaveProperty('update');
  });

  it('keep the sequence around them', async () => {
    const outer = { id: 'outer', index: 3, count: 9 };
    const { flow } = await guarded(message('Released', 'Complete', { parts: outer }), STEPS);
    for (const step of await flow.count('allowed', 2)) {
      expect(step.parts).toMatchObject({ count: 2, parts: outer });
    }
  });

  it('keep what conditional-update builds the changes from', async () => {
    const event = { at: AT, id: 'E-1', status: 'Complete' };
    const { flow } = await guarded(message('Released', 'Complete', { event }), {
      ...STEPS,
      changes: 'event',
      required: 'update',
    });
    const steps = await flow.count('allowed', 2);
    expect(steps.map(step => step.event)).toEqual([{ ...event, status: 'In Progress' }, event]);
  });

  it('are applied one after the other, each with a version of its own', async () => {
    const sandbox = await startPractice();
    sandbox.workOrders.touch(WORK_ORDER, { status: 'Released' });
    const flow = await Flow.start([
      workOrdersAt(sandbox),
      fetchNode('fetch', [['guard'], ['refused']], { collection: 'work-orders' }),
      guardNode('guard', [['update'], ['refused']], { states: STATES, ...STEPS }),
      updateNode('update', [['done'], ['failed']], {
        collection: 'work-orders',
        key: 'record.key',
      }),
      ...inboxes('done', 'refused', 'failed'),
      ...catcher(),
    ]);
    flow.send('fetch', {
      key: WORK_ORDER,
      payload: { status: 'Complete', quantityCompleted: 7 },
    });
    await flow.count('done', 2);
    expect(sandbox.workOrders.get(WORK_ORDER)?.values).toMatchObject({
      status: 'Complete',
      quantityCompleted: 7,
    });
    const writes = sandbox.workOrders
      .requests(WORK_ORDER)
      .filter(({ method }) => method === 'PATCH');
    expect(writes.map(({ status }) => status)).toEqual([200, 200]);
  });
});
