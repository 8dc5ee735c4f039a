import { describe, expect, it } from 'vitest';
import { catcher, fetchNode, guardNode, inboxes, updateNode } from '../../support/flow-nodes';
import { startPractice, WORK_ORDER, workOrdersAt } from '../../support/flow-practice';
import { Flow, useNodeRed } from '../../support/flow-runtime';
import { AT, COUNTER, guarded, message, snapshot, STATES, URL } from './guarded';

useNodeRed();

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
