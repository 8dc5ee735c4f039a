import { expect, it, onTestFinished } from 'vitest';
import { CachingProxy } from '../support/caching-proxy';
import { useNodeRed } from '../support/flow-runtime';
import { capFlow, capOrder } from './cap-flow';
import { useCapPeer } from './cap-peer';

/** A real SAP CAP service behind a cache that does not hear of writes. */
useNodeRed();
const peer = useCapPeer();

/** Less than the node gives a cache to catch up, and by the real clock, so that a busy machine meets it, too. */
const KEEPS_MS = 1_500;

async function cachedFlow() {
  const cache = await CachingProxy.start(peer().url, KEEPS_MS);
  onTestFinished(() => cache.close());
  const baseUrl = `${cache.url}/odata/v4/orders`;
  return { cache, ...(await capFlow(peer(), { fetches: 'status', endpoint: { baseUrl } })) };
}

it('case U26: two updates in a row are no conflict with each other', async () => {
  const order = await capOrder(peer());
  const { cache, update } = await cachedFlow();
  const first = await update({ key: order.ID, payload: { status: 'Shipped' } });
  const second = await update({ key: order.ID, payload: { status: 'Closed' } });
  expect([first.outcome, second.outcome]).toEqual(['updated', 'updated']);
  expect(cache.hits).toBeGreaterThan(0);
  expect((await order.committed()).map(({ after }) => after?.status)).toEqual([
    'Shipped',
    'Closed',
  ]);
});

it('case U26: what the fetch node reads after a write of the same endpoint is not from before it', async () => {
  const order = await capOrder(peer());
  const { cache, fetch, update } = await cachedFlow();
  const read = await fetch(order.ID);
  expect((await update({ ...read, payload: { status: 'Shipped' } })).outcome).toBe('updated');
  const again = await fetch(order.ID);
  expect(again.record?.values.status).toBe('Shipped');
  expect((await update({ ...again, payload: { status: 'Closed' } })).outcome).toBe('updated');
  expect(cache.hits).toBeGreaterThan(0);
});

it('case U26: the change of somebody else that a cache hides is still a conflict', async () => {
  const order = await capOrder(peer());
  const { fetch, update } = await cachedFlow();
  const read = await fetch(order.ID);
  await order.touch({ status: 'Cancelled' });
  const { outcome } = await update({ ...read, payload: { status: 'Shipped' } });
  expect(outcome).toBe('conflict');
  expect(await order.committed()).toEqual([]);
});
