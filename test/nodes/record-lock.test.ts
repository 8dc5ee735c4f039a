import { describe, expect, it } from 'vitest';
import type { RecordLockConfig } from '../../nodes/record-lock/config';
import type { Sandbox } from '../../sandbox/index';
import {
  catcher,
  inboxes,
  lockNode,
  releaseNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { ORDER, ordersAt, requestCount, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
const clock = useFastClock(1);

async function deploy(
  lock: Partial<RecordLockConfig> = {},
  more: readonly FlowNode[] = [],
): Promise<{ flow: Flow; sandbox: Sandbox }> {
  const sandbox = await startPractice();
  const flow = await Flow.start([
    ordersAt(sandbox),
    lockNode('acquire', [['acquired'], ['not-acquired']], lock),
    releaseNode('release', [['released']]),
    ...inboxes('acquired', 'not-acquired', 'released'),
    ...catcher(),
    ...more,
  ]);
  return { flow, sandbox };
}

const order = (n: number): Msg => ({ key: ORDER, n });

describe('acquire', () => {
  it('puts the lease into the message as plain data', async () => {
    const { flow } = await deploy();
    const { at, msg } = await flow.pass('acquire', { key: ORDER, payload: 'as it was' });
    expect(at).toBe('acquired');
    expect(msg).toMatchObject({ key: ORDER, payload: 'as it was' });
    expect(msg.lock).toMatchObject({ endpoint: 'endpoint', key: ORDER });
    expect(msg.lock?.url).toContain(ORDER);
    expect(JSON.parse(JSON.stringify(msg.lock))).toEqual(msg.lock);
    const leaseMs = Date.parse(msg.lock?.expiresAt ?? '') - Date.now();
    expect(leaseMs).toBeGreaterThan(25_000);
    expect(leaseMs).toBeLessThanOrEqual(30_000);
  });

  it('grants first come, first served, with a fence that only grows', async () => {
    const { flow } = await deploy();
    for (let n = 0; n < 6; n++) flow.send('acquire', order(n));
    for (let n = 0; n < 6; n++) {
      const [latest] = (await flow.count('acquired', n + 1)).slice(-1);
      expect(latest?.n).toBe(n);
      flow.send('release', { ...latest });
    }
    const fences = flow.inbox('acquired').map(msg => msg.lock?.fence ?? 0);
    expect(fences).toEqual([...fences].sort((a, b) => a - b));
    expect(new Set(fences).size).toBe(6);
  });

  it('lets a message through that holds the record already: a loop does not wait for itself', async () => {
    const { flow } = await deploy({ wait: 0.05 });
    const { msg } = await flow.pass('acquire', { key: ORDER });
    const again = await flow.pass('acquire', msg);
    expect(again.at).toBe('acquired');
    expect(again.msg.lock?.token).toBe(msg.lock?.token);
    expect((await flow.pass('acquire', { key: ORDER })).at).toBe('not-acquired');
  });

  it('trap 25: spellings of one GUID share one lock', async () => {
    const { flow } = await deploy({ wait: 0.05 });
    await flow.pass('acquire', { key: ORDER });
    for (const key of [ORDER.toUpperCase(), `{${ORDER}}`, { salesorderid: ORDER }]) {
      const { at } = await flow.pass('acquire', { key });
      expect(at).toBe('not-acquired');
    }
  });

  it('locks different records apart', async () => {
    const { flow } = await deploy({ wait: 0.05 });
    await flow.pass('acquire', { key: { ordernumber: 'SO-2025-0001' } });
    const { at } = await flow.pass('acquire', { key: { ordernumber: 'SO-2025-0002' } });
    expect(at).toBe('acquired');
  });

  it('busy when the lock is not granted in time', async () => {
    const { flow, sandbox } = await deploy({ wait: '0.05' });
    await flow.pass('acquire', order(1));
    const { at, msg } = await flow.pass('acquire', order(2));
    expect(at).toBe('not-acquired');
    expect(msg.update).toMatchObject({
      outcome: 'busy',
      verified: false,
      key: ORDER,
      attempts: [],
      error: { code: 'LOCK_TIMEOUT' },
    });
    expect(msg).not.toHaveProperty('lock');
    expect(requestCount(sandbox)).toBe(0);
  });

  it('busy at once when too many wait already', async () => {
    const { flow } = await deploy({ queueLimit: 1 });
    for (let n = 0; n < 3; n++) flow.send('acquire', order(n));
    const [turnedAway] = await flow.count('not-acquired', 1);
    expect(turnedAway?.n).toBe(2);
    expect(turnedAway?.update?.error?.code).toBe('LOCK_QUEUE_FULL');
    const [holder] = await flow.count('acquired', 1);
    flow.send('release', holder ?? {});
    await flow.count('acquired', 2);
  });

  it('busy ends a loop: its counter and baseline go, a doubt about a write stays', async () => {
    const { flow } = await deploy({ wait: 0 });
    await flow.pass('acquire', order(1));
    const base = { snapshot: {}, changesHash: 'h' };
    const pending = { versionSent: 'W/"1"', changesHash: 'h', seenUnmoved: false };
    const retry = { node: 'wait', key: ORDER, count: 1, causes: {}, startedAt: '', delayMs: 0 };
    const update = { outcome: 'retry', cause: 'transient', base, pending } as never;
    const { msg } = await flow.pass('acquire', { ...order(2), update, retry });
    expect(msg.update).toMatchObject({ outcome: 'uncertain' });
    for (const name of ['base', 'pending']) expect(msg.update).not.toHaveProperty(name);
    expect(msg).not.toHaveProperty('retry');
  });

  it.each([
    ['lease', { lease: 'long' }],
    ['wait', { wait: '' }],
    ['longest hold', { renew: true, maxHold: 'x' }],
    ['queue limit', { queueLimit: 1.5 }],
  ])('a %s that is no number is an error that leaves no lock behind', async (_name, config) => {
    const { flow } = await deploy(config, [
      lockNode('other', [['acquired'], ['not-acquired']], { wait: 0 }),
    ]);
    const { at, msg } = await flow.pass('acquire', order(1));
    expect([at, msg.error?.code]).toEqual(['caught', 'NUMBER_INVALID']);
    const next = await flow.pass('other', order(2));
    expect(next.at).toBe('acquired');
  });

  it('a place for the lease that cannot be set is an error that leaves no lock behind', async () => {
    const { flow } = await deploy({ lock: 'payload.lock' }, [
      lockNode('other', [['acquired'], ['not-acquired']], { wait: 0 }),
    ]);
    const { at, msg } = await flow.pass('acquire', { key: ORDER, payload: 'text' });
    expect([at, msg.error?.code]).toEqual(['caught', 'PROPERTY_INVALID']);
    const next = await flow.pass('other', order(2));
    expect(next.at).toBe('acquired');
  });
});

describe('release', () => {
  it('takes the lease out of the message, and is idempotent', async () => {
    const { flow } = await deploy({ wait: 0.05 });
    const { msg: held } = await flow.pass('acquire', order(1));
    const { at, msg } = await flow.pass('release', { ...held });
    expect(at).toBe('released');
    expect(msg).not.toHaveProperty('lock');
    const again = await flow.pass('release', { ...held });
    expect(again.at).toBe('released');
    const next = await flow.pass('acquire', order(2));
    expect(next.at).toBe('acquired');
  });

  it('a second release with an old lease does not free the next holder', async () => {
    const { flow } = await deploy({ wait: 0 });
    const { msg: first } = await flow.pass('acquire', order(1));
    await flow.pass('release', { ...first });
    await flow.pass('acquire', order(2));
    await flow.pass('release', { ...first });
    const { at } = await flow.pass('acquire', order(3));
    expect(at).toBe('not-acquired');
  });

  it.each([
    ['nothing', undefined],
    ['text', 'lock'],
    ['an incomplete lease', { token: 't' }],
    ['a lease of an endpoint that is gone', { endpoint: 'gone', url: 'http://a/b', token: 't' }],
    ['a lease that names another node', { endpoint: 'acquired', url: 'http://a/b', token: 't' }],
  ])('a message that holds %s passes through', async (_name, lock) => {
    const { flow } = await deploy();
    const { at } = await flow.pass('release', { key: ORDER, lock: lock as never });
    expect(at).toBe('released');
  });

  it('works on another record-lock node and with another place for the lease', async () => {
    const { flow } = await deploy({ lock: 'my.lock', wait: 0 }, [
      releaseNode('other', [['released']], { lock: 'my.lock' }),
    ]);
    const { msg: held } = await flow.pass('acquire', order(1));
    expect(held.my).toMatchObject({ lock: { key: ORDER } });
    await flow.pass('other', held);
    const { at } = await flow.pass('acquire', order(2));
    expect(at).toBe('acquired');
  });
});

describe('the lease', () => {
  it('expires with a warning that names the record, and lets the next one in', async () => {
    const { flow } = await deploy({ lease: 0.05 });
    await flow.pass('acquire', order(1));
    flow.send('acquire', order(2));
    await flow.count('acquired', 2);
    await flow.shows('acquire', 'record-lock.status.expired');
    const warning = flow.warnings.find(line => line.includes('expired'));
    expect(warning).toContain(ORDER);
    expect(warning).toContain('Catch');
  });

  it('is renewed while the message is under way, up to the longest hold', async () => {
    const { flow } = await deploy({ lease: 30, renew: true, maxHold: 100, wait: 1000 });
    await flow.pass('acquire', order(1));
    flow.send('acquire', order(2));
    await flow.shows('acquire', 'record-lock.status.waiting');
    for (let heldS = 10; heldS < 90; heldS += 10) {
      clock.pass(10_000);
      await new Promise(resolve => setImmediate(resolve));
      expect(flow.inbox('acquired')).toHaveLength(1);
    }
    clock.pass(30_000);
    await flow.count('acquired', 2);
  });

  it('is not renewed any more once released', async () => {
    const { flow } = await deploy({ lease: 30, renew: true, maxHold: 600 });
    const { msg } = await flow.pass('acquire', order(1));
    await flow.pass('release', msg);
    clock.pass(60_000);
    const { at } = await flow.pass('acquire', order(2));
    expect(at).toBe('acquired');
    expect(flow.warnings.filter(line => line.includes('expired'))).toEqual([]);
  });
});

describe('conditional-update under a lease', () => {
  const UPDATE = updateNode('update', [['updated'], ['not-updated']], { lockWait: 0.05 });
  const MORE = [UPDATE, ...inboxes('updated', 'not-updated')];
  const payload = { orderstatus: 'Shipped' };

  it('goes on at once when the message holds the record', async () => {
    const { flow } = await deploy({}, MORE);
    const { msg } = await flow.pass('acquire', { key: ORDER, payload });
    const { at } = await flow.pass('update', msg);
    expect(at).toBe('updated');
  });

  it('waits its turn when another message holds the record', async () => {
    const { flow } = await deploy({}, MORE);
    await flow.pass('acquire', { key: ORDER });
    const { at, msg } = await flow.pass('update', { key: ORDER, payload });
    expect([at, msg.update?.outcome]).toEqual(['not-updated', 'busy']);
  });

  it.each([
    ['foreign', (msg: Msg) => ({ ...msg.lock, token: 'made-up' })],
    ['of another record', (msg: Msg) => ({ ...msg.lock, url: `${msg.lock?.url ?? ''}x` })],
    ['no object', () => 'lock'],
  ])('a lease that is %s does not count', async (_name, change) => {
    const { flow } = await deploy({}, MORE);
    const { msg } = await flow.pass('acquire', { key: ORDER, payload });
    const out = await flow.pass('update', { ...msg, lock: change(msg) as never });
    expect(out.msg.update?.outcome).toBe('busy');
  });

  it('trap 25: an expired lease does not count, and the update is still safe', async () => {
    const { flow } = await deploy({ lease: 0.05 }, MORE);
    const { msg } = await flow.pass('acquire', { key: ORDER, payload });
    await flow.shows('acquire', 'record-lock.status.expired');
    const out = await flow.pass('update', msg);
    expect(out.msg.update?.outcome).toBe('updated');
  });
});
