import { describe, expect, it } from 'vitest';
import { useNodeRed } from '../support/flow-runtime';
import { capFlow, capOrder, type CapSetup } from './cap-flow';
import { useCapPeer } from './cap-peer';

/** OData V2 through the adapter, alone and behind a guard that wants a CSRF token as SAP Gateway does. */
useNodeRed();
const peer = useCapPeer();
const SHIPPED = { status: 'Shipped' };

const TYPES = [
  { name: 'amount', type: 'decimal' as const, scale: '' },
  { name: 'deliveryAt', type: 'date-time' as const, scale: '' },
  { name: 'deliveryOn', type: 'date-time' as const, scale: '' },
];

const GATEWAY: CapSetup = {
  path: '/gateway/odata/v2/orders',
  endpoint: { family: 'sap-gateway', odataVersion: 'v2' },
  node: { method: 'MERGE', fieldTypes: TYPES },
};

const GENERIC: CapSetup = {
  path: '/odata/v2/orders',
  endpoint: {
    family: 'rest',
    keyStyle: 'odata',
    recordPath: 'd',
    fieldsParameter: '$select',
    versionFrom: 'field',
    versionField: 'd.__metadata.etag',
    versionTo: 'header',
  },
  node: { method: 'MERGE', fieldTypes: TYPES },
};

describe.each([
  ['family sap-gateway with CSRF', GATEWAY],
  ['the generic family by settings alone', GENERIC],
])('%s', (_name, setup) => {
  it('MERGE is one committed change', async () => {
    const order = await capOrder(peer());
    const { update, proxy } = await capFlow(peer(), setup);
    expect((await update({ key: order.ID, payload: SHIPPED })).outcome).toBe('updated');
    expect(proxy.requests.at(-1)).toMatchObject({ method: 'MERGE' });
    expect(await order.committed()).toMatchObject([{ after: SHIPPED }]);
  });

  it('conflict and noise are told apart', async () => {
    const order = await capOrder(peer());
    const { fetch, update } = await capFlow(peer(), setup);
    const read = await fetch(order.ID);
    await order.touch({ seenBy: 'background' });
    expect((await update({ ...read, payload: SHIPPED })).outcome).toBe('updated');
    const { outcome, msg } = await update({ ...read, payload: { status: 'Closed' } });
    expect(outcome).toBe('conflict');
    expect(msg.update?.conflict?.fields).toMatchObject([{ base: 'New', theirs: 'Shipped' }]);
    expect(await order.committed()).toHaveLength(1);
  });

  it('trap 2: a record deleted after it was read is not-found', async () => {
    const order = await capOrder(peer());
    const { fetch, update } = await capFlow(peer(), setup);
    const read = await fetch(order.ID);
    await order.remove();
    expect((await update({ ...read, payload: SHIPPED })).outcome).toBe('not-found');
    expect(await order.now()).toBe(null);
  });

  it('trap 1: a lost answer ends as already-applied', async () => {
    const order = await capOrder(peer());
    const { update } = await capFlow(peer(), {
      ...setup,
      rules: [{ fault: 'lost-response', on: ({ method }) => method === 'MERGE', times: 1 }],
    });
    expect((await update({ key: order.ID, payload: SHIPPED })).outcome).toBe('already-applied');
    expect(await order.committed()).toHaveLength(1);
  });

  it('decimals as text and /Date(…)/ equal what was sent when their types are declared', async () => {
    const order = await capOrder(peer());
    const { update, proxy } = await capFlow(peer(), setup);
    const payload = {
      amount: '12.50',
      deliveryAt: '/Date(1740823200000)/',
      deliveryOn: '/Date(1740787200000)/',
    };
    const first = await update({ key: order.ID, payload });
    expect([first.outcome, first.msg.update?.error]).toEqual(['updated', undefined]);
    expect(await order.now()).toMatchObject({
      amount: 12.5,
      deliveryAt: '2025-03-01T10:00:00.000Z',
      deliveryOn: '2025-03-01',
    });
    const iso = { deliveryAt: '2025-03-01T11:00:00+01:00', deliveryOn: '2025-03-01T00:00:00Z' };
    const again = await update({ key: order.ID, payload: { amount: 12.5, ...iso } });
    expect([again.outcome, proxy.requests.at(-1)?.method]).toEqual(['unchanged', 'GET']);
    expect(await order.committed()).toHaveLength(1);
  });
});

describe('the CSRF token', () => {
  it('is fetched once for many writes', async () => {
    const orders = await Promise.all(Array.from({ length: 5 }, () => capOrder(peer())));
    const { flow, proxy } = await capFlow(peer(), GATEWAY);
    for (const { ID } of orders) flow.send('update', { key: ID, payload: SHIPPED });
    const done = await flow.count('updated', orders.length);
    expect(done.map(({ update }) => update?.outcome)).toEqual(orders.map(() => 'updated'));
    const fetched = proxy.requests.filter(({ headers }) => headers['x-csrf-token'] === 'Fetch');
    expect(fetched).toHaveLength(1);
  });

  it('that is not handed out: the write is not sent and the message says why', async () => {
    const order = await capOrder(peer());
    const { update, methods } = await capFlow(peer(), { ...GATEWAY, path: '/odata/v2/orders' });
    const { outcome, msg } = await update({ key: order.ID, payload: SHIPPED });
    expect([outcome, msg.update?.error?.code]).toEqual(['denied', 'CSRF_REFUSED']);
    expect(msg.update?.error?.message).toContain('CSRF');
    // The record itself, and once more for a token, which some services give there only.
    expect(methods()).toEqual(['GET', 'GET']);
  });
});
