import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../sandbox';
import { call, start } from './client';
import type { Answered } from './client';

const ROOT = '/sap/opu/odata/sap/API_SALES_ORDER_SRV';
const PATH = `${ROOT}/A_SalesOrder('1')`;
const FIRST = 'W/"datetimeoffset\'2025-02-08T10%3A00%3A00.0000000Z\'"';

/** Headers of a fresh session. */
async function session(sandbox: Sandbox): Promise<{ cookie: string; 'x-csrf-token': string }> {
  const answer = await call(sandbox, 'GET', `${ROOT}/`, { 'x-csrf-token': 'Fetch' });
  const cookies = answer.headers.getSetCookie().map(cookie => cookie.split(';')[0]);
  return { cookie: cookies.join('; '), 'x-csrf-token': answer.headers.get('x-csrf-token') ?? '' };
}

function d(answer: Answered): Record<string, unknown> {
  return answer.json.d as Record<string, unknown>;
}

function messageOf(answer: Answered): unknown {
  return (answer.json.error as { message: unknown }).message;
}

describe('reading from SAP Gateway', () => {
  it('answers the record in its OData V2 envelope, without a session', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'GET', PATH);
    expect(answer.headers.get('etag')).toBe(FIRST);
    expect(d(answer)).toMatchObject({
      __metadata: {
        uri: sandbox.url + PATH,
        type: 'API_SALES_ORDER_SRV.A_SalesOrderType',
        etag: FIRST,
      },
      SalesOrder: '1',
      RequestedDeliveryDate: `/Date(${String(Date.UTC(2025, 1, 2))})/`,
      TotalNetAmount: '1012.50',
      LastChangeDateTime: `/Date(${String(Date.UTC(2025, 1, 8, 10))}+0000)/`,
      to_Item: { __deferred: { uri: `${sandbox.url}${PATH}/to_Item` } },
    });
    expect(sandbox.sap).toMatchObject({ tokenFetches: 0, sessions: 0 });
  });

  it('respects $select and takes the named key', async () => {
    const sandbox = await start();
    const path = `${ROOT}/A_SalesOrder(SalesOrder='2')?$select=SoldToParty&$format=json`;
    const record = d(await call(sandbox, 'GET', path));
    expect(Object.keys(record)).toEqual(['__metadata', 'SoldToParty']);
  });

  it('lists the collection, and answers 404 and 400 elsewhere', async () => {
    const sandbox = await start();
    const list = await call(sandbox, 'GET', `${ROOT}/A_SalesOrder?$top=2`);
    expect(d(list).results).toHaveLength(2);
    const paths = [`${ROOT}/A_SalesOrder('99')`, `${ROOT}/B`, `${ROOT}/A_SalesOrder(1)`];
    const statuses = [];
    for (const path of paths) statuses.push((await call(sandbox, 'GET', path)).status);
    expect(statuses).toEqual([404, 404, 400]);
  });
});

describe('sessions with SAP Gateway', () => {
  it('hands out a token with three cookies at the service root', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'GET', `${ROOT}/`, { 'x-csrf-token': 'Fetch' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-csrf-token')).not.toBeNull();
    const names = answer.headers.getSetCookie().map(cookie => cookie.split('=')[0]);
    expect(names).toEqual(['SAP_SESSIONID_PRC_100', 'sap-usercontext', 'MYSAPSSO2']);
    expect(sandbox.stats()).toMatchObject({ csrfTokens: 1, sessions: 1 });
  });

  it('gives the token of a session again to a client that has its cookies', async () => {
    const sandbox = await start();
    const headers = await session(sandbox);
    const fetch = { cookie: headers.cookie, 'x-csrf-token': 'fetch' };
    const again = await call(sandbox, 'GET', `${ROOT}/`, fetch);
    expect(again.headers.get('x-csrf-token')).toBe(headers['x-csrf-token']);
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(sandbox.sap).toMatchObject({ tokenFetches: 2, sessions: 1 });
  });

  it('redirects the service root without its slash', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'GET', ROOT, { 'x-csrf-token': 'Fetch' });
    expect([answer.status, answer.headers.get('location')]).toEqual([301, `${ROOT}/`]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('refuses a write without the token and every cookie of one and the same session', async () => {
    const sandbox = await start();
    const mine = await session(sandbox);
    const other = await session(sandbox);
    const cookies = mine.cookie.split('; ');
    const incomplete = cookies.map((_, left) => ({
      ...mine,
      cookie: cookies.filter((_, n) => n !== left).join('; '),
    }));
    const attempts = [
      {},
      { cookie: mine.cookie },
      { 'x-csrf-token': mine['x-csrf-token'] },
      { ...mine, 'x-csrf-token': other['x-csrf-token'] },
      ...incomplete,
    ];
    for (const headers of attempts) {
      const write = { ...headers, 'if-match': '*' };
      const answer = await call(sandbox, 'PATCH', PATH, write, { SoldToParty: 'x' });
      expect([answer.status, answer.headers.get('x-csrf-token'), answer.text]).toEqual([
        403,
        'Required',
        'CSRF token validation failed',
      ]);
    }
    expect(sandbox.sapOrders.history('1')).toHaveLength(1);
    const whole = { ...mine, 'if-match': '*' };
    expect((await call(sandbox, 'PATCH', PATH, whole, { SoldToParty: 'x' })).status).toBe(204);
  });

  it.each(['here', 'over HTTP'])('refuses the next write when sessions expire %s', async where => {
    const sandbox = await start();
    const headers = { ...(await session(sandbox)), 'if-match': '*' };
    expect((await call(sandbox, 'PATCH', PATH, headers, {})).status).toBe(204);
    if (where === 'here') sandbox.sap.expireSessions();
    else await call(sandbox, 'DELETE', '/sandbox/sessions');
    expect(sandbox.sap.sessions).toBe(0);
    expect((await call(sandbox, 'PATCH', PATH, headers, {})).status).toBe(403);
    expect(sandbox.sapOrders.requests('1').map(({ status }) => status)).toEqual([204, 403]);
    const anew = { ...(await session(sandbox)), 'if-match': '*' };
    expect((await call(sandbox, 'PATCH', PATH, anew, {})).status).toBe(204);
  });
});

describe('updating at SAP Gateway', () => {
  it.each(['PATCH', 'MERGE'])(
    'changes what %s names and answers 204 with the ETag',
    async method => {
      const sandbox = await start();
      const headers = { ...(await session(sandbox)), 'if-match': FIRST };
      const body = {
        __metadata: { type: 'ignored' },
        TotalNetAmount: '12.505',
        RequestedDeliveryDate: `/Date(${String(Date.UTC(2025, 2, 9))})/`,
      };
      const answer = await call(sandbox, method, PATH, headers, body);
      const after = sandbox.sapOrders.get('1');
      expect([answer.status, answer.headers.get('etag')]).toEqual([204, after?.version]);
      expect(after?.version).not.toBe(FIRST);
      expect(after?.values).toMatchObject({
        TotalNetAmount: 12.51,
        RequestedDeliveryDate: '2025-03-09',
        PurchaseOrderByCustomer: 'PO-7001',
      });
      expect(d(await call(sandbox, 'GET', PATH)).TotalNetAmount).toBe('12.51');
    },
  );

  it('replaces the whole record on PUT', async () => {
    const sandbox = await start();
    const headers = { ...(await session(sandbox)), 'if-match': FIRST };
    const body = { d: { SoldToParty: '7', RequestedDeliveryDate: '2025-03-09T00:00:00' } };
    expect((await call(sandbox, 'PUT', PATH, headers, body)).status).toBe(204);
    expect(sandbox.sapOrders.get('1')?.values).toMatchObject({
      SoldToParty: '7',
      RequestedDeliveryDate: '2025-03-09',
      PurchaseOrderByCustomer: null,
      SalesOrderType: 'OR',
    });
  });

  it('answers 428 without If-Match and 412 to a stale version', async () => {
    const sandbox = await start();
    const headers = await session(sandbox);
    const bare = await call(sandbox, 'PATCH', PATH, headers, { SoldToParty: 'x' });
    sandbox.sapOrders.touch('1', { PricingDate: '2025-02-09' }, 'background');
    const stale = { ...headers, 'if-match': FIRST };
    const late = await call(sandbox, 'PATCH', PATH, stale, { SoldToParty: 'x' });
    expect([bare.status, late.status]).toEqual([428, 412]);
    expect(messageOf(late)).toEqual({
      lang: 'en',
      value: 'Precondition failed: data was changed in the meantime',
    });
    expect(sandbox.sapOrders.history('1').map(({ by }) => by)).toEqual(['seed', 'background']);
  });

  it('gives every change of all records a version of its own', async () => {
    const sandbox = await start();
    const touch = (n: number): string => sandbox.sapOrders.touch(String((n % 5) + 1), {});
    const versions = Array.from({ length: 500 }, (_, n) => touch(n));
    expect(new Set(versions).size).toBe(500);
    for (const version of versions.slice(-5)) {
      expect(version).toMatch(/^W\/"datetimeoffset'\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A\d\d\.\d{7}Z'"$/);
    }
  });

  it.each([
    { nope: 1 },
    { TotalNetAmount: 'much' },
    { RequestedDeliveryDate: 'soon' },
    { d: null },
    'not json',
  ])('refuses the body %j', async body => {
    const sandbox = await start();
    const headers = { ...(await session(sandbox)), 'if-match': '*' };
    expect((await call(sandbox, 'PATCH', PATH, headers, body)).status).toBe(400);
    expect(sandbox.sapOrders.history('1')).toHaveLength(1);
  });

  it('answers 404 to a missing record and 405 to a method it does not take', async () => {
    const sandbox = await start();
    const headers = { ...(await session(sandbox)), 'if-match': '*' };
    const missing = await call(sandbox, 'PATCH', `${ROOT}/A_SalesOrder('99')`, headers, {});
    const create = await call(sandbox, 'POST', `${ROOT}/A_SalesOrder`, headers, {});
    expect([missing.status, create.status]).toEqual([404, 405]);
    expect(sandbox.sapOrders.get('99')).toBeUndefined();
  });
});
