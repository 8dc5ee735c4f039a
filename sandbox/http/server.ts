import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { ApiRequest, Reply } from './reply';

/** More than any setting of the sandbox should ask for; below it, an API answers itself. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_HEAD_BYTES = 64 * 1024;

/** Reads a request to its end, then hands it over. A body beyond 16 MiB closes the connection. */
export function receive(message: IncomingMessage, hand: (request: ApiRequest) => void): void {
  if (message.method === 'GET') {
    hand(requestOf(message, ''));
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  message.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) message.destroy();
    else chunks.push(chunk);
  });
  message.on('end', () => {
    hand(requestOf(message, Buffer.concat(chunks).toString('utf8')));
  });
}

function requestOf(message: IncomingMessage, body: string): ApiRequest {
  const { method = 'GET', url = '/', headers } = message;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return { method, path, query: mark < 0 ? '' : url.slice(mark + 1), headers, body };
}

/** Sends the answer, or breaks the connection the way the reply says. */
export function send(response: ServerResponse, reply: Reply): void {
  const { socket } = response;
  switch (reply.cut) {
    case 'reset':
      socket?.resetAndDestroy();
      return;
    case 'lost':
      socket?.destroy();
      return;
    case 'truncated':
      writeHead(response, reply);
      response.write(reply.body.slice(0, reply.body.length / 2), () => socket?.destroy());
      return;
    default:
      writeHead(response, reply);
      response.end(reply.body);
  }
}

function writeHead(response: ServerResponse, { status, headers, body, cookies = [] }: Reply): void {
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  const bodiless = status === 204 || status === 304;
  const length = bodiless ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
}

/** Longer than any pause of a client, so that a pooled connection is never closed under a request. */
const KEEP_ALIVE_MS = 300_000;

export interface Listener {
  readonly port: number;
  /** Ends every connection at once, idle or busy. Safe to call again. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 only. Rejects when the port is taken. */
export async function listen(port: number, onRequest: RequestListener): Promise<Listener> {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MAX_HEAD_BYTES },
    onRequest,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port: portOf(server), close: () => closed(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function closed(server: Server): Promise<void> {
  return new Promise(resolve => {
    // The only error is "not running", which is what was asked for.
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
