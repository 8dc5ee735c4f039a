import { util } from 'undici';
import { CSRF_TOKEN, isTokenWish } from './headers';

/** Names in lower case, repeated headers joined with `, `. Cookies and CSRF tokens stay out: they are secrets. */
export function readHeaders(raw: readonly Buffer[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 1; i < raw.length; i += 2) {
    // What undici makes of a well-known name costs no text, and a text that is new to V8 is dear as the name of a member.
    const name = util.headerNameToString(raw[i - 1] ?? '');
    if (name === 'set-cookie' || name === '__proto__') continue;
    const value = raw[i]?.toString('latin1') ?? '';
    if (name === CSRF_TOKEN && !isTokenWish(value)) continue;
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : `${earlier}, ${value}`;
  }
  return headers;
}
