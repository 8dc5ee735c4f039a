import { describe, expect, it } from 'vitest';
import helper from 'node-red-node-test-helper';
import {
  backoffNode,
  catcher,
  endpoint,
  fetchNode,
  inboxes,
  lockNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { methodsOf, ORDER, ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';
import type { FaultRule, Sandbox } from '../../sandbox/index';

useNodeRed();
useFastClock(3);

const SECRET_VALUE = 'value-that-must-not-be-logged';
const MSG: Msg = { key: ORDER, payload: { description: SECRET_VALUE } };
/** An answer that takes longer than any stop may wait. */
const ANSWER_MS = 60_000;
/** Longer than the grace; less than the 10 s after which a request ends by itself, and than Node-RED's 15 s. */
const STOP_MS = 9_000;
const SLOW: FaultRule = { fault: 'latency', ms: ANSWER_MS };

async function deploy(
  faults: readonly FaultRule[],
  nodes: readonly FlowNode[],
): Promise<{ flow: Flow; sandbox: Sandbox }> {
  const sandbox = await startPractice({ faults });
  const flow = await Flow.start([ordersAt(sandbox), ...nodes, ...inboxes('out'), ...catcher()]);
  return { flow, sandbox };
}

const UPDATE = updateNode('update', [['out'], ['out']]);

/** Stops the flow; every message is done with exactly once, by this code and one log line. */
async function stopped(flow: Flow, node: string, code: string): Promise<string> {
  expect(await flow.stopsWithin(STOP_MS)).toBe(true);
  const done = flow.completionsOf(node);
  expect(done.map(({ error }) => error?.code)).toEqual([code]);
  expect(Object.hasOwn(done[0]?.error ?? {}, 'code')).toBe(true);
  const message = done[0]?.error?.message ?? '';
  expect(flow.warnings.filter(line => line === message)).toHaveLength(1);
  expect(JSON.stringify(flow.logs)).not.toContain(SECRET_VALUE);
  expect(flow.inbox('out')).toEqual([]);
  return message;
}

describe('trap 25: stopping the flow ends', () => {
  it('a read under way, at once', async () => {
    const { flow } = await deploy([SLOW], [fetchNode('fetch', [['out'], ['out']])]);
    flow.send('fetch', { ...MSG });
    await flow.shows('fetch', 'etag-fetch.status.reading');
    const message = await stopped(flow, 'fetch', 'STOPPED');
    expect(message).toContain(ORDER);
  });

  it('the read of an update', async () => {
    const { flow, sandbox } = await deploy([SLOW], [UPDATE]);
    flow.send('update', { ...MSG });
    await flow.shows('update', 'conditional-update.status.reading');
    const message = await stopped(flow, 'update', 'STOPPED');
    expect(message).toContain(ORDER);
    expect(message).toContain('description');
    expect(methodsOf(sandbox.orders, ORDER)).not.toContain('PATCH');
  });

  it('the wait between two tries of an update', async () => {
    const { flow, sandbox } = await deploy(
      [{ fault: 'throttled', retryAfter: '20', on: 'write' }],
      [UPDATE],
    );
    const version = sandbox.orders.get(ORDER)?.version;
    flow.send('update', { ...MSG });
    await flow.shows('update', 'conditional-update.status.throttled');
    const message = await stopped(flow, 'update', 'STOPPED');
    expect(message).toContain(`version sent ${version ?? ''}`);
  });

  it('the wait for the turn at a record', async () => {
    const { flow } = await deploy([], [UPDATE, lockNode('lock', [[], []])]);
    flow.send('lock', { ...MSG });
    await flow.shows('lock', 'record-lock.status.acquired');
    flow.send('update', { ...MSG });
    await flow.shows('update', 'conditional-update.status.queued');
    await stopped(flow, 'update', 'STOPPED');
  });

  it('the wait for a lock', async () => {
    const { flow } = await deploy([], [lockNode('lock', [[], ['out']])]);
    flow.send('lock', { key: ORDER, n: 1 });
    await flow.until(() => flow.completionsOf('lock')[0], 'the first lock');
    flow.send('lock', { key: ORDER, n: 2 });
    await flow.shows('lock', 'record-lock.status.waiting');
    await flow.stop();
    const second = flow.completionsOf('lock').filter(({ msg }) => msg.n === 2);
    expect(second.map(({ error }) => error?.code)).toEqual(['STOPPED']);
    expect(
      flow.warnings.filter(line => line.includes('waited for') && line.includes(ORDER)),
    ).toHaveLength(1);
  });

  const update = (pending: object): Msg['update'] =>
    ({ outcome: 'retry', cause: 'transient', key: ORDER, attempts: [], ...pending }) as never;
  const PENDING = { pending: { versionSent: 'W/"1"', changesHash: 'h', seenUnmoved: false } };

  it.each([
    ['nothing in doubt', {}, 'STOPPED'],
    ['a write in doubt', PENDING, 'UPDATE_UNCERTAIN'],
    ['a settled doubt', { pending: { ...PENDING.pending, settled: true } }, 'STOPPED'],
  ])('the wait of a wired loop with %s', async (_name, pending, code) => {
    const own = { policy: 'own', schedule: 'list', waits: '20', jitter: 'none' } as const;
    const { flow } = await deploy([], [backoffNode('wait', [['out'], ['out']], own)]);
    flow.send('wait', { ...MSG, update: update(pending) } as Msg);
    await flow.shows('wait', 'backoff-delay.status.waiting');
    const message = await stopped(flow, 'wait', code);
    expect(message).toContain(ORDER);
  });

  it('the read of a wired loop with a write in doubt', async () => {
    const { flow } = await deploy([SLOW], [fetchNode('fetch', [['out'], ['out']])]);
    flow.send('fetch', { ...MSG, update: update(PENDING) } as Msg);
    await flow.shows('fetch', 'etag-fetch.status.reading');
    await stopped(flow, 'fetch', 'UPDATE_UNCERTAIN');
  });

  it('fifty updates under way, each done with once', async () => {
    const { flow } = await deploy([SLOW], [UPDATE]);
    for (let n = 1; n <= 50; n++) {
      flow.send('update', {
        key: { ordernumber: `SO-2025-${String(n).padStart(4, '0')}` },
        payload: { name: 'x' },
      });
    }
    await flow.shows('update', 'conditional-update.status.reading');
    await flow.stop();
    const codes = flow.completionsOf('update').map(({ error }) => error?.code);
    expect(codes).toEqual(Array(50).fill('STOPPED'));
  });
});

describe('a write that was already sent', () => {
  /** The status says that it is about to leave. */
  async function hasArrived(sandbox: Sandbox): Promise<void> {
    await expect.poll(() => sandbox.stats().requests.PATCH).toBe(1);
  }

  it('finishes within the grace, and is reported', async () => {
    const { flow, sandbox } = await deploy([{ fault: 'latency', ms: 300, on: 'write' }], [UPDATE]);
    const version = sandbox.orders.get(ORDER)?.version ?? '';
    flow.send('update', { ...MSG });
    await hasArrived(sandbox);
    const message = await stopped(flow, 'update', 'STOPPED');
    expect(message).toContain('"updated"');
    for (const part of [ORDER, version, 'description']) expect(message).toContain(part);
    expect(sandbox.orders.get(ORDER)?.values.description).toBe(SECRET_VALUE);
  });

  it('whose answer does not come is uncertain, after the grace', async () => {
    const { flow, sandbox } = await deploy([{ ...SLOW, on: 'write' }], [UPDATE]);
    const version = sandbox.orders.get(ORDER)?.version ?? '';
    flow.send('update', { ...MSG });
    await hasArrived(sandbox);
    const message = await stopped(flow, 'update', 'UPDATE_UNCERTAIN');
    for (const part of [ORDER, version, 'description']) expect(message).toContain(part);
  });

  it('whose answer is lost is uncertain, and nothing is read or written again', async () => {
    const { flow, sandbox } = await deploy(
      [
        { fault: 'latency', ms: 600, on: 'write' },
        { fault: 'lost-response', on: 'write' },
      ],
      [UPDATE],
    );
    flow.send('update', { ...MSG });
    await hasArrived(sandbox);
    await stopped(flow, 'update', 'UPDATE_UNCERTAIN');
    expect(methodsOf(sandbox.orders, ORDER)).toEqual(['GET', 'PATCH']);
  });
});

describe('a redeploy', () => {
  it('takes up new messages, and shows nothing of the stopped ones later on', async () => {
    const sandbox = await startPractice({ faults: [SLOW] });
    const nodes = [ordersAt(sandbox), UPDATE, ...inboxes('out')];
    const flow = await Flow.start(nodes);
    flow.send('update', { ...MSG });
    await flow.shows('update', 'conditional-update.status.reading');
    sandbox.faults.clear();
    await flow.redeploy(nodes);
    expect(flow.completionsOf('update').map(({ error }) => error?.code)).toEqual(['STOPPED']);
    flow.send('update', { ...MSG });
    const [out] = await flow.count('out', 1);
    expect(out?.update?.outcome).toBe('updated');
    await flow.shows('update', 'conditional-update.status.updated');
    const shown = flow.statuses
      .filter(({ id }) => id === 'update')
      .map(({ status }) => status.text);
    expect(shown.lastIndexOf('conditional-update.status.stopped')).toBeLessThan(
      shown.indexOf('conditional-update.status.updated'),
    );
  });

  it('leaves no status to a timer that would outlive the node', async () => {
    const { flow } = await deploy([SLOW], [UPDATE]);
    flow.send('update', { ...MSG });
    await flow.shows('update', 'conditional-update.status.reading');
    await flow.stop();
    expect(flow.statuses.findLast(({ id }) => id === 'update')?.status.text).toBe(
      'conditional-update.status.stopped',
    );
  });

  it('starts no Practice API for a message that comes too late', async () => {
    const flow = await Flow.start([endpoint(), UPDATE, ...inboxes('out'), ...catcher()]);
    const late = helper.getNode('endpoint') as unknown as { connect(): Promise<unknown> };
    await flow.stop();
    await expect(late.connect()).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('closes the Practice API', async () => {
    const flow = await Flow.start([endpoint(), UPDATE, ...inboxes('out')]);
    const { msg } = await flow.pass('update', { ...MSG });
    const { origin } = new URL(msg.record?.url ?? '');
    await flow.stop();
    await expect(fetch(origin)).rejects.toThrow();
  });
});
