import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { createTransport } from '../../../lib/transport/client';
import type { Transport } from '../../../lib/transport/transport';
import { systemTime } from '../../../lib/retry/time';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const NAMED = 'HTTP/1.1 100 Continue\r\nServer: old\r\n\r\n';
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n';

/** The text of a body may look like an interim answer. */
function final(text: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${String(text.length)}\r\n\r\n${text}`;
}

/** A server that answers every request with these pieces, one after the other. */
async function startServer(pieces: readonly string[], secure = false): Promise<string> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    let seen = '';
    socket.on('data', data => {
      seen += data.toString();
      if (!seen.includes('\r\n\r\n')) return;
      seen = '';
      void answer(socket, pieces);
    });
  };
  const file = (name: string): Buffer =>
    readFileSync(new URL(`../../support/tls/${name}.pem`, import.meta.url));
  const server = secure
    ? createTlsServer({ key: file('key'), cert: file('cert') }, serve)
    : createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return `${secure ? 'https' : 'http'}://127.0.0.1:${String(port)}`;
}

async function answer(socket: Socket, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise(resolve => socket.write(piece, resolve));
    // So that every piece arrives by itself.
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

function transportTo(baseUrl: string): Transport {
  const transport = createTransport({
    baseUrl,
    auth: { kind: 'none' },
    requestTimeoutMs: 5_000,
    transientRetries: 0,
    maxResponseBytes: 100_000,
    retryWait: () => 0,
    time: systemTime,
    tls: { rejectUnauthorized: false },
  });
  onTestFinished(() => transport.close());
  return transport;
}

async function twice(url: string): Promise<unknown[]> {
  const transport = transportTo(url);
  const options = { signal: new AbortController().signal, remainingMs: () => 10_000 };
  const read = await transport.read({ method: 'GET', url: `${url}/a`, headers: {} }, options);
  const request = { method: 'PATCH', url: `${url}/a`, headers: {}, body: '{"a":1}' } as const;
  const write = await transport.write(request, options);
  return [read, write].map(result => (result.kind === 'answer' ? result.text : result));
}

test.each<[string, readonly string[]]>([
  ['by itself', [CONTINUE, final('all well')]],
  ['together with the answer', [CONTINUE + final('all well')]],
  ['in two parts', [CONTINUE.slice(0, 5), CONTINUE.slice(5) + final('all well')]],
  ['byte by byte', [...Array.from(CONTINUE), final('all well')]],
  ['with a header of its own', [NAMED + final('all well')]],
  ['more than once', [CONTINUE + CONTINUE, CONTINUE, final('all well')]],
  ['before and after another interim answer', [CONTINUE + HINTS + CONTINUE + final('all well')]],
])('case U27: a 100 Continue that nobody asked for, %s, is passed over', async (_name, pieces) => {
  expect(await twice(await startServer(pieces))).toEqual(['all well', 'all well']);
});

test('case U27: also on a secure connection', async () => {
  const url = await startServer([CONTINUE + final('all well')], true);
  expect(await twice(url)).toEqual(['all well', 'all well']);
});

test('case U27: a body that looks like one stays whole', async () => {
  const head = final(CONTINUE + CONTINUE);
  const at = head.indexOf('\r\n\r\n') + 4;
  const pieces = [head.slice(0, at), CONTINUE, CONTINUE];
  expect(await twice(await startServer(pieces))).toEqual([
    CONTINUE + CONTINUE,
    CONTINUE + CONTINUE,
  ]);
});
