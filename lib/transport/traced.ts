import type { Headers } from './headers';
import type { Transport, WireRequest } from './transport';

/** What names a trace, in lower case, and how each looks: W3C Trace Context, and B3 in one header or several. */
const TRACE_HEADERS: Readonly<Record<string, RegExp>> = {
  traceparent: /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]{1,100})?$/,
  tracestate: /^[\x20-\x7e]{1,512}$/,
  b3: /^(?:[01d]|[0-9a-f]{16}(?:[0-9a-f]{16})?-[0-9a-f]{16}(?:-[01d](?:-[0-9a-f]{16})?)?)$/i,
  'x-b3-traceid': /^[0-9a-f]{16}(?:[0-9a-f]{16})?$/i,
  'x-b3-spanid': /^[0-9a-f]{16}$/i,
  'x-b3-parentspanid': /^[0-9a-f]{16}$/i,
  'x-b3-sampled': /^(?:[01]|true|false)$/i,
  'x-b3-flags': /^[01]$/,
};

/**
 * The headers among these that name a trace, as they should be; undefined: there are none. What does not look like one is
 * left out: a trace is no reason to refuse an update.
 */
export function traceHeaders(headers: unknown): Headers | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const found: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const form = TRACE_HEADERS[name.toLowerCase()];
    if (form === undefined) continue;
    const value = (headers as Record<string, unknown>)[name];
    if (typeof value === 'string' && form.test(value)) found[name.toLowerCase()] = value;
  }
  // On its own it says nothing (W3C Trace Context, section 3.3).
  if (found.traceparent === undefined) delete found.tracestate;
  return Object.keys(found).length === 0 ? undefined : found;
}

/** The transport whose requests carry these headers besides; headers of a request win. */
export function withTrace(transport: Transport, trace: Headers): Transport {
  const traced = (request: WireRequest): WireRequest => ({
    ...request,
    headers: { ...trace, ...request.headers },
  });
  return {
    read: (request, options) => transport.read(traced(request), options),
    write: (request, options) => transport.write(traced(request), options),
    traffic: transport.traffic,
    close: graceMs => transport.close(graceMs),
  };
}
