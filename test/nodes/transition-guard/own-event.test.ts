import { beforeEach, describe, expect, it } from 'vitest';
import { WORK_ORDERS } from '../../../lib/lifecycle/presets';
import type { MachineState } from '../../../lib/lifecycle/machine';
import type { TransitionGuardConfig } from '../../../nodes/transition-guard/config';
import type { Sandbox } from '../../../sandbox/index';
import {
  backoffNode,
  catcher,
  fetchNode,
  guardNode,
  inboxes,
  type FlowNode,
  switchNode,
  updateNode,
} from '../../support/flow-nodes';
import { startPractice, WORK_ORDER, workOrdersAt } from '../../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../../support/flow-runtime';

useNodeRed();

const AT = { collection: 'work-orders' };
const READ = { ...AT, fields: 'status, statusSince', fieldsType: 'str' } as const;
const STATES = { states: WORK_ORDERS.states as MachineState[], sinceField: 'statusSince' };

let sandbox: Sandbox;
let flow: Flow;

beforeEach(async () => {
  sandbox = await startPractice();
  sandbox.workOrders.put({ workOrderId: WORK_ORDER, status: 'Released' });
  flow = await Flow.start(chain());
});

/** A chain that leaves it to the API to note since when a record is in its status. */
function chain(config: Partial<TransitionGuardConfig> = {}): FlowNode[] {
  return [
    workOrdersAt(sandbox, { base: 0.01, cap: 0.02 }),
    { ...workOrdersAt(sandbox), id: 'other-endpoint' },
    fetchNode('fetch', [['guard'], ['end']], READ),
    fetchNode('fetch-elsewhere', [['guard'], ['end']], { ...READ, endpoint: 'other-endpoint' }),
    guardNode('guard', [['allowed', 'update'], ['end']], { ...STATES, ...config }),
    updateNode('update', [['switch'], ['switch']], { ...AT, mode: 'once' }),
    switchNode('switch', [['end'], ['wait'], ['end'], ['end']]),
    backoffNode('wait', [['fetch'], ['end']]),
    ...inboxes('allowed', 'end'),
    ...catcher(['caught', 'end']),
  ];
}

const MINUTE = 60_000;
const NOW = Date.now();

/** All events happened before the first of them was written: the API is that far behind. */
const minutesAgo = (minutes: number): string => new Date(NOW - minutes * MINUTE).toISOString();

/** Passes on one event; what became of it. */
async function happened(status: string, at: string, by = 'fetch'): Promise<Msg['update']> {
  const before = flow.inbox('end').length;
  flow.send(by, { key: WORK_ORDER, payload: { status }, event: { at } });
  const ends = await flow.count('end', before + 1);
  return ends.at(-1)?.update;
}

/** Somebody else changes the work order after the guard has allowed a transition, before the write. */
function overtaken(...changes: readonly Record<string, unknown>[]): void {
  let isDone = false;
  flow.onReceive('allowed', () => {
    if (!isDone) for (const fields of changes) sandbox.workOrders.touch(WORK_ORDER, fields);
    isDone = true;
  });
}

const UPDATED = { outcome: 'updated' };
const LATE = { outcome: 'invalid-state', error: { code: 'EVENT_LATE' } };

describe('an event from before our own write of the one before arrived', () => {
  beforeEach(async () => {
    expect(await happened('In Progress', minutesAgo(10))).toMatchObject(UPDATED);
  });

  it('is in time: it is compared with that event', async () => {
    expect(await happened('On Hold', minutesAgo(8))).toMatchObject(UPDATED);
    expect(await happened('In Progress', minutesAgo(6))).toMatchObject(UPDATED);
  });

  it('of the very same time is in time', async () => {
    expect(await happened('On Hold', minutesAgo(10))).toMatchObject(UPDATED);
  });

  it('that is older than that event is late, and told with its time', async () => {
    const update = await happened('On Hold', minutesAgo(11));
    expect(update).toMatchObject(LATE);
    expect(update?.refused?.late).toEqual({ eventAt: minutesAgo(11), since: minutesAgo(10) });
  });

  it('is in time where somebody else changes other fields before its write', async () => {
    overtaken({ notes: 'x' });
    const update = await happened('On Hold', minutesAgo(8));
    expect(update).toMatchObject(UPDATED);
    expect(flow.inbox('allowed')).toHaveLength(3);
  });

  it('is late where somebody else sets the status anew before its write', async () => {
    overtaken({ status: 'On Hold' }, { status: 'In Progress' });
    expect(await happened('Complete', minutesAgo(8))).toMatchObject(LATE);
  });

  it.each([
    ['other fields', [{ notes: 'x' }]],
    ['the status, there and back', [{ status: 'On Hold' }, { status: 'In Progress' }]],
  ])('is late where somebody else has changed %s before it was read', async (_name, changes) => {
    for (const fields of changes) sandbox.workOrders.touch(WORK_ORDER, fields);
    expect(await happened('Complete', minutesAgo(8))).toMatchObject(LATE);
  });

  it('is late where another endpoint reads, which knows nothing of that write', async () => {
    expect(await happened('On Hold', minutesAgo(8), 'fetch-elsewhere')).toMatchObject(LATE);
  });

  it('is late after a deploy, which nobody remembers that write over', async () => {
    await flow.redeploy(chain());
    expect(await happened('On Hold', minutesAgo(8))).toMatchObject(LATE);
  });
});

it('is late where the answer to that write was lost: somebody else may have set the status', async () => {
  sandbox.faults.add({ fault: 'lost-response', on: 'write', times: 1 });
  expect(await happened('In Progress', minutesAgo(10))).toMatchObject({
    outcome: 'already-applied',
  });
  expect(await happened('On Hold', minutesAgo(8))).toMatchObject(LATE);
});

it('is late where nobody looked whether that event itself was late', async () => {
  await flow.redeploy(chain({ sinceField: '' }));
  expect(await happened('In Progress', minutesAgo(10))).toMatchObject(UPDATED);
  flow.send('fetch', {
    key: WORK_ORDER,
    payload: { status: 'On Hold' },
    event: { at: minutesAgo(8) },
  });
  const [, { record } = {}] = await flow.count('allowed', 2);
  expect(record).toMatchObject({ values: { status: 'In Progress' } });
  expect(record).not.toHaveProperty('transition');
});
