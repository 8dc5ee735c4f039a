import { describe, expect, test } from 'vitest';
import type { RecordKey } from '../../../../lib/record/fields';
import { answer } from '../answers';
import { Api } from './bulk-apis';

const GUIDS = [
  '7A1B2C3D-0000-4000-8000-000000000145',
  '{7a1b2c3d-0000-4000-8000-000000000146}',
  '7a1b2c3d-0000-4000-8000-000000000147',
];

/** The filter of a list, decoded. */
const filterOf = (url: string): string | null => new URL(url).searchParams.get('$filter');

describe('a list by a filter', () => {
  test('of Dataverse names the primary keys', () => {
    const api = new Api('dataverse', {}, 'salesorders');
    const { request } = api.reads.request(api.refs(...GUIDS.slice(0, 2)), undefined);
    expect(filterOf(request.url)).toBe(
      'salesorderid eq 7a1b2c3d-0000-4000-8000-000000000145 or salesorderid eq 7a1b2c3d-0000-4000-8000-000000000146',
    );
  });

  test('of Dataverse may use its own function', () => {
    const api = new Api('dataverse', { bulk: { filter: 'in' } }, 'salesorders');
    const { request, count } = api.reads.request(api.refs(...GUIDS), ['name']);
    expect(count).toBe(3);
    expect(request.method).toBe('GET');
    expect(request.url).toMatch(
      /^https:\/\/api\.example\/svc\/salesorders\?\$select=name,salesorderid&\$filter=/,
    );
    expect(filterOf(request.url)).toBe(
      "Microsoft.Dynamics.CRM.In(PropertyName='salesorderid',PropertyValues=['7a1b2c3d-0000-4000-8000-000000000145','7a1b2c3d-0000-4000-8000-000000000146','7a1b2c3d-0000-4000-8000-000000000147'])",
    );
  });

  test('of composite keys names each of them whole, and the companies of all', () => {
    const api = new Api('finance-operations');
    const refs = api.refs({ dataAreaId: 'USMF', No: "O'N 1" }, { No: 'B', dataAreaId: 'demf' });
    const { request } = api.reads.request(refs, undefined);
    expect(request.url).toContain('/items?cross-company=true&$filter=');
    expect(filterOf(request.url)).toBe(
      "(dataAreaId eq 'usmf' and No eq 'O''N 1') or (dataAreaId eq 'demf' and No eq 'B')",
    );
  });

  test('of V2 spells GUIDs as V2 does, and keeps the query of the endpoint', () => {
    const api = new Api('sap-gateway', {
      api: { query: 'sap-client=100' },
      bulk: { keyField: 'ID' },
    });
    const { request } = api.reads.request(api.refs(GUIDS[0] ?? '', 7), ['Name']);
    expect(request.url).toContain('/items?$select=Name,ID&sap-client=100&$filter=');
    expect(filterOf(request.url)).toBe(
      "ID eq guid'7a1b2c3d-0000-4000-8000-000000000145' or ID eq 7",
    );
  });

  test('uses `in` where the settings say so', () => {
    const api = new Api('odata', { bulk: { keyField: 'ID', filter: 'in' } });
    expect(filterOf(api.reads.request(api.refs(1, 'a,b'), undefined).request.url)).toBe(
      "ID in (1,'a,b')",
    );
  });

  test('holds as many as the address, the API and the filter take', () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1_000_000);
    const or = new Api('odata', { bulk: { keyField: 'ID' } });
    expect(or.reads.request(or.refs(...numbers(50)), ['a']).count).toBe(20);
    const long = new Api('odata', { bulk: { keyField: 'ID', mostComparisons: 1000 } });
    const some = long.reads.request(long.refs(...numbers(100)), ['a']);
    expect(some.request.url.length).toBeLessThanOrEqual(2000);
    expect(some.count).toBeGreaterThan(40);
    const few = new Api('odata', { bulk: { keyField: 'ID', filter: 'in', most: 5 } });
    expect(few.reads.request(few.refs(...numbers(100)), ['a']).count).toBe(5);
    const one = long.reads.request(long.refs('x'.repeat(3000), 'y'), ['a']);
    expect(one.count).toBe(1);
  });

  test('is about the leading records with the same key fields', () => {
    const api = new Api('odata');
    const refs = api.refs({ a: 1, b: 2 }, { b: 3, a: 4 }, 5, { a: 6, b: 7 });
    expect(api.reads.request(refs, undefined).count).toBe(2);
  });
});

describe('a page of a list', () => {
  test('tells records by their keys, each as a read alone would have shown it', () => {
    const api = new Api('odata', { bulk: { keyField: 'ID' } });
    const refs = api.refs(GUIDS[0] ?? '', 1, '1', 'x', 'gone');
    const text = `{"value":[{"ID":"x","n":9007199254740993,"@odata.etag":"W/\\"3\\""},{"ID":1,"@odata.etag":"W/\\"4\\""},{"ID":"7a1b2c3d-0000-4000-8000-000000000145"},{"ID":"other"},7]}`;
    const headers = {
      etag: 'W/"list"',
      'content-length': '7',
      'last-modified': 'x',
      'x-cache-status': 'HIT',
    };
    const page = api.reads.pageOf(answer(200, text, headers), refs);
    expect([...(page?.found.keys() ?? [])].sort()).toEqual([0, 1, 3]);
    const shown = page?.found.get(3);
    expect(shown).toMatchObject({
      status: 200,
      headers: { 'x-cache-status': 'HIT' },
      json: { n: '9007199254740993' },
    });
    expect(shown?.text).toContain('9007199254740993');
    expect(shown && api.family.versionOf(shown)).toBe('W/"3"');
    expect(shown && api.family.cachedReads?.isCached(shown)).toBe(true);
    const unversioned = page?.found.get(0);
    expect(unversioned && api.family.versionOf(unversioned)).toBeUndefined();
    expect(page?.next).toBeUndefined();
  });

  test('of V2 has an envelope around rows and record, and long numbers as text', () => {
    const api = new Api('sap-gateway', { bulk: { keyField: 'ID' } });
    const body = {
      d: {
        results: [{ ID: '7', __metadata: { etag: 'W/"1"' }, Name: 'A' }],
        __next: `items?$skiptoken=1`,
      },
    };
    const page = api.reads.pageOf(answer(200, body), api.refs(7));
    const shown = page?.found.get(0);
    expect(shown && api.family.versionOf(shown)).toBe('W/"1"');
    expect(shown && api.family.valuesOf(shown)).toEqual({ ID: '7', Name: 'A' });
    expect(page?.next).toMatchObject({
      method: 'GET',
      url: 'https://api.example/svc/items?$skiptoken=1',
    });
  });

  test('takes companies in whatever case', () => {
    const api = new Api('finance-operations');
    const refs = api.refs({ dataAreaId: 'USMF', No: 'A' }, { dataAreaId: 'usmf', No: 'B' });
    const page = api.reads.pageOf(
      answer(200, {
        value: [
          { dataAreaId: 'USMF', No: 'B' },
          { dataAreaId: 'usmf', No: 'A' },
          { dataAreaId: 'demf', No: 'B' },
        ],
      }),
      refs,
    );
    expect([...(page?.found.keys() ?? [])]).toEqual([1, 0]);
  });

  test.each([
    ['https://api.example/svc/items?$skiptoken=2', true],
    ['items?$skiptoken=2', true],
    ['/svc/items?$skiptoken=2', true],
    ['https://evil.example/svc/items', false],
    ['//evil.example/svc/items', false],
    ['https://api.example/other/items', false],
    ['../../admin', false],
    ['https://user:pw@api.example/svc/items', false],
    ['http://', false],
    [7, false],
  ])('goes on at %s: %s', (link, isNext) => {
    const api = new Api('odata', { bulk: { keyField: 'ID' } });
    const page = api.reads.pageOf(answer(200, { value: [], '@odata.nextLink': link }), api.refs(1));
    expect(page?.next?.url).toBe(isNext ? 'https://api.example/svc/items?$skiptoken=2' : undefined);
    if (isNext) expect(page?.next?.headers).toHaveProperty('Accept');
  });

  test.each([
    ['a page', answer(200, '<html></html>')],
    ['an error', answer(400, { error: { message: 'node count' } })],
    ['a record', answer(200, { ID: 1 })],
    ['a list that was cut', answer(200, '{"value":[{"ID":1}')],
  ])('is none in %s', (_, given) => {
    const api = new Api('odata', { bulk: { keyField: 'ID' } });
    expect(api.reads.pageOf(given, api.refs(1))).toBeUndefined();
  });
});

describe('a batch of reads', () => {
  test('is for keys whose fields have no known names, and each is answered on its own', () => {
    const api = new Api('odata');
    const refs = api.refs(1, 'x');
    const { request, count } = api.reads.request(refs, ['name']);
    expect({ count, method: request.method, url: request.url }).toEqual({
      count: 2,
      method: 'POST',
      url: 'https://api.example/svc/$batch',
    });
    expect(JSON.parse(request.body ?? '')).toMatchObject({
      requests: [
        { id: '1', method: 'GET', url: 'items(1)?$select=name' },
        { id: '2', method: 'GET', url: "items('x')?$select=name" },
      ],
    });
    expect(request.body).not.toContain('atomicityGroup');
    const page = api.reads.pageOf(
      answer(200, {
        responses: [
          { id: '2', status: 404, body: { error: { message: 'gone' } } },
          { id: '1', status: 200, headers: { etag: 'W/"1"' }, body: {} },
        ],
      }),
      refs,
    );
    expect(page?.found.get(0)).toMatchObject({ status: 200, headers: { etag: 'W/"1"' } });
    expect(page?.found.get(1)).toMatchObject({ status: 404 });
  });

  const part = (status: number, body: string, id?: string): string =>
    `--r\r\nContent-Type: application/http\r\n${id === undefined ? '' : `Content-ID: ${id}\r\n`}\r\nHTTP/1.1 ${String(status)} X\r\n\r\n${body}\r\n`;
  const api = new Api('dataverse', {}, 'salesorders');
  const keys: RecordKey[] = [{ ordernumber: 'SO-1' }, { ordernumber: 'SO-2' }];
  const read = (...parts: readonly string[]) =>
    api.reads.pageOf(
      answer(200, `${parts.join('')}--r--`, { 'content-type': 'multipart/mixed;boundary=r' }),
      api.refs(...keys),
    )?.found;

  test('of alternate keys is multipart at Dataverse, and in no change set', () => {
    const { request } = api.reads.request(api.refs(...keys), undefined);
    expect(request.body).toContain("\r\nGET salesorders(ordernumber='SO-1') HTTP/1.1\r\n");
    expect(request.body).not.toContain('changeset');
  });

  test('is told by ids or, complete and in order, by places', () => {
    expect(read(part(404, '', '2'), part(200, '{}', '1'))?.get(1)).toMatchObject({ status: 404 });
    expect(read(part(200, '{"ordernumber":"so-1"}'), part(404, ''))?.size).toBe(2);
    expect(read(part(200, '{}'))?.size).toBe(0);
  });

  test('never takes a record for another one', () => {
    expect([...(read(part(200, '{"ordernumber":"SO-2"}'), part(404, ''))?.keys() ?? [])]).toEqual([
      1,
    ]);
  });
});
