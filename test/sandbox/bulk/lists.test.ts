import { describe, expect, it } from 'vitest';
import { orderId, orderNumber } from '../../../sandbox';
import type { Sandbox } from '../../../sandbox';
import { call, start } from '../client';
import type { Answered } from '../client';

const ORDERS = '/api/data/v9.0/salesorders';
const FINANCE = '/data/SalesOrderHeadersV2';
const SAP = '/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder';

type Row = Readonly<Record<string, unknown>>;

function list(
  sandbox: Sandbox,
  path: string,
  options: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const query = Object.entries(options).map(pair => pair.map(encodeURIComponent).join('='));
  return call(sandbox, 'GET', `${path}?${query.join('&')}`, headers);
}

function rows({ json }: Answered): readonly Row[] {
  return (json.value ?? (json.d as { results?: Row[] } | undefined)?.results ?? []) as Row[];
}

/** The numbers of the sales orders that a filter means. */
async function numbers(sandbox: Sandbox, $filter: string): Promise<unknown[]> {
  const answer = await list(sandbox, ORDERS, { $filter, $select: 'ordernumber' });
  return answer.status === 200 ? rows(answer).map(row => row.ordernumber) : [answer.status];
}

describe('a list at Dataverse', () => {
  it('holds the records that are asked for, with fields and versions', async () => {
    const sandbox = await start();
    const $filter = `ordernumber in ('${orderNumber(3)}','none','${orderNumber(1)}')`;
    const answer = await list(sandbox, ORDERS, { $filter, $select: 'name,orderstatus' });
    expect(rows(answer)).toEqual(
      [1, 3].map(n => {
        const { version, values } = sandbox.orders.get(orderId(n)) ?? {};
        const { name, orderstatus } = values ?? {};
        return { '@odata.etag': version, name, orderstatus, salesorderid: orderId(n) };
      }),
    );
    expect(answer.json).not.toHaveProperty('@odata.nextLink');
  });

  it.each([
    [`salesorderid in (${orderId(1)},${orderId(2).toUpperCase()})`, [1, 2]],
    [`salesorderid eq ${orderId(2)} or salesorderid eq ${orderId(4)}`, [2, 4]],
    [`ordernumber eq 'so-2025-0002'`, [2]],
    ['shippingmethodcode in (2,3)', [1, 2]],
    ['shippingmethodcode eq 2 and totalamount eq 1012.5', [1]],
    ['( shippingmethodcode eq 2 or shippingmethodcode eq 3 ) and totalamount ne 1012.50', [2]],
    ['shippingmethodcode eq 2 or shippingmethodcode eq 3 and totalamount eq 0', [1]],
    ["orderstatus eq 'New' and requestdeliveryby eq 2025-02-02", [1]],
    [
      `Microsoft.Dynamics.CRM.In(PropertyName='salesorderid',PropertyValues=['${orderId(2)}'])`,
      [2],
    ],
    [
      `Microsoft.Dynamics.CRM.In(PropertyName='ordernumber', PropertyValues=['SO-2025-0001','so-2025-0003'])`,
      [1, 3],
    ],
    [`Microsoft.Dynamics.CRM.In(PropertyName='shippingmethodcode',PropertyValues=['2','9'])`, [1]],
    ['description ne null', []],
    ["name eq 'it''s'", [5]],
    ['datefulfilled eq 2025-03-01T10:00:00.000Z', [4]],
  ])('takes the filter %s', async (filter, expected) => {
    const sandbox = await start();
    sandbox.orders.touch(orderId(5), { name: "it's" });
    sandbox.orders.touch(orderId(4), { datefulfilled: '2025-03-01T11:00:00+01:00' });
    expect(await numbers(sandbox, filter)).toEqual(expected.map(orderNumber));
  });

  it.each([
    '',
    'ordernumber',
    "ordernumber eq 'a",
    "ordernumber like 'a'",
    "ordernumber eq 'a' or",
    "ordernumber eq 'a' 'b'",
    "ordernumber in ('a',)",
    'ordernumber in ()',
    "(ordernumber eq 'a'",
    "ordernumber eq 'a')",
    "nope eq 'a'",
    "constructor eq 'a'",
    "Microsoft.Dynamics.CRM.In(PropertyName='nope',PropertyValues=['a'])",
    "Microsoft.Dynamics.CRM.In(PropertyName='ordernumber',PropertyValues=[5])",
    "Microsoft.Dynamics.CRM.In(PropertyName='ordernumber',PropertyValues=['a'",
    'ordernumber eq 5',
    `salesorderid eq '${orderId(1)}'`,
    "totalamount eq '5'",
    'requestdeliveryby eq tomorrow',
    `${'('.repeat(200)}ordernumber eq 'a'${')'.repeat(200)}`,
  ])('refuses the filter %s', async filter => {
    const sandbox = await start();
    expect(await numbers(sandbox, filter)).toEqual([400]);
  });

  it('comes in pages, by the setting or by the preference, whichever is less', async () => {
    const sandbox = await start({ bulk: { pageSize: 4 } });
    const pagesOf = async (prefer: string, top?: string): Promise<number[]> => {
      const sizes = [];
      const query = { $select: 'name', ...(top === undefined ? {} : { $top: top }) };
      let answer = await list(sandbox, ORDERS, query, { prefer });
      sizes.push(rows(answer).length);
      for (;;) {
        const next = answer.json['@odata.nextLink'];
        if (typeof next !== 'string') return sizes;
        expect(next.startsWith(`${sandbox.url}${ORDERS}?`)).toBe(true);
        answer = await call(sandbox, 'GET', next.slice(sandbox.url.length), { prefer });
        expect(Object.keys(rows(answer)[0] ?? {})).toEqual(['@odata.etag', 'name', 'salesorderid']);
        sizes.push(rows(answer).length);
      }
    };
    expect(await pagesOf('odata.maxpagesize=2')).toEqual([2, 2, 1]);
    expect(await pagesOf('return=minimal, maxpagesize=50')).toEqual([4, 1]);
    expect(await pagesOf('odata.maxpagesize=2', '3')).toEqual([2, 1]);
  });
});

describe('a list at Finance & Operations', () => {
  it('is filtered by both fields of the key, and crosses companies when told to', async () => {
    const sandbox = await start();
    const $filter =
      "(dataAreaId eq 'usmf' and SalesOrderNumber eq 'SO-2025-0101') or (dataAreaId eq 'demf' and SalesOrderNumber eq 'SO-2025-0110')";
    const own = await list(sandbox, FINANCE, { $filter });
    const all = await list(sandbox, FINANCE, { $filter, 'cross-company': 'true' });
    const key = (row: Row): unknown => row.SalesOrderNumber;
    expect(rows(own).map(key)).toEqual(['SO-2025-0101']);
    expect(rows(all).map(key)).toEqual(['SO-2025-0101', 'SO-2025-0110']);
    expect(rows(all)[0]?.['@odata.etag']).toBe(sandbox.financeOrders.get('SO-2025-0101')?.version);
  });

  it('comes in pages that keep the query', async () => {
    const sandbox = await start({ bulk: { pageSize: 8 } });
    const first = await list(sandbox, FINANCE, { 'cross-company': 'true' });
    const next = String(first.json['@odata.nextLink']).slice(sandbox.url.length);
    const second = await call(sandbox, 'GET', next);
    expect([rows(first).length, rows(second).length]).toEqual([8, 2]);
    expect(second.json).not.toHaveProperty('@odata.nextLink');
  });
});

describe('a list at SAP Gateway', () => {
  it('is filtered as V2 does it, with versions and the link to the rest', async () => {
    const sandbox = await start({ bulk: { pageSize: 2 } });
    const $filter = "SalesOrder eq '1' or SalesOrder eq '3' or SalesOrder eq '4'";
    const first = await list(sandbox, SAP, { $filter, $select: 'SoldToParty', $format: 'json' });
    expect(rows(first)).toMatchObject([
      { __metadata: { etag: sandbox.sapOrders.get('1')?.version }, SoldToParty: '10100001' },
      { __metadata: { etag: sandbox.sapOrders.get('3')?.version } },
    ]);
    const { __next: next } = first.json.d as { __next: string };
    const second = await call(sandbox, 'GET', next.slice(sandbox.url.length));
    expect(rows(second)).toMatchObject([
      { __metadata: { etag: sandbox.sapOrders.get('4')?.version } },
    ]);
    expect(second.json.d).not.toHaveProperty('__next');
  });

  it('knows the literals of V2, and not those of V4', async () => {
    const sandbox = await start();
    const day = "RequestedDeliveryDate eq datetime'2025-02-02T00:00:00'";
    expect(rows(await list(sandbox, SAP, { $filter: day }))).toHaveLength(1);
    const amount = 'TotalNetAmount eq 1012.50M';
    expect(rows(await list(sandbox, SAP, { $filter: amount }))).toHaveLength(1);
    for (const $filter of ["SalesOrder in ('1')", 'RequestedDeliveryDate eq 2025-02-02']) {
      expect((await list(sandbox, SAP, { $filter })).status).toBe(400);
    }
  });
});
