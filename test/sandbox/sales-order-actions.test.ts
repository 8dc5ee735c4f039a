import { describe, expect, it } from 'vitest';
import { orderId } from '../../sandbox';
import { call, codeOf, order, start } from './client';

const ID = orderId(1);

function action(name: string, key = ID): string {
  return `${order(key)}/Microsoft.Dynamics.CRM.${name}`;
}

const STATUS = action('UpdateOrderStatus');
const SHIPPING = action('UpdateShippingDetails');

describe('actions bound to a sales order', () => {
  it('change the record and answer 204', async () => {
    const sandbox = await start();
    const version = sandbox.orders.get(ID)?.version ?? '';
    const status = { orderstatus: 'Processing' };
    const first = await call(sandbox, 'POST', STATUS, { 'if-match': version }, status);
    const shipping = { shippingmethodcode: 3, requestdeliveryby: '2025-03-01' };
    const second = await call(sandbox, 'POST', SHIPPING, {}, shipping);
    expect([first.status, first.text, second.status]).toEqual([204, '', 204]);
    expect(sandbox.orders.get(ID)?.values).toMatchObject({ ...status, ...shipping });
    expect(sandbox.orders.requests(ID).map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  it('answer the selected record when the client prefers it, by alternate key too', async () => {
    const sandbox = await start();
    const path = `${action('UpdateOrderStatus', "ordernumber='SO-2025-0001'")}?$select=orderstatus`;
    const prefer = { prefer: 'return=representation' };
    const answer = await call(sandbox, 'POST', path, prefer, { orderstatus: 'Shipped' });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      '@odata.etag': sandbox.orders.get(ID)?.version,
      orderstatus: 'Shipped',
      salesorderid: ID,
    });
  });

  it('answer 412 to a stale version, and change nothing', async () => {
    const sandbox = await start();
    const stale = sandbox.orders.get(ID)?.version ?? '';
    const current = sandbox.orders.touch(ID, { taxstatus: 'Exempt' }, 'background');
    const headers = { 'if-match': stale };
    const answer = await call(sandbox, 'POST', STATUS, headers, { orderstatus: 'Shipped' });
    expect([answer.status, codeOf(answer)]).toEqual([412, '0x80060882']);
    expect(sandbox.orders.get(ID)?.version).toBe(current);
  });

  it('are disturbed like a PATCH', async () => {
    const sandbox = await start({ load: { noise: 0, target: 1 } });
    const headers = { 'if-match': sandbox.orders.get(ID)?.version ?? '' };
    const answer = await call(sandbox, 'POST', STATUS, headers, { orderstatus: 'Shipped' });
    expect(answer.status).toBe(412);
    expect(sandbox.orders.history(ID)[1]).toMatchObject({ by: 'operator' });
  });

  it('never create', async () => {
    const sandbox = await start();
    const path = action('UpdateOrderStatus', orderId(999));
    const answer = await call(sandbox, 'POST', path, {}, { orderstatus: 'Shipped' });
    expect([answer.status, codeOf(answer)]).toEqual([404, '0x80040217']);
    expect(sandbox.orders.get(orderId(999))).toBeUndefined();
  });

  it.each([
    ['POST', action('Vanish'), {}, 404],
    ['POST', `${order(ID)}/UpdateOrderStatus`, {}, 404],
    ['POST', STATUS, {}, 400],
    ['POST', STATUS, { orderstatus: 'Lost' }, 400],
    ['POST', STATUS, { orderstatus: 'Shipped', name: 'n' }, 400],
    ['POST', SHIPPING, 'not json', 400],
    ['GET', STATUS, undefined, 405],
    ['PATCH', STATUS, { orderstatus: 'Shipped' }, 405],
    ['POST', order(ID), {}, 405],
  ])('refuse %s %s %j', async (method, path, body, status) => {
    const sandbox = await start();
    expect((await call(sandbox, method, path, {}, body)).status).toBe(status);
    expect(sandbox.orders.history(ID)).toHaveLength(1);
  });
});
