import { beforeEach, describe, expect, it } from 'vitest';
import type { TransitionGuard } from '../../lib/lifecycle/guard';
import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import type { Sandbox } from '../../sandbox/index';
import { WORK_ORDERS } from '../support/engine-guard';
import {
  backoffNode,
  catcher,
  fetchNode,
  guardNode,
  inboxes,
  switchNode,
  updateNode,
} from '../support/flow-nodes';
import {
  methodsOf,
  requestCount,
  startPractice,
  WORK_ORDER,
  workOrdersAt,
} from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

const AT = { collection: 'work-orders' };
const COMPLETE = { key: WORK_ORDER, payload: { status: 'Complete' } };
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startPractice();
  sandbox.workOrders.put({ workOrderId: WORK_ORDER, status: 'In Progress' });
});

function guard(part: Partial<TransitionGuard> = {}): TransitionGuard {
  const url = `${sandbox.url}/api/work-orders/${WORK_ORDER}`;
  const decision = { from: 'In Progress', to: 'Complete' };
  return { url, field: 'status', ...decision, machine: WORK_ORDERS, ...part };
}

function statusNow(): unknown {
  return sandbox.workOrders.get(WORK_ORDER)?.values.status;
}

async function pass(msg: Msg, node: Partial<ConditionalUpdateConfig> = {}) {
  const flow = await Flow.start([
    workOrdersAt(sandbox),
    updateNode('update', [['updated'], ['not-updated']], { ...AT, ...node }),
    ...inboxes('updated', 'not-updated'),
    ...catcher(),
  ]);
  return flow.pass('update', msg);
}

describe('a guard that came with the message', () => {
  it('allows the transition, and is gone with it', async () => {
    const { at, msg } = await pass({ ...COMPLETE, guard: guard(), topic: 'a' });
    expect(at).toBe('updated');
    expect(msg).not.toHaveProperty('guard');
    expect(msg).toMatchObject({ ...COMPLETE, topic: 'a' });
  });

  it('refuses a status that moved: no write, and the reason in msg.update', async () => {
    sandbox.workOrders.touch(WORK_ORDER, { status: 'On Hold' });
    const { at, msg } = await pass({ ...COMPLETE, guard: guard() }, { rule: 'overwrite' });
    expect(at).toBe('not-updated');
    expect(msg.update).toMatchObject({
      outcome: 'invalid-state',
      verified: true,
      attempts: [],
      refused: { reason: 'invalid-transition', from: 'On Hold', decidedOn: 'In Progress' },
    });
    expect(msg).not.toHaveProperty('guard');
    expect(JSON.parse(JSON.stringify(msg.update))).toEqual(msg.update);
    expect(methodsOf(sandbox.workOrders, WORK_ORDER)).toEqual(['GET']);
  });

  it('stays in the message while a wired loop goes on', async () => {
    sandbox.workOrders.touch(WORK_ORDER, { openedBy: 'operator 7' });
    const open = { rule: 'any', byField: 'openedBy' } as const;
    const { msg } = await pass({ ...COMPLETE, guard: guard({ open }) }, { mode: 'once' });
    expect(msg.update).toMatchObject({ outcome: 'retry', cause: 'busy' });
    expect(msg.guard).toEqual(guard({ open }));
  });

  it('can be in another place', async () => {
    sandbox.workOrders.touch(WORK_ORDER, { status: 'On Hold' });
    const my = { guard: guard() };
    const { msg } = await pass({ ...COMPLETE, my }, { guard: 'my.guard' });
    expect(msg.update?.outcome).toBe('invalid-state');
    expect(msg.my).toEqual({});
  });

  it('in a place that cannot be named is a fault, not an update without a guard', async () => {
    const { at, msg } = await pass({ ...COMPLETE, guard: guard() }, { guard: 'my guard' });
    expect([at, msg.error?.code]).toEqual(['caught', 'PROPERTY_INVALID']);
    expect(requestCount(sandbox)).toBe(0);
  });

  it('ends with the loop when the record cannot be read any more', async () => {
    const flow = await Flow.start([
      workOrdersAt(sandbox),
      fetchNode('fetch', [['read'], ['not-read']], AT),
      ...inboxes('read', 'not-read'),
      ...catcher(),
    ]);
    const update = { outcome: 'retry', cause: 'busy' } as never;
    const gone = { ...COMPLETE, key: 'WO-GONE', update, guard: guard() };
    const { at, msg } = await flow.pass('fetch', gone);
    expect([at, msg.update?.outcome]).toEqual(['not-read', 'not-found']);
    expect(msg).not.toHaveProperty('guard');
  });

  it.each([undefined, null])('is none when it is %s', async none => {
    const { at } = await pass({ ...COMPLETE, my: { guard: none } }, { guard: 'my.guard' });
    expect(at).toBe('updated');
  });
});

describe('a guard that cannot be meant', () => {
  it.each([
    ['GUARD_INVALID', 'no object', () => 'In Progress'],
    ['GUARD_INVALID', 'no machine', () => ({ ...guard(), machine: undefined })],
    ['GUARD_MISMATCH', 'another record', () => guard({ url: `${guard().url}0` })],
    ['GUARD_MISMATCH', 'another field', () => guard({ field: 'materialStatus' })],
    ['GUARD_MISMATCH', 'another status', () => guard({ to: 'On Hold' })],
  ])('%s, %s: goes to Catch before any request', async (code, _name, given) => {
    const before = given();
    const { at, msg } = await pass({ ...COMPLETE, guard: before } as Msg);
    expect([at, msg.error?.code]).toEqual(['caught', code]);
    expect(msg.error?.message).toContain('transition-guard');
    expect(msg.guard).toEqual(before);
    expect(requestCount(sandbox)).toBe(0);
  });
});

describe('in a wired loop with transition-guard', () => {
  async function deploy(): Promise<Flow> {
    return Flow.start([
      workOrdersAt(sandbox, { base: 0.01, cap: 0.02 }),
      fetchNode('fetch', [['guard'], ['end']], {
        ...AT,
        fields: 'status, openedBy',
        fieldsType: 'str',
      }),
      guardNode('guard', [['allowed', 'update'], ['switch']], {
        states: [...WORK_ORDERS.states],
        ...{ openRule: 'any', openByField: 'openedBy', whenOpen: 'retry' },
      }),
      updateNode('update', [['switch'], ['switch']], { ...AT, mode: 'once', rule: 'overwrite' }),
      switchNode('switch', [['end'], ['again', 'wait'], ['end'], ['end']]),
      backoffNode('wait', [['fetch'], ['end']]),
      ...inboxes('allowed', 'again', 'end'),
      ...catcher(['caught', 'end']),
    ]);
  }

  async function end(flow: Flow): Promise<Msg> {
    flow.send('fetch', { ...COMPLETE });
    const [out] = await flow.count('end', 1);
    for (const name of ['guard', 'retry']) expect(out).not.toHaveProperty(name);
    for (const name of ['base', 'pending']) expect(out?.update).not.toHaveProperty(name);
    return out ?? {};
  }

  /** Somebody changes the work order after the first decision, before the write. */
  function overtake(flow: Flow, fields: Record<string, unknown>): void {
    let isDone = false;
    flow.onReceive('allowed', () => {
      if (!isDone) sandbox.workOrders.touch(WORK_ORDER, fields);
      isDone = true;
    });
  }

  it('noise heals', async () => {
    const flow = await deploy();
    overtake(flow, { notes: 'x' });
    expect((await end(flow)).update?.outcome).toBe('updated');
    expect(flow.inbox('allowed').map(({ guard: at }) => at?.from)).toEqual(
      Array(2).fill('In Progress'),
    );
  });

  it('trap 7: a status that moved after the decision is never overwritten', async () => {
    const flow = await deploy();
    overtake(flow, { status: 'On Hold' });
    const { update } = await end(flow);
    expect(update).toMatchObject({ outcome: 'invalid-state', refused: { from: 'On Hold' } });
    expect(statusNow()).toBe('On Hold');
    expect(methodsOf(sandbox.workOrders, WORK_ORDER)).toEqual(['GET', 'PATCH', 'GET']);
  });

  it('trap 7: nor one that moved while the loop waited', async () => {
    const flow = await deploy();
    overtake(flow, { notes: 'x' });
    flow.onReceive('again', () => {
      sandbox.workOrders.touch(WORK_ORDER, { status: 'Rework' });
      sandbox.workOrders.touch(WORK_ORDER, { status: 'On Hold' });
    });
    const { update } = await end(flow);
    expect(update).toMatchObject({ outcome: 'invalid-state', refused: { from: 'On Hold' } });
    expect(statusNow()).toBe('On Hold');
  });

  it('an operator who has the work order open is waited for', async () => {
    const flow = await deploy();
    overtake(flow, { openedBy: 'operator 7' });
    flow.onReceive('again', ({ update }) => {
      expect(update).toMatchObject({ cause: 'busy', refused: { openedBy: 'operator 7' } });
      if (flow.inbox('again').length === 2) {
        sandbox.workOrders.touch(WORK_ORDER, { openedBy: null });
      }
    });
    expect((await end(flow)).update?.outcome).toBe('updated');
    expect(flow.inbox('again').length).toBeGreaterThan(1);
    expect(statusNow()).toBe('Complete');
  });
});
