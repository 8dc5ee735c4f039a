import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createTransport } from '../../../lib/transport/client';
import type { Answer, Fault } from '../../../lib/outcome/answer';
import type { TransportSettings } from '../../../lib/transport/settings';
import type { SendOptions, Transport, WireRequest } from '../../../lib/transport/transport';
import { systemTime } from '../../../lib/retry/time';

/** One request as a server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly socket: IncomingMessage['socket'];
}

export type Handle = (seen: Seen, response: ServerResponse, count: number) => void;

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly seen: Seen[];
  readonly connections: () => number;
  close(): Promise<void>;
}

export function serve(handle: Handle, tls?: ServerOptions): Promise<TestServer> {
  const seen: Seen[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders, socket } = request;
      const body = Buffer.concat(chunks).toString();
      const entry = { method, path: url, headers, rawHeaders, body, socket };
      seen.push(entry);
      handle(entry, response, seen.length);
    });
  };
  const open = { keepAliveTimeout: 0 };
  const server = tls
    ? createTlsServer({ ...open, ...tls }, listener)
    : createServer(open, listener);
  return listen(server, tls ? 'https' : 'http', seen);
}

function listen(server: Server, scheme: string, seen: Seen[]): Promise<TestServer> {
  let connections = 0;
  server.on('connection', () => connections++);
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const close = () =>
        new Promise<void>(done => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({
        url: `${scheme}://127.0.0.1:${port}`,
        port,
        seen,
        connections: () => connections,
        close,
      });
    });
  });
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function settings(
  baseUrl: string,
  overrides: Partial<TransportSettings> = {},
): TransportSettings {
  return {
    baseUrl,
    auth: { kind: 'none' },
    requestTimeoutMs: 5_000,
    transientRetries: 3,
    maxResponseBytes: 100_000,
    retryWait: () => 0,
    time: systemTime,
    ...overrides,
  };
}

/** Closes transports and servers in the order in which they can be closed. */
export class Bench {
  readonly #closers: (() => Promise<void>)[] = [];

  async serve(handle: Handle, tls?: ServerOptions): Promise<TestServer> {
    const server = await serve(handle, tls);
    this.closing(() => server.close());
    return server;
  }

  transport(baseUrl: string, overrides: Partial<TransportSettings> = {}): Transport {
    const transport = createTransport(settings(baseUrl, overrides));
    this.closing(() => transport.close());
    return transport;
  }

  closing(close: () => Promise<void>): void {
    this.#closers.unshift(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
  }
}

export function options(remainingMs = 30_000, signal = new AbortController().signal): SendOptions {
  const until = performance.now() + remainingMs;
  return { signal, remainingMs: () => until - performance.now() };
}

export function get(url: string, headers = {}): WireRequest {
  return { method: 'GET', url, headers: { accept: 'application/json', ...headers } };
}

export function patch(url: string, version = 'W/"1"', body = '{"status":"Done"}'): WireRequest {
  const headers = { 'content-type': 'application/json', 'if-match': version };
  return { method: 'PATCH', url, headers, body };
}

export function asAnswer(result: Answer | Fault): Answer {
  if (result.kind === 'fault') throw new Error(`fault ${result.code}: ${result.message}`);
  return result;
}

export function asFault(result: Answer | Fault): Fault {
  if (result.kind === 'answer') throw new Error(`answer ${result.status}`);
  return result;
}
