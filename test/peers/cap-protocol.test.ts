import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { useCapPeer, type CapChange } from './cap-peer';

/** What SAP CAP does on the wire, without any node between: what the odata family is built on. */
const peer = useCapPeer();

const STALE = 'W/"5a1e0000-2025-4000-8000-00000000ffff"';
const GONE = '5a1e0000-2025-4000-8000-00000000aaaa';

interface Sent {
  readonly ifMatch?: string;
  readonly prefer?: string;
  readonly body?: object;
}

async function send(method: string, url: string, { ifMatch, prefer, body }: Sent = {}) {
  const answer = await fetch(url, {
    method,
    headers: {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
      ...(prefer === undefined ? {} : { Prefer: prefer }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  const { status, headers } = answer;
  return {
    status,
    headers,
    etag: headers.get('etag') ?? '',
    body: isJson ? JSON.parse(text) : text,
  };
}

/** A new order; its address and how to send to it. */
async function order(values: object = {}) {
  const ID = randomUUID();
  await peer().create('Orders', { ID, status: 'New', quantity: 1, ...values });
  const url = `${peer().v4}/Orders(${ID})`;
  return {
    ID,
    url,
    read: () => send('GET', url),
    patch: (body: object, sent: Sent = {}) => send('PATCH', url, { ...sent, body }),
    changes: async (): Promise<CapChange[]> =>
      (await peer().history()).filter(({ before, after }) => (after ?? before)?.ID === ID),
  };
}

describe('ETags', () => {
  it('are weak, the UUID of the version, in the header and in the body, also in collections', async () => {
    const { ID, read } = await order();
    const { etag, body } = await read();
    expect(etag).toBe(`W/"${String(body.version)}"`);
    expect(body['@odata.etag']).toBe(etag);
    const all = await send('GET', `${peer().v4}/Orders?$filter=ID eq ${ID}`);
    expect(all.etag).toBe('');
    expect(all.body.value).toMatchObject([{ ID, '@odata.etag': etag }]);
  });

  it('come with $select, too', async () => {
    const { url } = await order();
    const { etag, body } = await send('GET', `${url}?$select=status`);
    expect(body).toMatchObject({ status: 'New', '@odata.etag': etag });
    expect(body).not.toHaveProperty('quantity');
  });

  it('are the time of the last change where that is the version', async () => {
    await peer().create('OrderLines', { orderNumber: "O'Neil/1", line: 1, quantity: 1 });
    const url = `${peer().v4}/OrderLines(orderNumber='O%27%27Neil%2F1',line=1)`;
    const { etag, body } = await send('GET', url);
    expect(etag).toBe(`W/"${String(body.modifiedAt)}"`);
    expect(body.modifiedAt).toMatch(/T\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect((await send('PATCH', url, { ifMatch: etag, body: { quantity: 2 } })).status).toBe(200);
  });
});

describe('PATCH', () => {
  it('answers 200, the record and its new ETag', async () => {
    const { read, patch } = await order();
    const { etag: ifMatch } = await read();
    const { status, etag, body } = await patch({ status: 'Shipped' }, { ifMatch });
    expect([status, body.status, body['@odata.etag']]).toEqual([200, 'Shipped', etag]);
    expect(etag).not.toBe(ifMatch);
    expect((await read()).etag).toBe(etag);
  });

  it('answers 204 and the new ETag when minimal is preferred', async () => {
    const { read, patch } = await order();
    const sent = { ifMatch: (await read()).etag, prefer: 'return=minimal' };
    const { status, etag, headers, body } = await patch({ status: 'Shipped' }, sent);
    expect([status, body, headers.get('preference-applied')]).toEqual([204, '', 'return=minimal']);
    expect(etag).toBe((await read()).etag);
    expect(etag).not.toBe(sent.ifMatch);
  });

  it('that changes nothing makes a new ETag all the same', async () => {
    const { read, patch, changes } = await order();
    const { etag: ifMatch } = await read();
    const { status, etag } = await patch({ status: 'New' }, { ifMatch });
    expect(status).toBe(200);
    expect(etag).not.toBe(ifMatch);
    expect(await changes()).toHaveLength(2);
  });

  it('with an outdated ETag is 412 in JSON and changes nothing', async () => {
    const { read, patch, changes } = await order();
    const { status, body } = await patch({ status: 'Shipped' }, { ifMatch: STALE });
    expect([status, body.error.code]).toEqual([412, '412']);
    expect((await read()).body.status).toBe('New');
    expect(await changes()).toHaveLength(1);
  });

  it('without an ETag is 428 and changes nothing', async () => {
    const { patch, changes } = await order();
    const { status, body } = await patch({ status: 'Shipped' });
    expect([status, body.error.code]).toEqual([428, '428']);
    expect(await changes()).toHaveLength(1);
  });

  it('takes a weak ETag without its W/, but none with a suffix', async () => {
    const { read, patch } = await order();
    const { etag: first } = await read();
    const { status, etag } = await patch({ note: 'a' }, { ifMatch: first.slice(2) });
    expect(status).toBe(200);
    const ifMatch = etag.replace(/"$/, '-gzip"');
    expect((await patch({ note: 'b' }, { ifMatch })).status).toBe(412);
  });

  it('of a missing key is 412 with an ETag, 404 with *, 428 without; none creates a record', async () => {
    const url = `${peer().v4}/Orders(${GONE})`;
    const patch = (sent: Sent) => send('PATCH', url, { ...sent, body: { status: 'New' } });
    expect((await patch({ ifMatch: STALE })).status).toBe(412);
    expect((await patch({ ifMatch: '*' })).status).toBe(404);
    expect((await patch({})).status).toBe(428);
    expect((await send('GET', url)).status).toBe(404);
  });

  it('by many at once with one ETag is committed once', async () => {
    const { read, patch, changes } = await order();
    const { etag: ifMatch } = await read();
    const notes = Array.from({ length: 20 }, (_, n) => ({ note: `n${n}` }));
    const answers = await Promise.all(notes.map(body => patch(body, { ifMatch })));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(19).fill(412)]);
    expect(await changes()).toHaveLength(2);
  });

  it('of an unknown field is 400', async () => {
    const { patch } = await order();
    const { status, body } = await patch({ nosuch: 1 }, { ifMatch: '*' });
    expect([status, body.error.message]).toEqual([400, expect.stringContaining('"nosuch"')]);
  });
});

describe('an entity without a version', () => {
  it('ignores If-Match, and an unconditional PATCH of a missing key is 404', async () => {
    await peer().create('Carriers', { code: 'DHL', name: 'old' });
    const url = `${peer().v4}/Carriers('DHL')`;
    const { etag, body } = await send('GET', url);
    expect([etag, '@odata.etag' in body]).toEqual(['', false]);
    const written = await send('PATCH', url, { ifMatch: STALE, body: { name: 'new' } });
    expect([written.status, written.etag, written.body.name]).toEqual([200, '', 'new']);
    const missing = await send('PATCH', `${peer().v4}/Carriers('none')`, { body: { name: 'x' } });
    expect(missing.status).toBe(404);
  });
});

describe('values', () => {
  it('a decimal comes back as a number, a timestamp with milliseconds and in UTC', async () => {
    const { patch } = await order();
    const values = {
      amount: 12.5,
      deliveryAt: '2025-03-01T10:00:00+01:00',
      deliveryOn: '2025-03-01',
    };
    const { status, body } = await patch(values, { ifMatch: '*' });
    expect([status, body.amount, body.deliveryAt, body.deliveryOn]).toEqual([
      200,
      12.5,
      '2025-03-01T09:00:00.000Z',
      '2025-03-01',
    ]);
  });

  it('a decimal stays a number even when IEEE754Compatible is asked for', async () => {
    const { url } = await order({ amount: 12.5 });
    const headers = { Accept: 'application/json;IEEE754Compatible=true' };
    const body = (await (await fetch(url, { headers })).json()) as { amount: unknown };
    expect(body.amount).toBe(12.5);
  });

  it('a decimal written as a string comes back as a number without its trailing zeros', async () => {
    const { patch } = await order();
    expect((await patch({ amount: '12.50' }, { ifMatch: '*' })).body.amount).toBe(12.5);
  });

  it('a timestamp is cut to milliseconds', async () => {
    const { patch } = await order();
    const { body } = await patch({ deliveryAt: '2025-03-01T10:00:00.1239999Z' }, { ifMatch: '*' });
    expect(body.deliveryAt).toBe('2025-03-01T10:00:00.123Z');
  });

  it('more decimal places than the type has are refused, not rounded', async () => {
    const { patch } = await order();
    const { status, body } = await patch({ amount: 12.345 }, { ifMatch: '*' });
    expect([status, body.error.code]).toEqual([400, 'ASSERT_DATA_TYPE']);
  });
});

describe('bound actions', () => {
  const call = (url: string, ifMatch?: string) =>
    send('POST', `${url}/OrdersService.UpdateOrderStatus`, {
      ...(ifMatch === undefined ? {} : { ifMatch }),
      body: { status: 'Shipped' },
    });

  it('need If-Match as a PATCH does', async () => {
    const { url, read, changes } = await order();
    const { etag } = await read();
    expect((await call(url)).status).toBe(428);
    expect((await call(url, STALE)).status).toBe(412);
    expect(await changes()).toHaveLength(1);
    const done = await call(url, etag);
    expect([done.status, done.body.status, done.etag]).toEqual([
      200,
      'Shipped',
      (await read()).etag,
    ]);
    expect(await changes()).toHaveLength(2);
  });

  it('by many at once with one ETag are carried out once', async () => {
    const { url, read, changes } = await order();
    const { etag } = await read();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(url, etag)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(19).fill(412)]);
    expect(await changes()).toHaveLength(2);
  });

  it('of a missing key are 412 with an ETag and 404 with *', async () => {
    const url = `${peer().v4}/Orders(${GONE})`;
    expect((await call(url, STALE)).status).toBe(412);
    expect((await call(url, '*')).status).toBe(404);
  });
});

it('HEAD is 405', async () => {
  const { url } = await order();
  expect((await send('HEAD', url)).status).toBe(405);
});

it('the REST protocol of the same service names no ETag and ignores If-Match', async () => {
  const { ID } = await order();
  const url = `${peer().rest}/Orders/${ID}`;
  expect((await send('GET', url)).etag).toBe('');
  expect((await send('PATCH', url, { ifMatch: STALE, body: { note: 'over' } })).status).toBe(200);
});

describe('OData V2 through the adapter', () => {
  const urlOf = (ID: string) => `${peer().v2}/Orders(guid'${ID}')`;

  it('names the same ETag in the header and in __metadata', async () => {
    const { ID, read } = await order();
    const { etag, body } = await send('GET', urlOf(ID));
    expect([etag, body.d.__metadata.etag]).toEqual(Array(2).fill((await read()).etag));
  });

  it('spells decimals as strings and times as /Date(…)/', async () => {
    const { ID } = await order({
      amount: 12.5,
      deliveryAt: '2025-03-01T10:00:00Z',
      deliveryOn: '2025-03-01',
    });
    expect((await send('GET', urlOf(ID))).body.d).toMatchObject({
      amount: '12.5',
      deliveryAt: '/Date(1740823200000+0000)/',
      deliveryOn: '/Date(1740787200000)/',
    });
  });

  it('MERGE answers 200, the record and its new ETag; 412 when outdated, 428 without', async () => {
    const { ID, read } = await order();
    const merge = (sent: Sent) =>
      send('MERGE', urlOf(ID), { ...sent, body: { status: 'Shipped' } });
    expect((await merge({})).status).toBe(428);
    const refused = await merge({ ifMatch: STALE });
    expect([refused.status, refused.body.error.message.value]).toEqual([
      412,
      'Precondition Failed',
    ]);
    const done = await merge({ ifMatch: (await read()).etag });
    expect([done.status, done.body.d.status, done.etag]).toEqual([
      200,
      'Shipped',
      (await read()).etag,
    ]);
  });

  it('asks for no CSRF token and hands none out', async () => {
    const answer = await fetch(`${peer().v2}/`, { headers: { 'X-CSRF-Token': 'Fetch' } });
    await answer.text();
    expect([answer.status, answer.headers.get('x-csrf-token')]).toEqual([200, null]);
  });

  it('HEAD is 405', async () => {
    const { ID } = await order();
    expect((await send('HEAD', urlOf(ID))).status).toBe(405);
  });
});

describe('the history the tests judge by', () => {
  it('holds what was committed, by whom, with the versions before and after', async () => {
    const { ID, read, changes } = await order();
    const before = (await read()).body.version as string;
    await peer().change('Orders', { ID }, { note: 'seen' });
    const after = (await read()).body.version as string;
    await peer().remove('Orders', { ID });
    expect(await changes()).toMatchObject([
      { by: 'seed', change: 'INSERT', before: null, after: { version: before } },
      {
        by: 'background',
        change: 'UPDATE',
        before: { version: before, note: null },
        after: { version: after, note: 'seen' },
      },
      { by: 'background', change: 'DELETE', before: { version: after }, after: null },
    ]);
  });
});
