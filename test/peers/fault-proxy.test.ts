import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FaultProxy } from '../support/fault-proxy';
import { reads, writes, type ProxyFaultRule } from '../support/fault-proxy-rules';

interface Origin {
  readonly url: string;
  readonly seen: { readonly method: string; readonly headers: string[]; readonly body: string }[];
}

type Respond = (req: IncomingMessage, res: ServerResponse, n: number) => void;

/** By default every request is answered with the number of requests so far. */
const counting: Respond = (_req, res, n) => {
  res.setHeader('ETag', `W/"${n}"`);
  res.end(`body ${n}`);
};

async function startOrigin(respond: Respond = counting): Promise<Origin> {
  const seen: Origin['seen'] = [];
  const server = createServer((req, res) => {
    const parts: string[] = [];
    req.setEncoding('latin1').on('data', part => parts.push(String(part)));
    req.on('end', () => {
      seen.push({ method: req.method ?? '', headers: req.rawHeaders, body: parts.join('') });
      respond(req, res, seen.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function startProxy(rules: readonly ProxyFaultRule[], seed?: number, respond?: Respond) {
  const origin = await startOrigin(respond);
  const proxy = await FaultProxy.start(origin.url, {
    rules,
    ...(seed === undefined ? {} : { seed }),
  });
  onTestFinished(() => proxy.close());
  return { origin, proxy };
}

interface Answer {
  readonly status: number;
  readonly raw: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Rejects with the error of the socket, or when the answer broke off. */
function send(url: string, method = 'GET', headers: readonly string[] = []): Promise<Answer> {
  const { port, pathname, search } = new URL(url);
  const host = ['Host', `127.0.0.1:${port}`];
  return new Promise((resolve, reject) => {
    const options = { port, path: pathname + search, method, headers: [...host, ...headers] };
    const req = request({ hostname: '127.0.0.1', ...options }, res => {
      const parts: string[] = [];
      res.setEncoding('latin1').on('data', part => parts.push(String(part)));
      res.on('error', reject);
      res.on('end', () => {
        const { statusCode = 0, rawHeaders: raw } = res;
        resolve({ status: statusCode, raw, headers: res.headers, body: parts.join('') });
      });
    });
    req.on('error', reject).end(method === 'GET' ? undefined : Buffer.from('sent'));
  });
}

const codeOf = (sent: Promise<Answer>): Promise<unknown> =>
  sent.then(
    ({ status }) => status,
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );

describe('without a fault', () => {
  it('passes method, path, headers and bodies on as they are, with the Host of the origin', async () => {
    const etag = 'W/"a,b;\u00e9"';
    const { origin, proxy } = await startProxy([], 1, (_req, res) => {
      res.writeHead(207, 'Odd', ['ETag', etag, 'x-TWICE', '1', 'x-TWICE', '2']).end('\u00e9');
    });
    const headers = ['if-MATCH', etag, 'Content-Length', '4'];
    const { status, raw, body } = await send(`${proxy.url}/a%2Fb?q=1`, 'MERGE', headers);
    expect([status, raw.slice(0, 6), body]).toEqual([
      207,
      ['ETag', etag, 'x-TWICE', '1', 'x-TWICE', '2'],
      Buffer.from('\u00e9').toString('latin1'),
    ]);
    expect(origin.seen).toMatchObject([{ method: 'MERGE', body: 'sent' }]);
    expect(origin.seen[0]?.headers.slice(0, 4)).toEqual([
      'Host',
      new URL(origin.url).host,
      'if-MATCH',
      etag,
    ]);
    expect(proxy.requests).toMatchObject([{ method: 'MERGE', url: `/a%2Fb?q=1` }]);
  });

  it('an origin that breaks off breaks the connection of the client', async () => {
    const { proxy } = await startProxy([], 1, req => req.socket.destroy());
    expect(await codeOf(send(proxy.url))).toBe('ECONNRESET');
  });
});

describe('faults that the server never hears of', () => {
  it.each([
    ['reset' as const, 'ECONNRESET'],
    ['throttled' as const, 429],
    ['unavailable' as const, 503],
  ])('%s', async (fault, outcome) => {
    const { origin, proxy } = await startProxy([{ fault, times: 1 }]);
    expect(await codeOf(send(proxy.url, 'PATCH'))).toBe(outcome);
    expect([origin.seen.length, proxy.count(fault)]).toEqual([0, 1]);
    expect((await send(proxy.url, 'PATCH')).status).toBe(200);
  });

  it.each(['throttled' as const, 'unavailable' as const])('%s names its wait', async fault => {
    const { proxy } = await startProxy([{ fault, retryAfter: '7' }]);
    expect((await send(proxy.url)).headers['retry-after']).toBe('7');
    proxy.use([{ fault }]);
    expect((await send(proxy.url)).headers).not.toHaveProperty('retry-after');
  });
});

describe('faults after the server has done its work', () => {
  it.each([
    ['reset-after' as const, 'ECONNRESET'],
    ['lost-response' as const, 'ECONNRESET'],
    ['truncated' as const, 'ECONNRESET'],
    ['error-after-commit' as const, 504],
  ])('%s', async (fault, outcome) => {
    const { origin, proxy } = await startProxy([{ fault, times: 1 }]);
    expect(await codeOf(send(proxy.url, 'PATCH'))).toBe(outcome);
    expect([origin.seen.length, proxy.count(fault)]).toEqual([1, 1]);
    expect((await send(proxy.url, 'PATCH')).body).toBe('body 2');
  });

  it('truncated announces the whole length and sends half of it', async () => {
    const { proxy } = await startProxy([{ fault: 'truncated' }]);
    const answer = await fetch(proxy.url);
    expect(answer.headers.get('content-length')).toBe('6');
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('bod');
    await expect(reader?.read()).rejects.toThrow();
  });

  it('stale-read answers with the representation before the present one', async () => {
    const { origin, proxy } = await startProxy([]);
    const stale: ProxyFaultRule = { fault: 'stale-read', on: reads };
    const first = await send(`${proxy.url}/a`);
    proxy.use([stale]);
    const again = await send(`${proxy.url}/a`);
    expect([again.body, again.headers.etag]).toEqual([first.body, first.headers.etag]);
    expect((await send(`${proxy.url}/b`)).body).toBe('body 3');
    expect((await send(`${proxy.url}/a`, 'PATCH')).body).toBe('body 4');
    expect([origin.seen.length, proxy.count('stale-read')]).toEqual([4, 1]);
    proxy.use([]);
    expect((await send(`${proxy.url}/a`)).body).toBe('body 5');
  });

  it('stale-read does not take an equal answer for an earlier one', async () => {
    const { proxy } = await startProxy([{ fault: 'stale-read' }], 1, (_req, res, n) => {
      res.end(n < 3 ? 'old' : 'new');
    });
    const bodies: string[] = [];
    for (let n = 0; n < 4; n += 1) bodies.push((await send(proxy.url)).body);
    expect(bodies).toEqual(['old', 'old', 'old', 'old']);
    expect(proxy.count('stale-read')).toBe(2);
  });

  it('etag-removed and etag-suffixed touch the ETag of the answer only', async () => {
    const { origin, proxy } = await startProxy([{ fault: 'etag-removed' }]);
    expect((await send(proxy.url)).headers).not.toHaveProperty('etag');
    proxy.use([{ fault: 'etag-suffixed' }]);
    const { headers, body } = await send(proxy.url, 'GET', ['If-Match', 'W/"1"']);
    expect([headers.etag, body]).toEqual(['W/"2-gzip"', 'body 2']);
    expect(origin.seen[1]?.headers).toContain('W/"1"');
    expect([proxy.count('etag-removed'), proxy.count('etag-suffixed')]).toEqual([1, 1]);
  });
});

describe('rules', () => {
  it('strike only the requests they are for', async () => {
    const { proxy } = await startProxy([
      { fault: 'throttled', on: writes },
      { fault: 'unavailable', on: ({ url }) => url.endsWith('/b') },
    ]);
    const statuses = [
      await codeOf(send(`${proxy.url}/a`)),
      await codeOf(send(`${proxy.url}/a`, 'PATCH')),
      await codeOf(send(`${proxy.url}/b`)),
      await codeOf(send(`${proxy.url}/b`, 'PUT')),
    ];
    expect(statuses).toEqual([200, 429, 503, 429]);
  });

  it('latency joins another fault', async () => {
    const { proxy } = await startProxy([
      { fault: 'latency', ms: 1, jitterMs: 1 },
      { fault: 'throttled' },
    ]);
    expect(await codeOf(send(proxy.url))).toBe(429);
    expect([proxy.count('latency'), proxy.count('throttled')]).toEqual([1, 1]);
  });

  it('strike at their rate, the same requests for the same seed', async () => {
    const statusesOf = async (seed: number): Promise<unknown[]> => {
      const { proxy } = await startProxy([{ fault: 'throttled', rate: 0.3 }], seed);
      const statuses: unknown[] = [];
      for (let n = 0; n < 100; n += 1) statuses.push(await codeOf(send(proxy.url)));
      return statuses;
    };
    const first = await statusesOf(1);
    const share = first.filter(status => status === 429).length;
    expect(share).toBeGreaterThan(15);
    expect(share).toBeLessThan(45);
    expect(await statusesOf(1)).toEqual(first);
    expect(await statusesOf(2)).not.toEqual(first);
  });
});
