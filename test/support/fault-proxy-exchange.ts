import { request, type Agent, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** An answer as the server sent it. */
export interface Exchanged {
  readonly status: number;
  readonly statusText: string;
  /** Names and values in turn, as they were on the wire. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Headers that belong to one connection only, RFC 9110 section 7.6.1, and the framing that a new one needs anew. */
const OF_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection'];

/** Sends a request on to the origin byte for byte, but for Host; the whole answer. Throws when there is none. */
export async function exchange(
  origin: URL,
  agent: Agent,
  incoming: IncomingMessage,
): Promise<Exchanged> {
  const body = await buffer(incoming);
  const headers = ['Host', origin.host, ...endToEnd(incoming.rawHeaders, ['host'])];
  const { hostname, port } = origin;
  const { method, url: path } = incoming;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ agent, hostname, port, method, path, headers }, resolve)
      .on('error', reject)
      .end(body);
  });
  return {
    status: answer.statusCode ?? 0,
    statusText: answer.statusMessage ?? '',
    headers: endToEnd(answer.rawHeaders),
    body: await buffer(answer),
  };
}

/** Applies a function to the value of every header with this name; undefined leaves the header out. */
export function mapHeader(
  headers: readonly string[],
  name: string,
  change: (value: string) => string | undefined,
): string[] {
  return pairs(headers).flatMap(([own, value]) => {
    if (own.toLowerCase() !== name) return [own, value];
    const changed = change(value);
    return changed === undefined ? [] : [own, changed];
  });
}

function endToEnd(headers: readonly string[], without: readonly string[] = []): string[] {
  const dropped = [...OF_CONNECTION, ...without];
  return pairs(headers)
    .filter(([name]) => !dropped.includes(name.toLowerCase()))
    .flat();
}

function pairs(headers: readonly string[]): [string, string][] {
  return headers.flatMap((name, at) =>
    at % 2 === 0 ? [[name, headers[at + 1] ?? ''] satisfies [string, string]] : [],
  );
}
