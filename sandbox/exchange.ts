import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiRequest, Reply } from './reply';

const MAX_BODY_BYTES = 1024 * 1024;

/** Reads a request to its end, then hands it over. A body beyond 1 MB closes the connection. */
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
