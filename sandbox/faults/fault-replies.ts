import type { Reply } from '../http/reply';
import type { Fault } from './fault-rules';

/** How one API spells an error without a record behind it. */
export type ErrorSpelling = (status: 401 | 429 | 500 | 503) => Reply;

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const LOGIN_PAGE =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>';

/** The answer of a fault that strikes before the request is processed. */
export function replyInstead(fault: Fault, spell: ErrorSpelling): Reply {
  switch (fault.fault) {
    case 'throttled':
      return withRetryAfter(spell(429), fault.retryAfter ?? '1');
    case 'unavailable':
      return withRetryAfter(spell(503), fault.retryAfter);
    case 'unauthorized':
      return spell(401);
    case 'login-page':
      return { status: 200, headers: HTML, body: LOGIN_PAGE };
    case 'redirect':
      return { status: fault.status ?? 302, headers: { location: fault.location }, body: '' };
    default:
      return { status: 0, headers: {}, body: '', cut: 'reset' };
  }
}

/** What a fault that strikes after the request was processed makes of its answer. */
export function spoil(fault: Fault, reply: Reply, spell: ErrorSpelling): Reply {
  switch (fault.fault) {
    case 'lost-response':
      return { ...reply, cut: 'lost' };
    case 'error-after-commit':
      return spell(500);
    case 'truncated':
      return { ...withContent(reply), cut: 'truncated' };
    case 'unreadable':
      return { ...withContent(reply), body: '{"value": <unreadable>' };
    case 'oversized':
      return { ...withContent(reply), body: JSON.stringify({ filler: 'x'.repeat(fault.bytes) }) };
    case 'mangled-etag':
      return { ...reply, headers: mangled(reply.headers) };
    default:
      return reply;
  }
}

/** A 204 has no body to spoil; it becomes a 200 that has one. */
function withContent(reply: Reply): Reply {
  if (reply.body !== '') return reply;
  return {
    status: 200,
    headers: { ...reply.headers, 'content-type': 'application/json; charset=utf-8' },
    body: '{"value":null}',
  };
}

function withRetryAfter(reply: Reply, value: string | undefined): Reply {
  if (value === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, 'retry-after': value } };
}

function mangled(headers: Reply['headers']): Reply['headers'] {
  const { etag } = headers;
  return etag === undefined ? headers : { ...headers, etag: etag.replace(/"$/, '-gzip"') };
}
