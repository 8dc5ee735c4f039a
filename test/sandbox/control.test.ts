import { describe, expect, it } from 'vitest';
import { orderId } from '../../sandbox';
import { call, order, start, workOrder } from './client';

const ID = orderId(1);

describe('control over HTTP', () => {
  it('tells what happened to a record, by GUID or order number', async () => {
    const sandbox = await start();
    await call(sandbox, 'PATCH', order(ID), { 'if-match': '*' }, { name: 'n' });
    const history = await call(sandbox, 'GET', '/sandbox/history/orders/SO-2025-0001');
    expect(history.json).toEqual(sandbox.orders.history(ID));
    expect(history.json).toMatchObject([
      { by: 'seed', action: 'create' },
      { by: 'api', action: 'update', fields: { name: { after: 'n' } } },
    ]);
    const requests = await call(sandbox, 'GET', `/sandbox/requests/orders/${ID}`);
    expect(requests.json).toMatchObject([
      { method: 'PATCH', status: 204, answered: true, ifMatch: '*', fields: { name: 'n' } },
    ]);
  });

  it('tells what each write asked for, as it was sent, whatever became of it', async () => {
    const sandbox = await start();
    const path = workOrder('WO-12345');
    const stale = { 'if-match': '"v6"' };
    await call(sandbox, 'GET', path);
    await call(sandbox, 'PATCH', path, stale, { status: 'Complete', openedBy: 'me' });
    await call(sandbox, 'PATCH', path, {}, { nope: 1 });
    await call(sandbox, 'PATCH', path, {}, '[1]');
    const logged = sandbox.workOrders.requests('WO-12345');
    expect(logged.map(({ status, ifMatch, fields }) => [status, ifMatch, fields])).toEqual([
      [200, undefined, undefined],
      [409, '"v6"', { status: 'Complete', openedBy: 'me' }],
      [400, undefined, { nope: 1 }],
      [400, undefined, undefined],
    ]);
  });

  it('counts requests and answers, its own excluded', async () => {
    const sandbox = await start();
    await call(sandbox, 'GET', order(ID));
    await call(sandbox, 'GET', workOrder('WO-1'));
    const { json } = await call(sandbox, 'GET', '/sandbox/stats');
    expect(json).toMatchObject({
      requests: { GET: 2 },
      statuses: { 200: 1, 404: 1 },
      maxInFlight: 1,
      changes: { api: 0, seed: 90 },
    });
    expect(json.cpuMicros).toBeGreaterThan(0);
  });

  it('sees how many requests are in progress at one time', async () => {
    const sandbox = await start({ faults: [{ fault: 'latency', ms: 50 }] });
    await Promise.all([1, 2, 3, 4].map(n => call(sandbox, 'GET', order(orderId(n)))));
    expect(sandbox.stats().maxInFlight).toBe(4);
  });

  it('creates, touches, shows and removes records', async () => {
    const sandbox = await start();
    const path = '/sandbox/records/work-orders';
    const created = await call(sandbox, 'POST', path, {}, { status: 'Complete', version: 3 });
    const id = String(created.json.id);
    const touch = { fields: { notes: 'seen' }, by: 'background' };
    const touched = await call(sandbox, 'PATCH', `${path}/${id}`, {}, touch);
    expect(touched.json).toEqual({ version: '"v4"' });
    const shown = await call(sandbox, 'GET', `${path}/${id}`);
    expect(shown.json).toMatchObject({
      id,
      version: '"v4"',
      values: { notes: 'seen', version: 4 },
    });
    expect((await call(sandbox, 'DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await call(sandbox, 'GET', `${path}/${id}`)).status).toBe(404);
    expect(sandbox.workOrders.history(id).map(change => change.by)).toEqual([
      'seed',
      'background',
      'operator',
    ]);
    expect((await call(sandbox, 'GET', path)).json).toEqual(sandbox.workOrders.ids());
  });

  it('sets load and faults', async () => {
    const sandbox = await start();
    await call(sandbox, 'PUT', '/sandbox/load', {}, { load: 'peak' });
    expect((await call(sandbox, 'GET', '/sandbox/load')).json).toEqual({
      noise: 0.14,
      target: 0.01,
    });
    await call(sandbox, 'PUT', '/sandbox/load', {}, { load: { noise: 0.4, target: 0 } });
    expect(sandbox.load).toEqual({ noise: 0.4, target: 0 });
    const open = { noise: 0, target: 0, open: 0.5 };
    await call(sandbox, 'PUT', '/sandbox/load', {}, { load: open });
    expect((await call(sandbox, 'GET', '/sandbox/load')).json).toEqual(open);
    const rule = { fault: 'unavailable', on: 'read' };
    expect((await call(sandbox, 'POST', '/sandbox/faults', {}, rule)).status).toBe(204);
    expect((await call(sandbox, 'GET', order(ID))).status).toBe(503);
    expect((await call(sandbox, 'GET', '/sandbox/faults')).json).toEqual([rule]);
    await call(sandbox, 'DELETE', '/sandbox/faults');
    expect((await call(sandbox, 'GET', order(ID))).status).toBe(200);
  });

  it('revokes tokens', async () => {
    const sandbox = await start({ auth: {} });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body =
      'grant_type=client_credentials&client_id=practice-client&client_secret=practice-secret';
    const token = await call(sandbox, 'POST', '/oauth2/v2.0/token', form, body);
    const headers = { authorization: `Bearer ${String(token.json.access_token)}` };
    expect((await call(sandbox, 'GET', order(ID), headers)).status).toBe(200);
    await call(sandbox, 'DELETE', '/sandbox/tokens');
    expect((await call(sandbox, 'GET', order(ID), headers)).status).toBe(401);
  });

  it.each([
    ['GET', '/sandbox/nonsense', undefined, 404, /GET \/sandbox\/nonsense/],
    ['PUT', '/sandbox/load', { load: 'rush' }, 400, /load/],
    ['POST', '/sandbox/faults', { fault: 'x' }, 400, /fault/],
    ['PATCH', '/sandbox/records/orders/none', { fields: {} }, 400, /no record none/],
    ['PATCH', `/sandbox/records/orders/${ID}`, {}, 400, /fields/],
    ['PATCH', `/sandbox/records/orders/${ID}`, { fields: {}, by: 'me' }, 400, /by/],
    ['PUT', '/sandbox/load', 'peak', 400, /JSON/],
  ])('refuses %s %s %j', async (method, path, body, status, message) => {
    const sandbox = await start();
    const answer = await call(sandbox, method, path, {}, body);
    expect(answer.status).toBe(status);
    expect(answer.json.error).toMatch(message);
  });

  it('takes no command in a form that a web page may post unasked', async () => {
    const sandbox = await start();
    const headers = { 'content-type': 'text/plain' };
    const answer = await call(sandbox, 'POST', '/sandbox/faults', headers, { fault: 'reset' });
    expect(answer.status).toBe(400);
    expect(sandbox.faults.list()).toEqual([]);
  });
});
