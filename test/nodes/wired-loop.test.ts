import { describe, expect, it } from 'vitest';
import type { BackoffDelayConfig } from '../../nodes/backoff-delay/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import type { Sandbox, SandboxOptions } from '../../sandbox/index';
import {
  backoffNode,
  catcher,
  fetchNode,
  inboxes,
  lockNode,
  releaseNode,
  switchNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { methodsOf, ORDER, ordersAt, requestCount, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
useFastClock(5);

const FAST = { base: 0.01, cap: 0.02 };

/** etag-fetch → conditional-update → conflict-switch → backoff-delay → etag-fetch, with record-lock around it. */
function loop(backoff: Partial<BackoffDelayConfig> = {}): FlowNode[] {
  return [
    // Nobody loses patience in the line, however busy the machine is.
    lockNode('acquire', [['fetch'], ['release']], { wait: 3_600 }),
    fetchNode('fetch', [['read', 'update'], ['release']]),
    updateNode('update', [['switch'], ['switch']], { mode: 'once' }),
    switchNode('switch', [['release'], ['again', 'wait'], ['release'], ['release']]),
    backoffNode('wait', [['fetch'], ['release']], backoff),
    releaseNode('release', [['end']]),
    ...inboxes('read', 'again', 'end'),
    ...catcher(['caught', 'release']),
  ];
}

interface Setup {
  readonly sandbox?: SandboxOptions;
  readonly endpoint?: Partial<RecordEndpointConfig>;
  readonly backoff?: Partial<BackoffDelayConfig>;
}

async function deploy(setup: Setup = {}): Promise<{ flow: Flow; sandbox: Sandbox }> {
  const sandbox = await startPractice(setup.sandbox);
  const nodes = [ordersAt(sandbox, { ...FAST, ...setup.endpoint }), ...loop(setup.backoff)];
  return { flow: await Flow.start(nodes), sandbox };
}

const MSG = { key: ORDER, payload: { orderstatus: 'Shipped' } };

async function end(flow: Flow, msg: Msg = { ...MSG }): Promise<Msg> {
  flow.send('acquire', msg);
  const [out] = await flow.count('end', 1);
  expectClean(out);
  return out ?? {};
}

/** A final outcome leaves nothing of the loop behind. */
function expectClean(msg: Msg | undefined): void {
  expect(msg?.update?.outcome).not.toBe('retry');
  for (const name of ['base', 'pending']) expect(msg?.update).not.toHaveProperty(name);
  for (const name of ['retry', 'lock']) expect(msg).not.toHaveProperty(name);
  expect(msg?.payload).toEqual(MSG.payload);
}

it('updates with two requests when nobody interferes', async () => {
  const { flow, sandbox } = await deploy();
  const out = await end(flow);
  expect(out.update?.outcome).toBe('updated');
  expect(methodsOf(sandbox.orders, ORDER)).toEqual(['GET', 'PATCH']);
});

it('noise heals: the pass after it writes on the new version and keeps the first baseline', async () => {
  const { flow, sandbox } = await deploy();
  const touched = disturbAfterReads(flow, sandbox, 2, { warehousestatus: 'Picked' });
  const out = await end(flow);
  expect(out.update?.outcome).toBe('updated');
  expect(touched()).toBe(2);
  const passes = flow.inbox('again');
  expect(passes.map(msg => msg.update?.cause)).toEqual(['noise', 'noise']);
  const first = flow.inbox('read')[0]?.record?.version;
  expect(passes.map(msg => msg.update?.base?.snapshot.version)).toEqual([first, first]);
});

it('an operator who changes a target between two passes is a conflict', async () => {
  const { flow, sandbox } = await deploy();
  disturbAfterReads(flow, sandbox, 1, { warehousestatus: 'Picked' });
  void flow.count('again', 1).then(() => {
    sandbox.orders.touch(ORDER, { orderstatus: 'Cancelled' });
  });
  const out = await end(flow);
  expect(out.update).toMatchObject({
    outcome: 'conflict',
    conflict: {
      fields: [{ name: 'orderstatus', base: 'New', ours: 'Shipped', theirs: 'Cancelled' }],
    },
  });
  expect(sandbox.orders.get(ORDER)?.values.orderstatus).toBe('Cancelled');
});

it('a second update on the same message starts from zero', async () => {
  const { flow, sandbox } = await deploy();
  disturbAfterReads(flow, sandbox, 1, { warehousestatus: 'Picked' });
  const out = await end(flow);
  flow.send('acquire', { ...out, payload: { orderstatus: 'Delivered' } });
  const [, second] = await flow.count('end', 2);
  expect(second?.update).toMatchObject({ outcome: 'updated' });
  expect(second?.retry).toBeUndefined();
});

describe('msg.retry', () => {
  it('has the shape of the contract, and counts the passes', async () => {
    const { flow, sandbox } = await deploy();
    disturbAfterReads(flow, sandbox, 2, { warehousestatus: 'Picked' });
    await end(flow);
    const [, second, third] = flow.inbox('read');
    expect(second?.retry).toEqual({
      node: 'wait',
      key: ORDER,
      count: 1,
      causes: { noise: 1 },
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      delayMs: 0,
    });
    expect(third?.retry).toMatchObject({ count: 2, startedAt: second?.retry?.startedAt });
  });

  it('of another node or record is not counted on', async () => {
    const { flow, sandbox } = await deploy({ endpoint: { conflictRetries: 1 } });
    disturbAfterReads(flow, sandbox, 1, { warehousestatus: 'Picked' });
    const startedAt = new Date().toISOString();
    const used = { count: 7, causes: { noise: 7 }, startedAt, delayMs: 0 };
    flow.send('acquire', { ...MSG, retry: { ...used, node: 'other', key: ORDER } });
    await flow.count('end', 1);
    expect(flow.inbox('read')[1]?.retry).toMatchObject({ node: 'wait', count: 1 });
    disturbAfterReads(flow, sandbox, 1, { warehousestatus: 'Packed' });
    const payload = { orderstatus: 'Delivered' };
    flow.send('acquire', { key: ORDER, payload, retry: { ...used, node: 'wait', key: 'other' } });
    const [, out] = await flow.count('end', 2);
    expect(out?.update?.outcome).toBe('updated');
  });
});

describe('given up', () => {
  it('noise that goes on is exhausted, and keeps the cause', async () => {
    const { flow } = await deploy({
      sandbox: { load: { noise: 1, target: 0 } },
      endpoint: { conflictRetries: 2 },
    });
    const out = await end(flow);
    expect(out.update).toMatchObject({ outcome: 'exhausted', cause: 'noise' });
    expect(flow.inbox('again')).toHaveLength(3);
  });

  it('a server that fails is unavailable', async () => {
    const { flow } = await deploy({
      sandbox: { faults: [{ fault: 'unavailable', on: 'write' }] },
      endpoint: { transientRetries: 1 },
    });
    const out = await end(flow);
    expect(out.update).toMatchObject({ outcome: 'unavailable', cause: 'transient' });
  });

  it('a write whose fate stays unknown is uncertain', async () => {
    const { flow } = await deploy({
      sandbox: { faults: [{ fault: 'latency', ms: 60_000, on: 'write' }] },
      // Longer than a read takes on a busy machine.
      endpoint: { transientRetries: 1, timeout: 1.5 },
    });
    const out = await end(flow);
    expect(out.update?.outcome).toBe('uncertain');
    expect(flow.inbox('again')[0]?.update?.pending).toMatchObject({
      versionSent: expect.stringMatching(/^W\//) as string,
      changesHash: expect.any(String) as string,
    });
  });

  it('throttling beyond the deadline is exhausted at once, with the time the server named', async () => {
    const { flow } = await deploy({
      sandbox: { faults: [{ fault: 'throttled', retryAfter: '60', on: 'write' }] },
    });
    const out = await end(flow);
    expect(out.update).toMatchObject({ outcome: 'exhausted', cause: 'throttled' });
    expect(Date.parse(out.update?.notBefore ?? '')).toBeGreaterThan(Date.now() + 50_000);
  });
});

it('a lost answer is found in place by the next pass', async () => {
  const { flow, sandbox } = await deploy({
    sandbox: {
      faults: [
        { fault: 'lost-response', on: 'write', times: 1 },
        { fault: 'unavailable', on: 'read', times: 3 },
      ],
    },
    endpoint: { transientRetries: 8 },
  });
  const out = await end(flow);
  expect(out.update?.outcome).toMatch(/^(already-applied|updated)$/);
  expect(sandbox.orders.history(ORDER).filter(({ by }) => by === 'api')).toHaveLength(1);
});

it('notBefore wins over the policy', async () => {
  const { flow } = await deploy({
    sandbox: { faults: [{ fault: 'throttled', retryAfter: '1', on: 'write', times: 1 }] },
  });
  const out = await end(flow);
  expect(out.update?.outcome).toBe('updated');
  expect(flow.inbox('read')[1]?.retry?.delayMs).toBeGreaterThan(400);
});

it('the Catch node leads to the release: the next message gets the lock', async () => {
  const { flow } = await deploy();
  flow.send('acquire', { key: ORDER, payload: 'no changes' });
  const [failed] = await flow.count('end', 1);
  expect(failed?.error?.code).toBe('CHANGES_INVALID');
  expect(failed).not.toHaveProperty('lock');
  flow.send('acquire', { ...MSG });
  const [, next] = await flow.count('end', 2);
  expect(next?.update?.outcome).toBe('updated');
});

it('conditional-update takes no lock of its own under the lease of the message', async () => {
  const { flow, sandbox } = await deploy();
  for (let n = 0; n < 20; n++)
    flow.send('acquire', { key: ORDER, payload: { description: String(n) } });
  const ends = await flow.count('end', 20);
  expect(ends.map(msg => msg.update?.outcome)).toEqual(Array(20).fill('updated'));
  expect(requestCount(sandbox)).toBe(40);
  // First come, first served.
  expect(ends.map(msg => (msg.payload as { description: string }).description)).toEqual(
    ends.map((_, n) => String(n)),
  );
});

/** Changes the record after each of the first reads, before the write that follows. */
function disturbAfterReads(
  flow: Flow,
  sandbox: Sandbox,
  times: number,
  fields: Record<string, unknown>,
): () => number {
  let done = 0;
  const options = ['Allocated', 'Picked', 'Packed', 'Pending'];
  const noise = (): void => {
    const isStatus = Object.hasOwn(fields, 'warehousestatus');
    sandbox.orders.touch(
      ORDER,
      isStatus ? { warehousestatus: options[done % 4] } : fields,
      'background',
    );
  };
  flow.onReceive('read', () => {
    if (done >= times) return;
    done += 1;
    noise();
  });
  return () => done;
}
