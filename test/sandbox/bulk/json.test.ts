import { describe, expect, it } from 'vitest';
import { orderId } from '../../../sandbox';
import type { BulkSettings, Sandbox } from '../../../sandbox';
import { call, codeOf, start } from '../client';
import type { Answered } from '../client';

const ROOT = '/api/data/v9.0/';
const BATCH = `${ROOT}$batch`;
const STALE = 'W/"1"';

interface Request {
  readonly id: string;
  readonly [member: string]: unknown;
}

interface Response {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Record<string, unknown>;
  readonly atomicityGroup?: string;
}

function version(sandbox: Sandbox, n: number): string {
  return sandbox.orders.get(orderId(n))?.version ?? '';
}

/** A conditional update of the n-th order; without a version on its current one. */
function update(sandbox: Sandbox, n: number, ifMatch = version(sandbox, n)): Request {
  return {
    id: String(n),
    method: 'PATCH',
    url: `salesorders(${orderId(n)})`,
    headers: { 'if-match': ifMatch },
    body: { name: `mine ${String(n)}` },
  };
}

function send(
  sandbox: Sandbox,
  requests: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return call(sandbox, 'POST', BATCH, headers, { requests });
}

function responses(answer: Answered): readonly Response[] {
  return answer.json.responses as Response[];
}

function outcomes(answer: Answered): [string, number][] {
  return responses(answer).map(({ id, status }) => [id, status]);
}

describe('a batch in JSON', () => {
  it('writes and reads, each request as if it came alone', async () => {
    const sandbox = await start();
    const url = `${ROOT}salesorders(${orderId(1)})?$select=name`;
    const read = { id: 'r', method: 'get', url, headers: { accept: 'application/json' } };
    const answer = await send(sandbox, [update(sandbox, 1), read]);
    expect(answer.status).toBe(200);
    expect(responses(answer)).toMatchObject([
      { id: '1', status: 204 },
      {
        id: 'r',
        status: 200,
        headers: { etag: version(sandbox, 1) },
        body: { name: 'mine 1', '@odata.etag': version(sandbox, 1) },
      },
    ]);
    expect(responses(answer)[0]).not.toHaveProperty('body');
  });

  it('goes on after an error, unless told not to', async () => {
    const sandbox = await start();
    const requests = [update(sandbox, 1, STALE), update(sandbox, 2)];
    const stopped = await send(sandbox, requests, { prefer: 'odata.continue-on-error=false' });
    expect([stopped.status, outcomes(stopped)]).toEqual([200, [['1', 412]]]);
    const plain = await send(sandbox, requests, { prefer: 'continue-on-error=false' });
    expect(outcomes(plain)).toEqual([['1', 412]]);
    const whole = await send(sandbox, requests);
    expect(outcomes(whole)).toEqual([
      ['1', 412],
      ['2', 204],
    ]);
    expect(responses(whole)[0]?.body).toMatchObject({ error: { code: '0x80060882' } });
  });

  it.each([
    [{}, 424],
    [{ siblings: 'success' as const }, 204],
  ])(
    'applies nothing of a group that fails, and with %j shows the others as %d',
    async (bulk, shown) => {
      const sandbox = await start({ bulk });
      const group = [update(sandbox, 1), update(sandbox, 2, STALE), update(sandbox, 3)];
      const requests = group.map(request => ({ ...request, atomicityGroup: 'g' }));
      const answer = await send(sandbox, [...requests, update(sandbox, 4)]);
      expect(outcomes(answer)).toEqual([
        ['1', shown],
        ['2', 412],
        ['3', shown],
        ['4', 204],
      ]);
      expect(responses(answer).map(({ atomicityGroup }) => atomicityGroup)).toEqual([
        'g',
        'g',
        'g',
        undefined,
      ]);
      expect([1, 2, 3].map(n => sandbox.orders.history(orderId(n)).length)).toEqual([1, 1, 1]);
      expect(sandbox.orders.get(orderId(4))?.values.name).toBe('mine 4');
    },
  );

  it.each([
    [{}, 'odata.continue-on-error', 'odata.continue-on-error'],
    [{}, 'continue-on-error=false', 'odata.continue-on-error=false'],
    [{}, 'return-x', null],
    [{ onError: 'stop' as const }, 'continue-on-error', null],
    [{ onError: 'continue' as const }, 'continue-on-error=false', null],
    [{ onError: 'stop' as const }, 'continue-on-error=false', 'odata.continue-on-error=false'],
    [{ isTerse: true }, 'continue-on-error', null],
  ])('says with %j what became of Prefer: %s', async (bulk, prefer, applied) => {
    const sandbox = await start({ bulk });
    const answer = await send(sandbox, [update(sandbox, 1)], { prefer });
    expect(answer.headers.get('preference-applied')).toBe(applied);
  });

  it('does not try what depends on a failure, be it a request or a group', async () => {
    const sandbox = await start();
    const requests = [
      { ...update(sandbox, 1, STALE), atomicityGroup: 'g' },
      { ...update(sandbox, 2), dependsOn: ['g'] },
      { ...update(sandbox, 3), dependsOn: ['2'] },
      { ...update(sandbox, 4), dependsOn: [] },
      { ...update(sandbox, 5), dependsOn: ['4'] },
    ];
    expect(outcomes(await send(sandbox, requests)).map(([, status]) => status)).toEqual([
      412, 424, 424, 204, 204,
    ]);
    expect(sandbox.orders.get(orderId(2))?.values.name).not.toBe('mine 2');
  });

  it('does not try what depends on a member of a failed group, whatever that member shows', async () => {
    const sandbox = await start({ bulk: { siblings: 'success' } });
    const requests = [
      { ...update(sandbox, 1), atomicityGroup: 'g' },
      { ...update(sandbox, 2, STALE), atomicityGroup: 'g' },
      { ...update(sandbox, 3), dependsOn: ['1'] },
    ];
    const answer = await send(sandbox, requests);
    expect(outcomes(answer).map(([, status]) => status)).toEqual([204, 412, 424]);
  });

  it('answers in another order when told so, the same one for the same seed', async () => {
    const orders = [];
    for (const seed of [1, 1, 2, 3]) {
      const sandbox = await start({ seed, bulk: { shuffles: true } });
      const requests = [1, 2, 3, 4, 5].map(n => update(sandbox, n, '*'));
      orders.push(outcomes(await send(sandbox, requests)).map(([id]) => id));
    }
    expect(orders[0]).toEqual(orders[1]);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1);
    for (const ids of orders) {
      expect(ids).not.toEqual(['1', '2', '3', '4', '5']);
      expect([...ids].sort()).toEqual(['1', '2', '3', '4', '5']);
    }
  });

  it('takes a body of another media type as text, and refuses it where JSON is due', async () => {
    const sandbox = await start();
    const headers = { 'content-type': 'text/plain', 'if-match': '*' };
    const answer = await send(sandbox, [{ ...update(sandbox, 1), headers, body: 'text' }]);
    expect(outcomes(answer)).toEqual([['1', 415]]);
  });

  it('refuses paths outside of the service, batches and references to nothing, one by one', async () => {
    const sandbox = await start();
    const urls = ['/couch/work-centers', '../v9.1/x', '$batch', `${BATCH}?x=1`, '$nothing'];
    const requests = urls.map((url, n) => ({ id: `u${String(n)}`, method: 'GET', url }));
    const answer = await send(sandbox, [...requests, update(sandbox, 1)]);
    expect(outcomes(answer).map(([, status]) => status)).toEqual([400, 400, 400, 400, 400, 204]);
  });

  const READ = { id: 'a', method: 'GET', url: 'salesorders' };

  it.each([
    ['no array', {}],
    ['no object', [7]],
    ['no id', [{ ...READ, id: undefined }]],
    ['a number as id', [{ ...READ, id: 1 }]],
    ['no method', [{ ...READ, method: undefined }]],
    ['no url', [{ ...READ, url: undefined }]],
    ['one id twice', [READ, READ]],
    ['a group that has the id of a request', [READ, { ...READ, id: 'b', atomicityGroup: 'a' }]],
    ['a header in upper case', [{ ...READ, headers: { Accept: 'x' } }]],
    ['a header that is no text', [{ ...READ, headers: { accept: 1 } }]],
    ['headers in a list', [{ ...READ, headers: ['accept'] }]],
    ['a group that is no text', [{ ...READ, atomicityGroup: 1 }]],
    ['a dependency that is no list', [READ, { ...READ, id: 'b', dependsOn: 'a' }]],
    [
      'a dependency on what comes later',
      [
        { ...READ, dependsOn: ['b'] },
        { ...READ, id: 'b' },
      ],
    ],
    [
      'a group that is interrupted',
      ['g', undefined, 'g'].map((atomicityGroup, n) => ({
        ...READ,
        id: String(n),
        atomicityGroup,
      })),
    ],
  ])('is refused with %s', async (_, requests) => {
    const sandbox = await start();
    const answer = await send(sandbox, requests);
    expect([answer.status, codeOf(answer)]).toEqual([400, '0x80048d19']);
  });

  it.each(['not json', '[]', '{"requests":'])('is refused when its body is %s', async body => {
    const sandbox = await start();
    expect((await call(sandbox, 'POST', BATCH, {}, body)).status).toBe(400);
  });

  it('may be empty', async () => {
    const sandbox = await start();
    expect((await send(sandbox, [])).json).toEqual({ responses: [] });
  });
});

describe('the limits of a batch', () => {
  it.each([
    [{}, 400, '0x80048d19'],
    [{ tooMany: 'throttled' as const }, 429, 'BATCH_TOO_MANY_REQ'],
  ])('refuse too many parts with %j by %d', async (bulk, status, code) => {
    const sandbox = await start({ bulk: { ...bulk, maxParts: 2 } });
    const group = [1, 2, 3].map(n => ({ ...update(sandbox, n), atomicityGroup: 'g' }));
    const answer = await send(sandbox, group);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(answer.headers.get('retry-after')).toBeNull();
    expect((await send(sandbox, group.slice(1))).status).toBe(200);
  });

  it('are 1000 parts to start with', async () => {
    const sandbox = await start();
    const requests = Array.from({ length: 1001 }, (_, n) => ({
      id: String(n),
      method: 'GET',
      url: `salesorders(${orderId(1)})?$select=name`,
    }));
    expect((await send(sandbox, requests)).status).toBe(400);
    const answer = await send(sandbox, requests.slice(1));
    expect(responses(answer)).toHaveLength(1000);
    expect(sandbox.stats()).toMatchObject({ requests: { POST: 2 }, parts: { GET: 1000 } });
  });

  it('answer 413 to a body that is too large, batch or not', async () => {
    const sandbox = await start({ bulk: { maxBodyBytes: 500 } });
    const body = { name: 'x'.repeat(500) };
    const large = await send(sandbox, [{ ...update(sandbox, 1), body }]);
    const single = await call(sandbox, 'PATCH', `${ROOT}salesorders(${orderId(1)})`, {}, body);
    expect([large.status, single.status]).toEqual([413, 413]);
    expect((await send(sandbox, [update(sandbox, 1)])).status).toBe(200);
  });

  it('end a batch that takes too long, and what was done before stays', async () => {
    const sandbox = await start({
      bulk: { executionMs: 25 },
      faults: [{ fault: 'latency', on: 'part', ms: 10 }],
    });
    const answer = await send(
      sandbox,
      [1, 2, 3, 4].map(n => update(sandbox, n)),
    );
    expect([answer.status, codeOf(answer)]).toEqual([429, '0x80072321']);
    expect(answer.headers.get('retry-after')).toBe('1');
    const names = [1, 2, 3, 4].map(n => sandbox.orders.get(orderId(n))?.values.name);
    expect(names.map(name => String(name).startsWith('mine'))).toEqual([true, true, false, false]);
    expect(sandbox.orders.requests(orderId(1))).toMatchObject([{ status: 204, answered: false }]);
    expect(sandbox.orders.requests(orderId(4))).toEqual([]);
  });

  it('leave nothing of a group whose time is up, as a time-out when told so', async () => {
    const sandbox = await start({
      bulk: { executionMs: 25, overtime: 'timeout' },
      faults: [{ fault: 'latency', on: 'part', ms: 10 }],
    });
    const group = [2, 3, 4].map(n => ({ ...update(sandbox, n), atomicityGroup: 'g' }));
    const answer = await send(sandbox, [update(sandbox, 1), ...group]);
    expect([answer.status, answer.text]).toEqual([
      504,
      'The upstream server did not answer in time.',
    ]);
    const changes = [1, 2, 3, 4].map(n => sandbox.orders.history(orderId(n)).length);
    expect(changes).toEqual([2, 1, 1, 1]);
  });
});

describe('the settings', () => {
  it('are read and set over HTTP', async () => {
    const sandbox = await start({ bulk: { maxItems: 7 } });
    const put = { maxParts: 5, siblings: 'success', shuffles: true, executionMs: 0 };
    expect((await call(sandbox, 'PUT', '/sandbox/bulk', {}, put)).status).toBe(204);
    const { json } = await call(sandbox, 'GET', '/sandbox/bulk');
    expect(json).toMatchObject({ ...put, maxItems: 7, pageSize: 5000, dopHint: 4 });
    expect(sandbox.bulk).toEqual(json);
  });

  it.each([
    [{ maxParts: 0 }, 'maxParts: a whole number, 1 or more'],
    [{ dopHint: -1 }, 'dopHint: a whole number, 0 or more'],
    [{ pageSize: '5' }, 'pageSize: a whole number, 1 or more'],
    [{ shuffles: 1 }, 'shuffles: true or false'],
    [{ onError: 'never' }, 'onError: use one of as-asked, stop, continue'],
    [{ constructor: 1 }, 'constructor: use one of maxParts, maxItems'],
  ])('refuse %j and then take nothing', async (bad, message) => {
    const sandbox = await start();
    const before = { ...sandbox.bulk };
    const answer = await call(sandbox, 'PUT', '/sandbox/bulk', {}, { maxItems: 3, ...bad });
    expect([answer.status, String(answer.json.error)]).toEqual([
      400,
      expect.stringContaining(message),
    ]);
    expect(sandbox.bulk).toEqual(before);
    await expect(start({ bulk: bad as Partial<BulkSettings> })).rejects.toThrow(message);
  });
});
