import { describe, expect, it, onTestFinished } from 'vitest';
import { useNodeRed } from '../support/flow-runtime';
import { capFlow, capOrder } from './cap-flow';
import { CapPeer, useCapPeer } from './cap-peer';

/** Single updates of a real SAP CAP service through the nodes; its own history tells what was committed. */
useNodeRed();
const peer = useCapPeer();
const SHIPPED = { status: 'Shipped' };
const GONE = '5a1e0000-2025-4000-8000-00000000bbbb';

const TYPES = [
  { name: 'amount', type: 'decimal' as const, scale: '' },
  { name: 'meter', type: 'integer' as const, scale: '' },
  { name: 'deliveryAt', type: 'date-time' as const, scale: '' },
];
/** As metadata.test.ts reads them from the same service. */
const TOLD = { amount: 'decimal', meter: 'integer', deliveryAt: 'date-time' } as const;

describe('an update', () => {
  it('is one read, one write and one committed change; the next one needs no read', async () => {
    const order = await capOrder(peer());
    const { update, methods } = await capFlow(peer());
    const first = await update({ key: order.ID, payload: SHIPPED });
    expect([first.outcome, first.msg.update?.verified]).toEqual(['updated', true]);
    const second = await update({ ...first.msg, payload: { status: 'Closed' } });
    expect([second.outcome, methods()]).toEqual(['updated', ['GET', 'PATCH', 'PATCH']]);
    expect(await order.committed()).toMatchObject([
      { change: 'UPDATE', before: { status: 'New' }, after: { status: 'Shipped' } },
      { change: 'UPDATE', before: { status: 'Shipped' }, after: { status: 'Closed' } },
    ]);
    const version = String((await order.now())?.version);
    expect(second.msg.record?.version).toBe(`W/"${version}"`);
  });

  it('that changes nothing is unchanged without a write, for CAP would make a new version', async () => {
    const order = await capOrder(peer(), SHIPPED);
    const { update, methods } = await capFlow(peer());
    const { outcome } = await update({ key: order.ID, payload: SHIPPED });
    expect([outcome, methods()]).toEqual(['unchanged', ['GET']]);
    expect(await order.committed()).toEqual([]);
  });

  it('by PUT keeps the other fields', async () => {
    const order = await capOrder(peer(), { note: 'keep', amount: 12.5 });
    const { update } = await capFlow(peer(), { node: { method: 'PUT' } });
    expect((await update({ key: order.ID, payload: SHIPPED })).outcome).toBe('updated');
    expect(await order.now()).toMatchObject({ status: 'Shipped', note: 'keep', amount: 12.5 });
  });

  it.each([
    ['Compare as says so', { fieldTypes: TYPES }],
    ['the metadata told so', { apiTypes: { collection: 'Orders', types: TOLD } }],
  ])(
    'case U13: of numbers that are in place is unchanged, however this CAP writes them: %s',
    async (_how, node) => {
      const order = await capOrder(peer(), { amount: 10, meter: 1 });
      const { update, methods } = await capFlow(peer(), { node });
      const payload = { amount: 12.5, meter: 12345678901 };
      const first = await update({ key: order.ID, payload });
      expect(first.outcome).toBe('updated');
      expect(first.msg.update).not.toHaveProperty('error');
      const again = await update({ key: order.ID, payload });
      expect([again.outcome, methods()]).toEqual(['unchanged', ['GET', 'PATCH', 'GET']]);
      expect(await order.committed()).toHaveLength(1);
    },
  );

  it('works where the version is the time of the last change and the key has two parts', async () => {
    const key = { orderNumber: "O'Neil/2 ü", line: 1 };
    await peer().create('OrderLines', { ...key, quantity: 1 });
    const { update } = await capFlow(peer(), { node: { collection: 'OrderLines' } });
    const { outcome, msg } = await update({ key, payload: { quantity: 2 } });
    expect(outcome).toBe('updated');
    const last = (await peer().history()).at(-1);
    expect(last).toMatchObject({ before: { ...key, quantity: 1 }, after: { ...key, quantity: 2 } });
    expect(msg.record?.version).toBe(`W/"${String(last?.after?.modifiedAt)}"`);
  });
});

describe('others change the record too', () => {
  it('a change of a target field is a conflict, and theirs stays', async () => {
    const order = await capOrder(peer());
    const { fetch, update } = await capFlow(peer());
    const read = await fetch(order.ID);
    await order.touch({ status: 'Cancelled' });
    const { outcome, msg } = await update({ ...read, payload: SHIPPED });
    expect(outcome).toBe('conflict');
    expect(msg.update?.conflict?.fields).toEqual([
      { name: 'status', base: 'New', ours: 'Shipped', theirs: 'Cancelled' },
    ]);
    expect(await order.committed()).toEqual([]);
  });

  it('a change of another field is noise, and both changes stay', async () => {
    const order = await capOrder(peer());
    const { fetch, update, methods } = await capFlow(peer());
    const read = await fetch(order.ID);
    await order.touch({ seenBy: 'background' });
    const { outcome, msg } = await update({ ...read, payload: SHIPPED });
    expect([outcome, msg.update?.retries]).toEqual(['updated', 1]);
    expect(methods()).toEqual(['GET', 'PATCH', 'GET', 'PATCH']);
    expect(await order.now()).toMatchObject({ status: 'Shipped', seenBy: 'background' });
  });

  it('a guard field that moved is a conflict', async () => {
    const order = await capOrder(peer());
    const { fetch, update } = await capFlow(peer(), { node: { guards: 'status' } });
    const read = await fetch(order.ID);
    await order.touch({ status: 'Cancelled' });
    const { outcome } = await update({ ...read, payload: { quantity: 5 } });
    expect(outcome).toBe('conflict');
    expect(await order.committed()).toEqual([]);
  });

  it('the change that was wanted, made by somebody else, is unchanged', async () => {
    const order = await capOrder(peer());
    const { fetch, update } = await capFlow(peer());
    const read = await fetch(order.ID);
    await order.touch(SHIPPED);
    expect((await update({ ...read, payload: SHIPPED })).outcome).toBe('unchanged');
    expect(await order.committed()).toEqual([]);
  });
});

describe('nothing is ever created', () => {
  it('trap 2: a record deleted after it was read is not-found, though CAP answers 412', async () => {
    const order = await capOrder(peer());
    const { fetch, update, methods } = await capFlow(peer());
    const read = await fetch(order.ID);
    await order.remove();
    const { outcome } = await update({ ...read, payload: SHIPPED });
    expect([outcome, methods()]).toEqual(['not-found', ['GET', 'PATCH', 'GET']]);
    expect((await order.changes()).map(({ change }) => change)).toEqual(['INSERT', 'DELETE']);
  });

  it.each([false, true])('a key that never was is not-found (force: %s)', async force => {
    const { update } = await capFlow(peer(), { node: { force } });
    expect((await update({ key: GONE, payload: SHIPPED })).outcome).toBe('not-found');
    const touched = (await peer().history()).filter(({ after }) => after?.ID === GONE);
    expect(touched).toEqual([]);
  });

  it('force overwrites whatever the version is', async () => {
    const order = await capOrder(peer());
    const { fetch, update, proxy } = await capFlow(peer(), { node: { force: true } });
    const read = await fetch(order.ID);
    await order.touch({ status: 'Cancelled' });
    expect((await update({ ...read, payload: SHIPPED })).outcome).toBe('updated');
    expect(proxy.requests.at(-1)?.headers['if-match']).toBe('*');
    expect(await order.now()).toMatchObject(SHIPPED);
  });
});

describe('values that come back in another spelling', () => {
  const payload = { amount: '12.50', deliveryAt: '2025-03-01T11:00:00+01:00' };
  const STORED = { amount: 12.5, deliveryAt: '2025-03-01T10:00:00.000Z' };

  it('are equal with their types declared: updated, then unchanged', async () => {
    const order = await capOrder(peer());
    const { update, methods } = await capFlow(peer(), { node: { fieldTypes: TYPES } });
    const first = await update({ key: order.ID, payload });
    expect([first.outcome, first.msg.update?.error]).toEqual(['updated', undefined]);
    expect(await order.now()).toMatchObject(STORED);
    const again = await update({ key: order.ID, payload });
    expect([again.outcome, methods()]).toEqual(['unchanged', ['GET', 'PATCH', 'GET']]);
    expect(await order.committed()).toHaveLength(1);
  });

  it('decimals as strings, too, when CAP is set to IEEE 754 compatibility', async () => {
    const own = await CapPeer.start({ CDS_FEATURES_IEEE754COMPATIBLE: 'true' });
    onTestFinished(() => own.close());
    const order = await capOrder(own);
    const { update, methods } = await capFlow(own, { node: { fieldTypes: TYPES } });
    const first = await update({ key: order.ID, payload: { amount: 12.5 } });
    expect([first.outcome, first.msg.update?.error]).toEqual(['updated', undefined]);
    expect(first.msg.record?.values.amount).toBe('12.50');
    const again = await update({ key: order.ID, payload: { amount: 12.5 } });
    expect([again.outcome, methods()]).toEqual(['unchanged', ['GET', 'PATCH', 'GET']]);
  });

  it('trap 1: are equal with their types declared: already-applied after a lost answer', async () => {
    const order = await capOrder(peer());
    const { update } = await capFlow(peer(), {
      node: { fieldTypes: TYPES },
      rules: [{ fault: 'lost-response', on: ({ method }) => method === 'PATCH', times: 1 }],
    });
    expect((await update({ key: order.ID, payload })).outcome).toBe('already-applied');
    expect(await order.committed()).toHaveLength(1);
  });

  it('without types the update says that they were stored differently', async () => {
    const order = await capOrder(peer());
    const { update } = await capFlow(peer());
    const { outcome, msg } = await update({ key: order.ID, payload });
    expect([outcome, msg.update?.error?.code]).toEqual(['updated', 'STORED_DIFFERENTLY']);
    expect(msg.update?.error?.message).toMatch(/deliveryAt.*Compare as/);
    expect(await order.now()).toMatchObject(STORED);
  });
});

describe('what CAP refuses', () => {
  it.each([
    ['more decimal places than the field has', { amount: 12.345 }, 'Decimal(15,2)'],
    ['a field that is not there', { nosuch: 1 }, 'nosuch'],
  ])('%s is rejected with its words', async (_what, payload, words) => {
    const order = await capOrder(peer());
    const { fetch, update } = await capFlow(peer());
    const read = await fetch(order.ID);
    const { outcome, msg } = await update({ ...read, payload });
    expect(outcome).toBe('rejected');
    expect(msg.update?.error?.message).toContain(words);
    expect(await order.committed()).toEqual([]);
  });

  it('an entity without a version is unsupported before any write, with the way out', async () => {
    await peer().create('Carriers', { code: 'UPS', name: 'old' });
    const { update, methods } = await capFlow(peer(), { node: { collection: 'Carriers' } });
    const { outcome, msg } = await update({ key: 'UPS', payload: { name: 'new' } });
    expect([outcome, msg.update?.error?.code, methods()]).toEqual([
      'unsupported',
      'NO_VERSION',
      ['GET'],
    ]);
    expect(msg.update?.error?.message).toContain('@odata.etag');
  });
});

describe('bound actions', () => {
  const action = {
    method: 'ACTION' as const,
    action: 'OrdersService.UpdateOrderStatus',
  };

  it('are called with the version, once', async () => {
    const order = await capOrder(peer());
    const { update, proxy } = await capFlow(peer(), { node: action });
    const { outcome, msg } = await update({ key: order.ID, payload: SHIPPED });
    const { method, url, headers } = proxy.requests.at(-1) ?? {};
    expect([outcome, method]).toEqual(['updated', 'POST']);
    expect(url).toMatch(/\)\/OrdersService\.UpdateOrderStatus$/);
    const [change] = await order.committed();
    expect(headers?.['if-match']).toBe(`W/"${String(change?.before?.version)}"`);
    expect(msg.record?.version).toBe(`W/"${String(change?.after?.version)}"`);
    expect(await order.committed()).toHaveLength(1);
  });

  it('take parameters of their own', async () => {
    const order = await capOrder(peer());
    const { update } = await capFlow(peer(), {
      node: { ...action, action: 'OrdersService.UpdateShippingDetails', fieldTypes: TYPES },
    });
    const payload = { deliveryAt: '2025-03-01T10:00:00Z', note: 'ramp 3' };
    expect((await update({ key: order.ID, payload })).outcome).toBe('updated');
    expect(await order.now()).toMatchObject({ note: 'ramp 3', status: 'New' });
  });

  it('end as conflict, heal noise, and are not called twice when an answer is lost', async () => {
    const order = await capOrder(peer());
    const { fetch, update, proxy } = await capFlow(peer(), { node: action });
    const read = await fetch(order.ID);
    await order.touch({ seenBy: 'background' });
    expect((await update({ ...read, payload: SHIPPED })).outcome).toBe('updated');
    proxy.use([{ fault: 'lost-response', on: ({ method }) => method === 'POST', times: 1 }]);
    const lost = await update({ key: order.ID, payload: { status: 'Closed' } });
    expect(lost.outcome).toBe('already-applied');
    const conflict = await update({ ...read, payload: { status: 'Delivered' } });
    expect(conflict.outcome).toBe('conflict');
    expect((await order.committed()).map(({ after }) => after?.status)).toEqual([
      'Shipped',
      'Closed',
    ]);
  });

  it('of a record that is gone end as not-found', async () => {
    const order = await capOrder(peer());
    const { fetch, update } = await capFlow(peer(), { node: action });
    const read = await fetch(order.ID);
    await order.remove();
    expect((await update({ ...read, payload: SHIPPED })).outcome).toBe('not-found');
  });
});
