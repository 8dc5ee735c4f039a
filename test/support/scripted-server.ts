import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { stringifyExact } from '../../lib/record/json';

/** One request as it arrived. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text goes out as it is, anything else as JSON. */
  readonly body?: unknown;
  /** The connection breaks before the whole body is out. */
  readonly truncated?: true;
}

/** What the server does with a request; `reset` breaks the connection without an answer. */
export type Scripted = Reply | 'reset';

/** Decides about the request with this number, counted from 0. A promise holds the answer back. */
export type Script = (request: Seen, index: number) => Scripted | Promise<Scripted>;

export interface ScriptedServer {
  /** Origin without a slash at the end. */
  readonly url: string;
  /** Every request, in the order in which they arrived. */
  readonly requests: readonly Seen[];
}

/**
 * A real HTTP server on 127.0.0.1 that does what the script says. Closed at the end of the test.
 * @param tls for one of HTTPS
 */
export async function startScriptedServer(
  script: Script,
  tls?: ServerOptions,
): Promise<ScriptedServer> {
  const requests: Seen[] = [];
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    void (async () => {
      const request = await receive(message);
      requests.push(request);
      answer(response, await script(request, requests.length - 1));
    })();
  };
  // Idle connections stay open: on a busy machine a client would send into one that is just being closed.
  const open = { keepAliveTimeout: 0 };
  const server =
    tls === undefined
      ? createServer(open, listener)
      : createTlsServer({ ...open, ...tls }, listener);
  const sockets = new Set<Socket>();
  server.on('connection', socket => sockets.add(socket));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const scheme = tls === undefined ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${String(port)}`, requests };
}

async function receive(message: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const { method = '', url = '', headers } = message;
  return { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
}

function answer(response: ServerResponse, reply: Scripted): void {
  if (reply === 'reset') {
    response.destroy();
    return;
  }
  const { status, headers = {}, body, truncated } = reply;
  const isText = typeof body === 'string';
  const text = body === undefined ? '' : isText ? body : stringifyExact(body);
  const type = isText || body === undefined ? {} : { 'content-type': 'application/json' };
  const length = Buffer.byteLength(text) + (truncated ? 10 : 0);
  // A 204 has no length by definition, and node refuses one.
  const size = status === 204 ? {} : { 'content-length': String(length) };
  response.writeHead(status, { ...type, ...size, ...headers });
  if (truncated) response.write(text, () => response.destroy());
  else response.end(text);
}
