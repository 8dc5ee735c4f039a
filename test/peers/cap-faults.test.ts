import { describe, expect, it } from 'vitest';
import type { ProxyFault } from '../support/fault-proxy-rules';
import { reads, writes } from '../support/fault-proxy-rules';
import { useNodeRed, type Msg } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';
import { capFlow, capOrder, type CapSetup } from './cap-flow';
import { useCapPeer } from './cap-peer';

/** Updates of a real SAP CAP service while the way to it fails. */
useNodeRed();
const clock = useFastClock(1);
const peer = useCapPeer();
const SHIPPED = { status: 'Shipped' };
/** It comes when a test says so. Seconds. */
const DEADLINE = 600;

describe('a write that fails once', () => {
  it.each<[ProxyFault, string]>([
    ['reset', 'updated'],
    ['throttled', 'updated'],
    ['unavailable', 'updated'],
    ['reset-after', 'already-applied'],
    ['lost-response', 'already-applied'],
    ['error-after-commit', 'already-applied'],
    ['truncated', 'already-applied'],
  ])('trap 1: %s ends as %s with one committed change', async (fault, outcome) => {
    const order = await capOrder(peer());
    const { update, proxy } = await capFlow(peer(), { rules: [{ fault, on: writes, times: 1 }] });
    const done = await update({ key: order.ID, payload: SHIPPED });
    expect([done.outcome, proxy.count(fault)]).toEqual([outcome, 1]);
    expect(await order.committed()).toMatchObject([{ after: SHIPPED }]);
  });

  it('a write in doubt over which somebody wrote the old value again is uncertain', async () => {
    const order = await capOrder(peer());
    let cutOff = false;
    const { update, proxy } = await capFlow(peer(), {
      rules: [
        { fault: 'lost-response', on: request => (cutOff = writes(request)), times: 1 },
        { fault: 'reset', on: request => cutOff && reads(request) },
      ],
      endpoint: { transientRetries: 50 },
    });
    const ended = update({ key: order.ID, payload: SHIPPED });
    await expect.poll(() => proxy.count('lost-response')).toBe(1);
    await order.touch({ status: 'New' });
    cutOff = false;
    const { outcome, msg } = await ended;
    expect([outcome, msg.update?.error?.code]).toEqual(['uncertain', 'POSSIBLY_REVERTED']);
    expect(await order.committed()).toHaveLength(1);
  });
});

describe('a write that never gets through', () => {
  it.each<[ProxyFault, string]>([
    // For all that the client knows, it may land yet.
    ['reset', 'uncertain'],
    ['unavailable', 'uncertain'],
    ['throttled', 'exhausted'],
  ])('%s ends as %s and nothing is committed', async (fault, outcome) => {
    const order = await capOrder(peer());
    const { update, proxy } = await capFlow(peer(), {
      rules: [{ fault, on: writes }],
      endpoint: { transientRetries: 2, deadline: DEADLINE },
    });
    const ended = update({ key: order.ID, payload: SHIPPED });
    // Once and two times again.
    await expect.poll(() => proxy.count(fault)).toBe(3);
    clock.pass(DEADLINE * 1_000);
    expect((await ended).outcome).toBe(outcome);
    expect(await order.committed()).toEqual([]);
  });
});

describe('ETags that are altered on the way', () => {
  it.each<ProxyFault>(['etag-removed', 'etag-suffixed'])(
    '%s in the header: the version in the body serves',
    async fault => {
      const order = await capOrder(peer());
      const { update, proxy } = await capFlow(peer(), { rules: [{ fault }] });
      const first = await update({ key: order.ID, payload: SHIPPED });
      const second = await update({ ...first.msg, payload: { status: 'Closed' } });
      expect([first.outcome, second.outcome, proxy.count(fault)]).toEqual([
        'updated',
        'updated',
        3,
      ]);
      expect(await order.committed()).toHaveLength(2);
    },
  );

  /** A family that goes by the header, without the body to fall back to. */
  const BY_HEADER: CapSetup = {
    endpoint: { family: 'rest', keyStyle: 'odata', versionFrom: 'etag' },
  };

  it('trap 5: a suffixed header that is all there is ends as unsupported, never written', async () => {
    await peer().create('OrderLines', { orderNumber: 'suffixed', line: 1, quantity: 1 });
    const { update, proxy, methods } = await capFlow(peer(), {
      ...BY_HEADER,
      node: { collection: 'OrderLines' },
      rules: [{ fault: 'etag-suffixed' }],
    });
    const key = { orderNumber: 'suffixed', line: 1 };
    const { outcome, msg } = await update({ key, payload: { quantity: 2 } });
    expect([outcome, msg.update?.error?.code]).toEqual(['unsupported', 'VERSION_NOT_PROGRESSING']);
    expect(methods()).toEqual(['GET', 'PATCH', 'GET', 'GET']);
    expect(proxy.count('etag-suffixed')).toBe(3);
    const changes = (await peer().history()).filter(
      ({ after }) => after?.orderNumber === 'suffixed',
    );
    expect(changes.map(({ change }) => change)).toEqual(['INSERT']);
  });
});

/** A replica that is behind shows the whole record from before, too: it must have been asked for that then. */
async function readWhole({ record }: Msg): Promise<void> {
  const answer = await globalThis.fetch(record?.url ?? '');
  expect(answer.status).toBe(200);
}

describe('reads that lag behind', () => {
  it('a stale read after a 412 is read once more', async () => {
    const order = await capOrder(peer());
    const { fetch, update, proxy, methods } = await capFlow(peer(), { fetches: 'status' });
    const read = await fetch(order.ID);
    await order.touch({ seenBy: 'background' });
    proxy.use([{ fault: 'stale-read', on: reads, times: 1 }]);
    const { outcome } = await update({ ...read, payload: SHIPPED });
    expect([outcome, proxy.count('stale-read')]).toEqual(['updated', 1]);
    expect(methods()).toEqual(['GET', 'PATCH', 'GET', 'GET', 'PATCH']);
    expect(await order.committed()).toHaveLength(1);
  });

  it('trap 5: reads that stay behind end as unsupported, and nothing is overwritten', async () => {
    const order = await capOrder(peer());
    const { fetch, update, proxy, methods } = await capFlow(peer(), { fetches: 'status' });
    const read = await fetch(order.ID);
    await readWhole(read);
    await order.touch({ status: 'Cancelled' });
    proxy.use([{ fault: 'stale-read', on: reads }]);
    const { outcome, msg } = await update({ ...read, payload: SHIPPED });
    expect([outcome, msg.update?.error?.code]).toEqual(['unsupported', 'VERSION_NOT_PROGRESSING']);
    expect(methods()).toEqual(['GET', 'GET', 'PATCH', 'GET', 'GET']);
    expect(await order.now()).toMatchObject({ status: 'Cancelled' });
  });

  it.each<ProxyFault>(['lost-response', 'reset-after', 'error-after-commit'])(
    'reads that stay behind after a write in doubt (%s) leave it uncertain',
    async fault => {
      const order = await capOrder(peer());
      const { fetch, update, proxy } = await capFlow(peer(), {
        fetches: 'status',
        endpoint: { deadline: DEADLINE },
      });
      const read = await fetch(order.ID);
      await readWhole(read);
      proxy.use([
        { fault, on: writes, times: 1 },
        { fault: 'stale-read', on: reads },
      ]);
      const ended = update({ ...read, payload: SHIPPED });
      await expect.poll(() => proxy.count('stale-read')).toBeGreaterThan(1);
      clock.pass(DEADLINE * 1_000);
      const { outcome } = await ended;
      expect([outcome, proxy.count(fault)]).toEqual(['uncertain', 1]);
      expect(await order.committed()).toHaveLength(1);
    },
  );

  it('a stale first read costs a conflict check, not a lost update', async () => {
    const order = await capOrder(peer());
    const { update, proxy } = await capFlow(peer());
    expect((await update({ key: order.ID, payload: { status: 'Shipped' } })).outcome).toBe(
      'updated',
    );
    await order.touch({ seenBy: 'background' });
    proxy.use([{ fault: 'stale-read', on: reads, times: 1 }]);
    const { outcome, msg } = await update({ key: order.ID, payload: { status: 'Closed' } });
    expect([outcome, proxy.count('stale-read')]).toEqual(['conflict', 1]);
    expect(msg.update?.conflict?.fields).toMatchObject([{ base: 'New', theirs: 'Shipped' }]);
    expect(await order.committed()).toHaveLength(1);
  });
});
