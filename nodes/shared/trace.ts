import { traceHeaders, withTrace } from '../../lib/transport/traced';
import type { Transport } from '../../lib/transport/transport';
import type { Scope } from './scope';

/**
 * The transport for the requests of a message. A trace that the message belongs to goes on at the API: its headers are in
 * `msg.headers`, where the core http request node takes them from and tracing packages put them, else in those of the
 * request that an HTTP in node has received.
 */
export function transportFor({ msg }: Pick<Scope, 'msg'>, transport: Transport): Transport {
  const { headers, req } = msg;
  // Asked for every message: most have neither.
  if (headers === undefined && req === undefined) return transport;
  const trace =
    traceHeaders(headers) ?? traceHeaders((req as { headers?: unknown } | null)?.headers);
  return trace === undefined ? transport : withTrace(transport, trace);
}
