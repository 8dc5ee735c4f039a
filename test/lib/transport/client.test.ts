import { once, setMaxListeners } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createTransport } from '../../../lib/transport/client';
import { asAnswer, asFault, Bench, get, json, options, patch, settings } from './support';

const bench = new Bench();
afterEach(() => bench.close());

/** A server that speaks raw TCP. */
async function rawServer(onRequest: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', () => onRequest(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  bench.closing(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('answers', () => {
  it('carry status, headers without cookies, text and JSON', async () => {
    const server = await bench.serve((_seen, response) =>
      json(response, 200, { id: 1 }, { ETag: 'W/"1"', 'Set-Cookie': 'sid=s3cret' }),
    );
    const answer = asAnswer(
      await bench.transport(server.url).read(get(`${server.url}/a`), options()),
    );
    expect(answer).toMatchObject({ status: 200, text: '{"id":1}', json: { id: 1 } });
    expect(answer.headers).toMatchObject({ etag: 'W/"1"', 'content-type': 'application/json' });
    expect(JSON.stringify(answer)).not.toContain('s3cret');
    expect(answer.roundTripMs).toBeGreaterThan(0);
  });

  it('come back for every status of a write', async () => {
    const server = await bench.serve(({ path }, response) =>
      json(response, Number(path.slice(1)), {}),
    );
    const transport = bench.transport(server.url);
    for (const status of [201, 304, 404, 409, 412, 429, 500, 503]) {
      const answer = asAnswer(await transport.write(patch(`${server.url}/${status}`), options()));
      expect(answer.status).toBe(status);
    }
  });

  it('skip an interim answer', async () => {
    const server = await bench.serve((_seen, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      json(response, 200, { id: 1 });
    });
    const result = await bench.transport(server.url).read(get(`${server.url}/a`), options());
    expect(asAnswer(result)).toMatchObject({ status: 200, json: { id: 1 } });
  });

  it('are asked for uncompressed, with path, query and body as given', async () => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    const url = `${server.url}/api/orders('O''1')?$select=a,b`;
    await bench.transport(`${server.url}/api`).write(patch(url, '"1"', '{"a":"ü"}'), options());
    expect(server.seen[0]).toMatchObject({
      method: 'PATCH',
      path: "/api/orders('O''1')?$select=a,b",
      body: '{"a":"ü"}',
      headers: { 'accept-encoding': 'identity', 'content-length': '10' },
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('are decoded when the server sends %s all the same', async (encoding, compress) => {
    const server = await bench.serve((_seen, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(compress(Buffer.from('\ufeff{"name":"Grüße"}')));
    });
    const result = await bench.transport(server.url).read(get(`${server.url}/a`), options());
    expect(asAnswer(result).json).toEqual({ name: 'Grüße' });
  });
});

describe('faulty answers', () => {
  it('are refused while they are read when too large', async () => {
    const server = await bench.serve((_seen, response) => {
      response.writeHead(200);
      response.write('x'.repeat(1_001)); // never ends
    });
    const transport = bench.transport(server.url, { maxResponseBytes: 1_000 });
    const fault = asFault(await transport.write(patch(`${server.url}/a`), options()));
    expect(fault).toMatchObject({ code: 'RESPONSE_TOO_LARGE', sent: 'maybe', fatal: true });
  });

  it('are refused by their announced size, and not read again', async () => {
    const server = await bench.serve((_seen, response) => {
      response.writeHead(200, { 'content-length': '1001' });
      response.flushHeaders();
    });
    const transport = bench.transport(server.url, { maxResponseBytes: 1_000 });
    const fault = asFault(await transport.read(get(`${server.url}/a`), options()));
    expect(fault.code).toBe('RESPONSE_TOO_LARGE');
    expect(server.seen).toHaveLength(1);
  });

  it('are refused when they unpack to too much', async () => {
    const server = await bench.serve((_seen, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(1_000_000)));
    });
    const fault = asFault(
      await bench.transport(server.url).write(patch(`${server.url}/a`), options()),
    );
    expect(fault).toMatchObject({ code: 'RESPONSE_TOO_LARGE', fatal: true });
  });

  it.each([
    ['cut', 'gzip', gzipSync('{"a":1}').subarray(0, 12), false],
    ['of an unknown encoding', 'zstd', Buffer.from('x'), true],
  ])('are unreadable when %s', async (_what, encoding, body, fatal) => {
    const server = await bench.serve((_seen, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(body);
    });
    const fault = asFault(
      await bench.transport(server.url).write(patch(`${server.url}/a`), options()),
    );
    expect(fault).toMatchObject({ code: 'RESPONSE_UNREADABLE', sent: 'maybe', fatal });
  });

  it.each([
    ['chunked', 'transfer-encoding: chunked\r\n\r\n5\r\n{"a":'],
    ['of known length', 'content-length: 20\r\n\r\n{"a":1}'],
  ])('that break off (%s) are no success', async (_what, rest) => {
    const url = await rawServer(socket => socket.end(`HTTP/1.1 200 OK\r\n${rest}`));
    const fault = asFault(await bench.transport(url).write(patch(`${url}/a`), options()));
    expect(fault).toMatchObject({ sent: 'maybe', fatal: false });
  });

  it('that are no HTTP are a fault', async () => {
    const url = await rawServer(socket => socket.end('SSH-2.0-server\r\n'));
    const fault = asFault(await bench.transport(url).write(patch(`${url}/a`), options()));
    expect(fault.sent).toBe('maybe');
  });

  it('that never come leave it open whether the write was applied', async () => {
    const url = await rawServer(socket => socket.resetAndDestroy());
    const fault = asFault(await bench.transport(url).write(patch(`${url}/a`), options()));
    expect(fault).toMatchObject({ sent: 'maybe', code: 'ECONNRESET', fatal: false });
  });
});

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])(
    'trap 14: a %i is an answer, and the second origin receives no request',
    async status => {
      const other = await bench.serve((_seen, response) => json(response, 200, {}));
      const server = await bench.serve((_seen, response) => {
        response.writeHead(status, { location: `${other.url}/login` }).end();
      });
      const transport = bench.transport(server.url);
      expect(asAnswer(await transport.write(patch(`${server.url}/a`), options())).status).toBe(
        status,
      );
      expect(asAnswer(await transport.read(get(`${server.url}/a`), options())).status).toBe(status);
      expect(other.connections()).toBe(0);
      expect(server.seen).toHaveLength(2);
    },
  );

  it('trap 22: an address outside the base URL is refused before any connection', async () => {
    const other = await bench.serve((_seen, response) => json(response, 200, {}));
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    const transport = bench.transport(`${server.url}/api/v1`);
    const paths = ['/api/v1/../admin', '/api/v1/%2e%2e/x', '/api/v10/x', '/other'];
    for (const url of [...paths.map(path => server.url + path), `${other.url}/api/v1/x`, 'x']) {
      await expect(transport.read(get(url), options())).rejects.toMatchObject({
        code: 'URL_OUTSIDE',
      });
    }
    expect(server.connections() + other.connections()).toBe(0);
  });
});

describe('connections', () => {
  it('are kept alive', async () => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    const transport = bench.transport(server.url);
    for (let i = 0; i < 20; i++) await transport.write(patch(`${server.url}/a`), options());
    // undici takes a second one when the next request comes in the moment the first one ends.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it('are limited, and requests wait for a free one', async () => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    const transport = bench.transport(server.url);
    const all = Array.from({ length: 300 }, () =>
      transport.read(get(`${server.url}/a`), options()),
    );
    const answers = (await Promise.all(all)).map(asAnswer);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(server.connections()).toBeLessThanOrEqual(128);
  });

  it('that nobody accepts are a fault before sending', async () => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    await server.close();
    const fault = asFault(
      await bench.transport(server.url).write(patch(`${server.url}/a`), options()),
    );
    expect(fault).toMatchObject({ sent: 'no', code: 'ECONNREFUSED', fatal: false });
  });

  it('break when the transport closes', async () => {
    let arrived: () => void = () => undefined;
    const asked = new Promise<void>(resolve => (arrived = resolve));
    const server = await bench.serve(() => arrived());
    const transport = createTransport(settings(server.url));
    const written = transport.write(patch(`${server.url}/a`), options());
    await asked;
    await transport.close();
    expect(asFault(await written)).toMatchObject({ sent: 'maybe', code: 'CLOSED', fatal: true });
    const late = asFault(await transport.write(patch(`${server.url}/a`), options()));
    expect(late).toMatchObject({ sent: 'no', code: 'CLOSED' });
  });
});

describe('time and abort', () => {
  it('a silent server ends in TIMEOUT, whether before or within the answer', async () => {
    const server = await bench.serve(({ path }, response) => {
      if (path === '/headers') return;
      response.writeHead(200);
      response.write('{');
    });
    // Long enough for a connection on a busy machine: without one the request would not have been sent.
    const transport = bench.transport(server.url, { requestTimeoutMs: 500 });
    for (const path of ['/headers', '/body']) {
      const fault = asFault(await transport.write(patch(server.url + path), options()));
      expect(fault).toMatchObject({ code: 'TIMEOUT', sent: 'maybe', fatal: false });
    }
  });

  it('a request that never got a connection was not sent and never is', async () => {
    const server = await bench.serve(() => undefined);
    const transport = bench.transport(server.url);
    const abort = new AbortController();
    setMaxListeners(0, abort.signal);
    const blockers = Array.from({ length: 128 }, () =>
      transport.write(patch(`${server.url}/blocker`), options(30_000, abort.signal)),
    );
    const fault = asFault(await transport.write(patch(`${server.url}/late`), options(50)));
    expect(fault).toMatchObject({ code: 'TIMEOUT', sent: 'no' });
    abort.abort();
    await Promise.all(blockers);
    expect(server.seen.some(({ path }) => path === '/late')).toBe(false);
  });

  it('no request leaves once the time is over', async () => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    const transport = bench.transport(server.url);
    for (const sent of [
      transport.write(patch(`${server.url}/a`), options(0)),
      transport.read(get(`${server.url}/a`), options(-5)),
    ]) {
      expect(asFault(await sent)).toMatchObject({ code: 'DEADLINE', sent: 'no' });
    }
    expect(server.connections()).toBe(0);
  });

  it('the time left bounds a request that might take longer', async () => {
    const server = await bench.serve(() => undefined);
    const fault = asFault(
      await bench.transport(server.url).write(patch(`${server.url}/a`), options(50)),
    );
    expect(fault.code).toBe('TIMEOUT');
  });

  it('an abort ends a read and a write at once', async () => {
    const abort = new AbortController();
    const server = await bench.serve((_seen, _response, count) => {
      if (count === 2) abort.abort();
    });
    const transport = bench.transport(server.url);
    const results = await Promise.all([
      transport.read(get(`${server.url}/a`), options(30_000, abort.signal)),
      transport.write(patch(`${server.url}/a`), options(30_000, abort.signal)),
    ]);
    expect(asFault(results[0]).code).toBe('ABORTED');
    expect(asFault(results[1])).toMatchObject({ code: 'ABORTED', sent: 'maybe' });
  });

  it('nothing leaves after an abort', async () => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    const transport = bench.transport(server.url);
    const result = await transport.write(
      patch(`${server.url}/a`),
      options(1_000, AbortSignal.abort()),
    );
    expect(asFault(result)).toMatchObject({ code: 'ABORTED', sent: 'no' });
    expect(server.connections()).toBe(0);
  });
});
