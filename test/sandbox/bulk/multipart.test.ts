import { describe, expect, it } from 'vitest';
import { orderId } from '../../../sandbox';
import type { Sandbox } from '../../../sandbox';
import { call, codeOf, start } from '../client';
import { MULTIPART, batch, multipart, operation, partsOf, statuses } from './multipart';
import type { Operation, PartAnswer, Section } from './multipart';

const ROOT = '/api/data/v9.0/';
const BATCH = `${ROOT}$batch`;
const GOES_ON = { prefer: 'odata.continue-on-error' };

function version(sandbox: Sandbox, n: number): string {
  return sandbox.orders.get(orderId(n))?.version ?? '';
}

function nameOf(sandbox: Sandbox, n: number): unknown {
  return sandbox.orders.get(orderId(n))?.values.name;
}

/** A conditional update of the n-th order; without a version on its current one. */
function update(sandbox: Sandbox, n: number, ifMatch = version(sandbox, n)): Operation {
  return {
    method: 'PATCH',
    url: `salesorders(${orderId(n)})`,
    id: String(n),
    headers: { 'If-Match': ifMatch },
    body: { name: `mine ${String(n)}` },
  };
}

const STALE = 'W/"1"';

describe('a multipart batch at Dataverse', () => {
  it('writes change sets and reads beside them, each part as if it came alone', async () => {
    const sandbox = await start();
    const answer = await batch(sandbox, BATCH, [
      [update(sandbox, 1), update(sandbox, 2)],
      { method: 'GET', url: `${ROOT}salesorders(${orderId(1)})?$select=name`, id: 'read' },
      { method: 'GET', url: `${sandbox.url}${ROOT}salesorders(${orderId(2)})?$select=name` },
    ]);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('odata-version')).toBe('4.0');
    const [set, ...reads] = partsOf(answer) as [PartAnswer[], ...PartAnswer[]];
    expect(set.map(({ id, status }) => [id, status])).toEqual([
      ['1', 204],
      ['2', 204],
    ]);
    expect(reads.map(({ id }) => id)).toEqual(['read', undefined]);
    const read = reads.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(read).toMatchObject([
      { name: 'mine 1', '@odata.etag': version(sandbox, 1) },
      { name: 'mine 2', '@odata.etag': version(sandbox, 2) },
    ]);
    expect(reads[0]?.headers.etag).toBe(version(sandbox, 1));
  });

  it('applies nothing of a change set that fails, and answers it with one part', async () => {
    const sandbox = await start();
    const before = [version(sandbox, 1), version(sandbox, 2)];
    const set = [update(sandbox, 1), update(sandbox, 2, STALE), update(sandbox, 3)];
    const answer = await batch(sandbox, BATCH, [set], GOES_ON);
    expect(answer.status).toBe(200);
    const [part, ...others] = partsOf(answer) as PartAnswer[];
    expect([part?.id, part?.status, others]).toEqual(['2', 412, []]);
    expect([version(sandbox, 1), version(sandbox, 2)]).toEqual(before);
    expect(nameOf(sandbox, 1)).not.toBe('mine 1');
    expect(sandbox.orders.history(orderId(1))).toHaveLength(1);
    expect(sandbox.stats().changes.api).toBe(0);
  });

  it('keeps the name of the cause to itself when told so', async () => {
    const sandbox = await start({ bulk: { namesCause: false } });
    const set = [update(sandbox, 1), update(sandbox, 2, STALE)];
    const [part] = partsOf(await batch(sandbox, BATCH, [set])) as PartAnswer[];
    expect([part?.id, part?.status]).toEqual([undefined, 412]);
  });

  it('never gives an ETag of a change set that was rolled back to anything else', async () => {
    const sandbox = await start({ bulk: { siblings: 'success' } });
    const requests = [
      {
        id: 'a',
        method: 'PATCH',
        url: `/data/SalesOrderHeadersV2(dataAreaId='USMF',SalesOrderNumber='SO-2025-0101')`,
      },
      {
        id: 'b',
        method: 'PATCH',
        url: `/data/SalesOrderHeadersV2(dataAreaId='USMF',SalesOrderNumber='none')`,
      },
    ].map(request => ({
      ...request,
      atomicityGroup: 'g',
      headers: { 'if-match': '*', prefer: 'return=representation' },
      body: { OrderNotes: 'mine' },
    }));
    const answer = await call(sandbox, 'POST', '/data/$batch', {}, { requests });
    const [told] = answer.json.responses as { status: number; headers: { etag: string } }[];
    expect(told?.status).toBe(200);
    const id = 'USMF/SO-2025-0101';
    expect(sandbox.financeOrders.get(id)?.values.OrderNotes).toBeNull();
    const versions = Array.from({ length: 50 }, () => sandbox.financeOrders.touch(id, {}));
    expect(versions).not.toContain(told?.headers.etag);
  });

  it('brings back what a change set deleted or created', async () => {
    const sandbox = await start();
    const removal = { method: 'DELETE', url: `salesorders(${orderId(1)})`, id: 'd' };
    const creation = {
      method: 'PATCH',
      url: `salesorders(${orderId(90)})`,
      id: 'c',
      body: { name: 'new' },
    };
    const answer = await batch(sandbox, BATCH, [[removal, creation, update(sandbox, 2, STALE)]]);
    expect(statuses(answer)).toEqual([412]);
    expect(sandbox.orders.get(orderId(1))).toBeDefined();
    expect(sandbox.orders.get(orderId(90))).toBeUndefined();
    const good = await batch(sandbox, BATCH, [[removal, creation]]);
    expect(statuses(good)).toEqual([[204, 204]]);
    expect(sandbox.orders.get(orderId(1))).toBeUndefined();
    expect(sandbox.orders.get(orderId(90))?.values.name).toBe('new');
  });

  it('stops at the first error, and gives the envelope its status', async () => {
    const sandbox = await start();
    const sections = [[update(sandbox, 1)], [update(sandbox, 2, STALE)], [update(sandbox, 3)]];
    const answer = await batch(sandbox, BATCH, sections);
    expect(answer.status).toBe(412);
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/mixed/);
    expect(statuses(answer)).toEqual([[204], 412]);
    expect([1, 3].map(n => nameOf(sandbox, n))).toEqual(['mine 1', 'Delta Rail, order 3']);
    expect(sandbox.orders.requests(orderId(3))).toEqual([]);
  });

  it.each([
    'odata.continue-on-error',
    'continue-on-error=true',
    'return-x, odata.continue-on-error=true',
  ])('goes on with Prefer: %s', async prefer => {
    const sandbox = await start();
    const sections = [[update(sandbox, 1, STALE)], [update(sandbox, 2)]];
    const answer = await batch(sandbox, BATCH, sections, { prefer });
    expect([answer.status, statuses(answer)]).toEqual([200, [412, [204]]]);
    expect(answer.headers.get('preference-applied')).toBe('odata.continue-on-error');
  });

  it.each(['stop', 'continue'] as const)(
    'does what it wants with the setting %s',
    async onError => {
      const sandbox = await start({ bulk: { onError } });
      const sections = [[update(sandbox, 1, STALE)], [update(sandbox, 2)]];
      const prefer = `odata.continue-on-error=${String(onError === 'stop')}`;
      const answer = await batch(sandbox, BATCH, sections, { prefer });
      expect(statuses(answer)).toEqual(onError === 'stop' ? [412] : [412, [204]]);
    },
  );

  it('resolves references to earlier parts, and refuses others', async () => {
    const sandbox = await start();
    const second = { method: 'PATCH', url: '$1', id: 'x', body: { description: 'more' } };
    const answer = await batch(sandbox, BATCH, [[update(sandbox, 1), second]]);
    expect(statuses(answer)).toEqual([[204, 204]]);
    expect(sandbox.orders.get(orderId(1))?.values.description).toBe('more');
    const bad = await batch(sandbox, BATCH, [[{ ...second, url: '$7' }]]);
    expect([bad.status, statuses(bad)]).toEqual([400, [400]]);
  });

  it('answers the operations of a change set in another order when told so', async () => {
    const sandbox = await start({ bulk: { shuffles: true } });
    const set = [1, 2, 3, 4, 5].map(n => update(sandbox, n));
    const [parts] = partsOf(await batch(sandbox, BATCH, [set])) as PartAnswer[][];
    const ids = parts?.map(({ id }) => id) ?? [];
    expect(ids).not.toEqual(['1', '2', '3', '4', '5']);
    expect([...ids].sort()).toEqual(['1', '2', '3', '4', '5']);
  });

  it('answers tersely when told so', async () => {
    const sandbox = await start({ bulk: { isTerse: true } });
    const read = { method: 'GET', url: `salesorders(${orderId(1)})` };
    const answer = await batch(sandbox, BATCH, [[update(sandbox, 1)], read]);
    expect(answer.text).toMatch(/^This part is passed over/);
    expect(answer.text.toLowerCase()).not.toContain('content-length');
    const [[written], shown] = partsOf(answer) as [PartAnswer[], PartAnswer];
    expect([written?.status, written?.headers]).toEqual([204, {}]);
    expect(JSON.parse(shown.body)).toMatchObject({ name: 'mine 1' });
  });

  it('has the hint for parallel requests on every answer, batches included', async () => {
    const sandbox = await start();
    sandbox.faults.add({ fault: 'throttled', on: 'batch', times: 1 });
    const answers = [
      await batch(sandbox, BATCH, [[update(sandbox, 1)]]),
      await batch(sandbox, BATCH, [[update(sandbox, 1)]]),
      await call(sandbox, 'GET', `${ROOT}salesorders(${orderId(1)})`),
      await call(sandbox, 'GET', `${ROOT}salesorders(7)`),
    ];
    expect(answers.map(({ headers }) => headers.get('x-ms-dop-hint'))).toEqual([
      '4',
      '4',
      '4',
      '4',
    ]);
    sandbox.setBulk({ dopHint: 0 });
    const none = await call(sandbox, 'GET', `${ROOT}salesorders(${orderId(1)})`);
    expect(none.headers.get('x-ms-dop-hint')).toBeNull();
  });

  it('ignores If-Match of its parts when told so, and of nothing else', async () => {
    const sandbox = await start({ bulk: { ignoresIfMatch: true } });
    const answer = await batch(sandbox, BATCH, [[update(sandbox, 1, STALE)]]);
    expect(statuses(answer)).toEqual([[204]]);
    expect(sandbox.orders.requests(orderId(1))).toMatchObject([{ ifMatch: STALE, part: true }]);
    const headers = { 'if-match': STALE };
    const path = `${ROOT}salesorders(${orderId(1)})`;
    expect((await call(sandbox, 'PATCH', path, headers, { name: 'x' })).status).toBe(412);
  });
});

describe('a multipart batch that is none', () => {
  const GET = { method: 'GET', url: 'salesorders' };

  it('takes a preamble, an epilogue, quoted boundaries and padding', async () => {
    const sandbox = await start();
    const padded = multipart([[update(sandbox, 1)], GET]).replace('--b\r\n', '--b \t\r\n');
    const body = `Hello\r\n${padded}goodbye`;
    const headers = { 'content-type': 'Multipart/Mixed; charset=utf-8; Boundary="b"' };
    expect(statuses(await batch(sandbox, BATCH, body, headers))).toEqual([[204], 200]);
  });

  it.each([
    ['truncated', (body: string) => body.slice(0, -9)],
    ['cut in the middle of a change set', (body: string) => body.replace('--c0--', '')],
    ['of another boundary', (body: string) => body.replaceAll('--b', '--d')],
    ['with bare line feeds', (body: string) => body.replaceAll('\r\n', '\n')],
    ['empty', () => ''],
    ['without a part', () => '--b--\r\n'],
    [
      'without the encoding',
      (body: string) => body.replaceAll('Content-Transfer-Encoding: binary\r\n', ''),
    ],
    [
      'with a change set in a change set',
      (body: string) => body.replace('application/http', 'multipart/mixed; boundary=z'),
    ],
    [
      'of parts of another type',
      (body: string) => body.replaceAll('application/http', 'text/plain'),
    ],
    [
      'without Content-ID in a change set',
      (body: string) => body.replaceAll('Content-ID: 1\r\n', ''),
    ],
    [
      'with one Content-ID twice',
      (body: string) => body.replaceAll('Content-ID: 2', 'Content-ID: 1'),
    ],
    ['with a GET in a change set', (body: string) => body.replaceAll('PATCH ', 'GET ')],
    ['with a bad request line', (body: string) => body.replaceAll(' HTTP/1.1', ' HTTP/2')],
    ['with a bad header', (body: string) => body.replaceAll('If-Match:', 'If Match:')],
    [
      'with less body than it says',
      (body: string) => body.replaceAll('If-Match:', 'Content-Length: 999\r\nX:'),
    ],
  ])('is refused when it is %s', async (_, spoil) => {
    const sandbox = await start();
    const body = spoil(multipart([[update(sandbox, 1), update(sandbox, 2)]]));
    const answer = await batch(sandbox, BATCH, body);
    expect([answer.status, codeOf(answer)]).toEqual([400, '0x80048d19']);
    expect(sandbox.stats().changes.api).toBe(0);
  });

  it('takes of a body what its Content-Length says', async () => {
    const sandbox = await start();
    const body = multipart([[{ ...update(sandbox, 1), body: { name: 'é' } }]]);
    const long = body
      .replace('If-Match', 'Content-Length: 13\r\nIf-Match')
      .replace('"é"}', '"é"}garbage');
    expect(statuses(await batch(sandbox, BATCH, long))).toEqual([[204]]);
    expect(nameOf(sandbox, 1)).toBe('é');
  });

  it('refuses parts that leave the service or hold a batch, each on its own', async () => {
    const sandbox = await start();
    const urls = [
      '/data/SalesOrderHeadersV2',
      '/api/data/v9.0/../../couch/work-centers',
      '%2e%2e/v9.1/salesorders',
      '//evil.example/api/data/v9.0/salesorders',
      'http://evil.example/api/data/v9.0/salesorders',
      '$batch',
      '/api/data/v9.0/$batch',
    ];
    const sections = [...urls.map(url => ({ method: 'GET', url })), GET];
    const answer = await batch(sandbox, BATCH, sections, GOES_ON);
    expect(statuses(answer)).toEqual([...urls.map(() => 400), 200]);
  });

  it('answers 404 and 405 to parts without a record or with an unknown method', async () => {
    const sandbox = await start();
    const sections: Section[] = [
      { method: 'BREW', url: `salesorders(${orderId(1)})` },
      { method: 'GET', url: `salesorders(${orderId(99)})` },
      [{ ...update(sandbox, 1), url: `salesorders(${orderId(99)})` }],
      { method: 'GET', url: 'nothing' },
    ];
    const answer = await batch(sandbox, BATCH, sections, GOES_ON);
    expect(statuses(answer)).toEqual([405, 404, 404, 404]);
  });

  it('takes a part with another kind of body for what it is', async () => {
    const sandbox = await start();
    const part = operation(update(sandbox, 1)).replace('application/json', 'text/csv');
    const set = `--c\r\n${part}\r\n--c--`;
    const body = `--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n${set}\r\n--b--`;
    expect(statuses(await batch(sandbox, BATCH, body))).toEqual([415]);
  });

  it.each([
    [{ 'if-match': 'W/"1"' }, 400],
    [{ 'if-match': '*' }, 400],
    [{ 'if-none-match': '*' }, 400],
    [{ 'if-none-match': 'null' }, 200],
    [{ prefer: 'return=representation' }, 400],
    [{ 'content-type': 'multipart/mixed' }, 400],
    [{ 'content-type': 'multipart/form-data; boundary=b' }, 415],
    [{ 'content-type': 'text/plain' }, 415],
  ])('answers an envelope with %j by %d', async (headers, status) => {
    const sandbox = await start();
    const answer = await batch(sandbox, BATCH, [GET], headers);
    expect(answer.status).toBe(status);
  });

  it('is a POST at the root of a service', async () => {
    const sandbox = await start();
    const body = multipart([GET]);
    const attempts: [string, string][] = [
      ['PUT', BATCH],
      ['POST', '/api/data/$batch'],
      ['POST', `${ROOT}salesorders/$batch`],
      ['POST', '/api/$batch'],
    ];
    const answers = [];
    for (const [method, path] of attempts) {
      answers.push((await call(sandbox, method, path, MULTIPART, body)).status);
    }
    expect(answers).toEqual([405, 415, 415, 404]);
  });
});
