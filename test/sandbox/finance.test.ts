import { describe, expect, it } from 'vitest';
import { call, start } from './client';

const ID = 'USMF/SO-2025-0105';
const MODIFIED = { code: '', message: 'The record has been modified by another user' };

function header(number: string, company = 'USMF', query = ''): string {
  return `/data/SalesOrderHeadersV2(dataAreaId='${company}',SalesOrderNumber='${number}')${query}`;
}

const PATH = header('SO-2025-0105');
const FOREIGN = header('SO-2025-0110', 'DEMF');
const LINE = "/data/SalesOrderLines(dataAreaId='USMF',InventoryLotId='LOT-000105')";

describe('reading an order of Finance & Operations', () => {
  it('answers SO-2025-0145 with its documented ETag', async () => {
    const sandbox = await start({ financeOrders: 50 });
    const answer = await call(sandbox, 'GET', header('SO-2025-0145'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('W/"JzEsNTYzNzE0NDU3Njsw"');
    expect(answer.json).toMatchObject({
      '@odata.etag': 'W/"JzEsNTYzNzE0NDU3Njsw"',
      '@odata.context': `${sandbox.url}/data/$metadata#SalesOrderHeadersV2/$entity`,
      dataAreaId: 'USMF',
      SalesOrderNumber: 'SO-2025-0145',
      SalesId: 'SO-2025-0145',
      SalesStatus: 'Backorder',
    });
  });

  it.each([
    "(dataAreaId='usmf',SalesOrderNumber='SO-2025-0105')",
    "(SalesOrderNumber='SO-2025-0105',dataAreaId='Usmf')",
    '(dataAreaId=%27USMF%27%2CSalesOrderNumber=%27SO%2D2025-0105%27)',
  ])('finds the same order by the key %s', async key => {
    const sandbox = await start();
    const answer = await call(sandbox, 'GET', `/data/SalesOrderHeadersV2${key}`);
    expect(answer.json.SalesOrderNumber).toBe('SO-2025-0105');
  });

  it('undoubles quotes in a key and decodes it once', async () => {
    const sandbox = await start();
    const id = sandbox.financeOrders.put({ SalesOrderNumber: "O'Neil/1%25" });
    const answer = await call(sandbox, 'GET', header("O''Neil%2F1%2525"));
    expect(answer.json.SalesOrderNumber).toBe("O'Neil/1%25");
    expect(id).toBe("USMF/O'Neil/1%25");
  });

  it.each([
    "('SO-2025-0105')",
    "(SalesOrderNumber='SO-2025-0105')",
    "(dataAreaId='USMF',SalesOrderNumber='SO-2025-0105',Extra='1')",
    "(dataAreaId='USMF',SalesOrderNumber=5)",
  ])('answers 404 to the key %s', async key => {
    const sandbox = await start();
    expect((await call(sandbox, 'GET', `/data/SalesOrderHeadersV2${key}`)).status).toBe(404);
  });

  it('hides other companies unless cross-company=true is there', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'GET', FOREIGN)).status).toBe(404);
    const shown = await call(sandbox, 'GET', `${FOREIGN}?cross-company=true&$select=SalesStatus`);
    expect(Object.keys(shown.json)).toEqual(['@odata.context', '@odata.etag', 'SalesStatus']);
    const list = async (query: string): Promise<unknown> =>
      (await call(sandbox, 'GET', `/data/SalesOrderHeadersV2${query}`)).json.value;
    expect(await list('')).toHaveLength(9);
    expect(await list('?cross-company=true')).toHaveLength(10);
    expect(await list('?$top=2')).toHaveLength(2);
  });

  it('refuses query options and fields that it does not know', async () => {
    const sandbox = await start();
    for (const query of ['?$expand=x', '?$select=nope']) {
      expect((await call(sandbox, 'GET', PATH + query)).status).toBe(400);
    }
  });
});

describe('updating an order of Finance & Operations', () => {
  it('answers 204 without an ETag, and spells dates as noon when it is read again', async () => {
    const sandbox = await start();
    const version = sandbox.financeOrders.get(ID)?.version ?? '';
    const body = { SalesId: 'SO-2025-0105', SalesStatus: 'Delivered', DeliveryDate: '2025-02-08' };
    const answer = await call(sandbox, 'PATCH', PATH, { 'if-match': version }, body);
    expect([answer.status, answer.headers.get('etag')]).toEqual([204, null]);
    const read = await call(sandbox, 'GET', PATH);
    expect(read.json).toMatchObject({
      SalesStatus: 'Delivered',
      DeliveryDate: '2025-02-08T12:00:00Z',
    });
    expect(sandbox.financeOrders.get(ID)?.values.DeliveryDate).toBe('2025-02-08');
  });

  it('answers the record when the client prefers it, and takes a date as it sent it', async () => {
    const sandbox = await start();
    const headers = { 'if-match': '*', prefer: 'return=representation' };
    const body = { DeliveryDate: '2025-03-01T12:00:00Z' };
    const answer = await call(sandbox, 'PATCH', `${PATH}?$select=DeliveryDate`, headers, body);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe(sandbox.financeOrders.get(ID)?.version);
    expect(answer.json).toMatchObject(body);
  });

  it('answers 409 without a version and to a stale one, and changes nothing', async () => {
    const sandbox = await start();
    const stale = sandbox.financeOrders.get(ID)?.version ?? '';
    const current = sandbox.financeOrders.touch(ID, { OrderCreditStatus: 'OnHold' }, 'background');
    for (const headers of [{}, { 'if-match': stale }]) {
      const answer = await call(sandbox, 'PATCH', PATH, headers, { OrderNotes: 'mine' });
      expect([answer.status, answer.json.error]).toEqual([409, MODIFIED]);
    }
    expect(sandbox.financeOrders.get(ID)?.version).toBe(current);
  });

  it('gives every change of a record a version of its own', async () => {
    const sandbox = await start();
    const versions = Array.from({ length: 500 }, () => sandbox.financeOrders.touch(ID, {}));
    expect(new Set(versions).size).toBe(500);
    expect([...versions].sort()).not.toEqual(versions);
    sandbox.financeOrders.remove(ID);
    sandbox.financeOrders.put({ SalesOrderNumber: 'SO-2025-0105' });
    const [created] = sandbox.financeOrders.history(ID);
    expect(sandbox.financeOrders.get(ID)?.version).not.toBe(created?.version);
  });

  it('needs cross-company=true to write to another company too', async () => {
    const sandbox = await start();
    const headers = { 'if-match': '*' };
    const plain = await call(sandbox, 'PATCH', FOREIGN, headers, { OrderNotes: 'x' });
    const wide = await call(sandbox, 'PATCH', `${FOREIGN}?cross-company=true`, headers, {
      OrderNotes: 'x',
    });
    expect([plain.status, wide.status]).toEqual([404, 204]);
  });

  it('never creates', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'PATCH', header('SO-NEW'), {}, { OrderNotes: 'x' })).status).toBe(
      404,
    );
    expect(sandbox.financeOrders.get('SO-NEW')).toBeUndefined();
  });

  it.each([{ nope: 1 }, { SalesStatus: 'Lost' }, { DeliveryDate: 'soon' }, 'not json'])(
    'refuses the body %j with the reason in the inner error',
    async body => {
      const sandbox = await start();
      const answer = await call(sandbox, 'PATCH', PATH, { 'if-match': '*' }, body);
      expect(answer.status).toBe(400);
      expect(answer.json.error).toMatchObject({
        message: 'An error has occurred.',
        innererror: { message: expect.any(String) as string },
      });
    },
  );

  it('takes PATCH alone', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'PUT', PATH, {}, {})).status).toBe(405);
    expect((await call(sandbox, 'POST', '/data/SalesOrderHeadersV2', {}, {})).status).toBe(405);
  });
});

describe('order lines of Finance & Operations', () => {
  it('show no version anywhere and ignore If-Match', async () => {
    const sandbox = await start();
    const read = await call(sandbox, 'GET', LINE);
    expect([read.status, read.headers.get('etag')]).toEqual([200, null]);
    expect(read.text).not.toContain('etag');
    const headers = { 'if-match': 'W/"nothing"', prefer: 'return=representation' };
    const write = await call(sandbox, 'PATCH', LINE, headers, { OrderedSalesQuantity: 7 });
    expect([write.status, write.headers.get('etag')]).toEqual([200, null]);
    expect(write.json).toMatchObject({ OrderedSalesQuantity: 7, InventoryLotId: 'LOT-000105' });
    expect(write.json).not.toHaveProperty('@odata.etag');
  });
});
