import { describe, expect, it } from 'vitest';
import { orderId } from '../../sandbox';
import { call, codeOf, order, start } from './client';

const ID = orderId(3);
const MISSING = orderId(999);

describe('reading a sales order', () => {
  it('answers the record with a weak ETag in header and body', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'GET', order(ID));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toMatch(/^W\/"\d+"$/);
    expect(answer.json['@odata.etag']).toBe(answer.headers.get('etag'));
    expect(answer.json['@odata.context']).toBe(
      `${sandbox.url}/api/data/v9.0/$metadata#salesorders/$entity`,
    );
    expect(answer.json).toMatchObject({ salesorderid: ID, ordernumber: 'SO-2025-0003' });
  });

  it('starts SO-2025-0145 at the documented GUID and version', async () => {
    const sandbox = await start({ orders: 200 });
    const answer = await call(sandbox, 'GET', order("ordernumber='SO-2025-0145'"));
    expect(answer.json).toMatchObject({
      salesorderid: '5a1e0000-2025-4000-8000-000000000145',
      '@odata.etag': 'W/"468026"',
      orderstatus: 'New',
    });
  });

  it('takes the GUID in either case, and refuses it in quotes', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'GET', order(ID.toUpperCase()))).json.salesorderid).toBe(ID);
    const quoted = await call(sandbox, 'GET', order(`'${ID}'`));
    expect(quoted.status).toBe(400);
    expect(codeOf(quoted)).toBe('0x80060888');
  });

  it.each(['nonsense', "customer='x'", "ordernumber='a'b'", '%zz'])(
    'refuses the key %s',
    async key => {
      const sandbox = await start();
      expect((await call(sandbox, 'GET', order(key))).status).toBe(400);
    },
  );

  it('decodes an alternate key once and undoubles its quotes', async () => {
    const sandbox = await start();
    const id = sandbox.orders.put({ ordernumber: "O'Neil/100%25" });
    const answer = await call(sandbox, 'GET', order("ordernumber='O''Neil%2F100%2525'"));
    expect(answer.json.salesorderid).toBe(id);
  });

  it('respects $select and always adds the primary key', async () => {
    const sandbox = await start();
    const { json } = await call(sandbox, 'GET', order(ID, '?$select=orderstatus'));
    expect(Object.keys(json).sort()).toEqual([
      '@odata.context',
      '@odata.etag',
      'orderstatus',
      'salesorderid',
    ]);
  });

  it('refuses unknown fields in $select and query options it does not know', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'GET', order(ID, '?$select=nope'))).status).toBe(400);
    expect((await call(sandbox, 'GET', order(ID, '?$expand=owner'))).status).toBe(400);
  });

  it('answers 304 to If-None-Match with the current version, and ignores the literal null', async () => {
    const sandbox = await start();
    const etag = sandbox.orders.get(ID)?.version ?? '';
    const same = await call(sandbox, 'GET', order(ID), { 'if-none-match': etag });
    const literal = await call(sandbox, 'GET', order(ID), { 'if-none-match': 'null' });
    expect([same.status, literal.status]).toEqual([304, 200]);
  });

  it('lists the collection with $select and $top', async () => {
    const sandbox = await start();
    const path = '/api/data/v9.0/salesorders?$select=name&$top=2';
    const { json } = await call(sandbox, 'GET', path);
    const rows = json.value as Record<string, unknown>[];
    expect(rows.map(row => row.salesorderid)).toEqual([orderId(1), orderId(2)]);
    expect(rows[0]?.['@odata.etag']).toMatch(/^W\//);
  });

  it('answers 404 with the table code for a missing row', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'GET', order(MISSING));
    expect([answer.status, codeOf(answer)]).toEqual([404, '0x80040217']);
  });
});

describe('updating a sales order', () => {
  it('answers 204 with OData-EntityId and without an ETag', async () => {
    const sandbox = await start();
    const before = sandbox.orders.get(ID)?.version ?? '';
    const answer = await call(sandbox, 'PATCH', order(ID), { 'if-match': before }, { name: 'n' });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers.get('etag')).toBeNull();
    expect(answer.headers.get('odata-entityid')).toBe(sandbox.url + order(ID));
    expect(sandbox.orders.get(ID)).toMatchObject({ values: { name: 'n', orderstatus: 'New' } });
    expect(sandbox.orders.get(ID)?.version).not.toBe(before);
  });

  it('answers the selected record when the client prefers it', async () => {
    const sandbox = await start();
    const prefer = { prefer: 'return=representation' };
    const path = order(ID, '?$select=name');
    const answer = await call(sandbox, 'PATCH', path, prefer, { name: 'n' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('preference-applied')).toBe('return=representation');
    expect(answer.headers.get('etag')).toBe(sandbox.orders.get(ID)?.version);
    expect(answer.json).toMatchObject({ '@odata.etag': answer.headers.get('etag'), name: 'n' });
    expect(answer.json).not.toHaveProperty('orderstatus');
  });

  it('answers 412 to a stale version after a change of an unrelated field, and changes nothing', async () => {
    const sandbox = await start();
    const stale = sandbox.orders.get(ID)?.version ?? '';
    const current = sandbox.orders.touch(ID, { taxstatus: 'Exempt' }, 'background');
    const answer = await call(sandbox, 'PATCH', order(ID), { 'if-match': stale }, { name: 'n' });
    expect(answer.status).toBe(412);
    expect(answer.json.error).toEqual({
      code: '0x80060882',
      message: "The version of the existing record doesn't match the RowVersion property provided.",
    });
    expect(sandbox.orders.get(ID)?.version).toBe(current);
  });

  it('gives a new version even when a write changes no value', async () => {
    const sandbox = await start();
    const before = sandbox.orders.get(ID);
    await call(sandbox, 'PATCH', order(ID), {}, { name: before?.values.name });
    expect(sandbox.orders.get(ID)?.version).not.toBe(before?.version);
  });

  it('creates a missing row when If-Match is missing, 204 or 201 with the record', async () => {
    const sandbox = await start();
    const created = await call(sandbox, 'PATCH', order(MISSING), {}, { name: 'born' });
    expect(created.status).toBe(204);
    expect(sandbox.orders.get(MISSING)?.values).toMatchObject({ name: 'born', orderstatus: 'New' });
    const path = order("ordernumber='NEW-1'");
    const shown = await call(sandbox, 'PATCH', path, { prefer: 'return=representation' }, {});
    expect([shown.status, shown.json.ordernumber]).toEqual([201, 'NEW-1']);
  });

  it.each(['*', 'W/"1"'])('never creates with If-Match: %s', async ifMatch => {
    const sandbox = await start();
    const answer = await call(sandbox, 'PATCH', order(MISSING), { 'if-match': ifMatch }, {});
    expect([answer.status, codeOf(answer)]).toEqual([404, '0x80040217']);
    expect(sandbox.orders.get(MISSING)).toBeUndefined();
  });

  it('overwrites with If-Match: *', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'PATCH', order(ID), { 'if-match': '*' }, { name: 'n' });
    expect(answer.status).toBe(204);
  });

  it('answers 412 duplicate to If-None-Match: * on an existing row and to a taken order number', async () => {
    const sandbox = await start();
    const insert = await call(sandbox, 'PATCH', order(ID), { 'if-none-match': '*' }, {});
    const taken = await call(sandbox, 'PATCH', order(ID), {}, { ordernumber: 'SO-2025-0001' });
    expect([insert.status, codeOf(insert)]).toEqual([412, '0x80040237']);
    expect([taken.status, codeOf(taken)]).toEqual([412, '0x80040237']);
  });

  it.each([
    { nope: 1 },
    { orderstatus: 'Lost' },
    { totalamount: '12' },
    { requestdeliveryby: '2025-02-08T00:00:00Z' },
    { requestdeliveryby: '2025-13-08' },
    { 'pricelevelid@odata.bind': 'elsewhere' },
    ['list'],
    'not json',
  ])('refuses the body %j with 400 before it looks at the version', async body => {
    const sandbox = await start();
    const answer = await call(sandbox, 'PATCH', order(ID), { 'if-match': 'W/"1"' }, body);
    expect([answer.status, codeOf(answer)]).toEqual([400, '0x80048d19']);
    expect(sandbox.orders.history(ID)).toHaveLength(1);
  });

  it('rounds decimals, ignores annotations and read-only fields, and stores a lookup under its read name', async () => {
    const sandbox = await start();
    const { status } = await call(
      sandbox,
      'PATCH',
      order(ID),
      {},
      {
        '@odata.etag': 'W/"1"',
        modifiedon: '2001-01-01T00:00:00Z',
        shipto_latitude: 47.639583,
        totalamount: 10.005,
        'pricelevelid@odata.bind': `/pricelevels(${MISSING.toUpperCase()})`,
      },
    );
    expect(status).toBe(204);
    expect(sandbox.orders.get(ID)?.values).toMatchObject({
      shipto_latitude: 47.63958,
      totalamount: 10.01,
      _pricelevelid_value: MISSING,
    });
    expect(sandbox.orders.get(ID)?.values.modifiedon).not.toMatch(/^2001/);
  });

  it('wants JSON, and knows no PUT', async () => {
    const sandbox = await start();
    const text = await call(sandbox, 'PATCH', order(ID), { 'content-type': 'text/plain' }, '{}');
    expect(text.status).toBe(415);
    expect((await call(sandbox, 'PUT', order(ID), {}, {})).status).toBe(405);
  });

  it('deletes with the current version only', async () => {
    const sandbox = await start();
    const etag = sandbox.orders.get(ID)?.version ?? '';
    expect((await call(sandbox, 'DELETE', order(ID), { 'if-match': 'W/"1"' })).status).toBe(412);
    expect((await call(sandbox, 'DELETE', order(ID), { 'if-match': etag })).status).toBe(204);
    expect((await call(sandbox, 'GET', order(ID))).status).toBe(404);
    expect(sandbox.orders.history(ID).map(change => change.action)).toEqual(['create', 'delete']);
  });
});
