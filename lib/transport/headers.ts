import { InputError } from '../errors';

export type Headers = Readonly<Record<string, string>>;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;

/** Headers that decide whether a write is conditional: without a value the write would be unconditional. */
const PRECONDITION = /^if-(?:match|none-match|unmodified-since)$/i;

/** RFC 9110 `token`. */
export function isHeaderName(name: string): boolean {
  return TOKEN.test(name);
}

/** Printable ASCII: what every server reads the same way. */
export function isHeaderValue(value: unknown): value is string {
  return typeof value === 'string' && VALUE.test(value);
}

/**
 * Refuses what an HTTP client would alter or leave out on its own: line breaks, non-ASCII, undefined, null,
 * an empty precondition. Throws InputError `HEADER_INVALID`, which names the header and never shows the value.
 */
export function checkHeaders(headers: Headers): void {
  for (const name in headers) {
    if (!isHeaderName(name)) throw invalid(name, 'its name is not a valid header name');
    const value: unknown = headers[name];
    if (!isHeaderValue(value)) throw invalid(name, 'only printable ASCII text can be sent');
    if (value === '' && PRECONDITION.test(name)) throw invalid(name, 'it is empty');
  }
}

/** The endpoint's own headers take the place of others. */
export function withOwnHeaders(headers: Headers, own: Headers | undefined): Headers {
  if (own === undefined) return headers;
  const names = new Set(Object.keys(own).map(name => name.toLowerCase()));
  const others = Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(others), ...own };
}

/** Of the requests that the transport makes by itself. */
export const ACCEPT_JSON: Headers = { accept: 'application/json' };

/** What goes out with every request, then these, in undici's flat form: names and values in turn. */
export function requestHeaders(...sets: readonly Headers[]): string[] {
  // Compressing intermediaries alter ETags, which would then never match (docs/safety.md, "Comparing").
  const flat = ['accept-encoding', 'identity'];
  for (const headers of sets) {
    for (const name in headers) flat.push(name, headers[name] ?? '');
  }
  return flat;
}

export const CSRF_TOKEN = 'x-csrf-token';

/** SAP's way to refuse a write that came without a valid CSRF token. */
export function isTokenWish(csrfToken: string | undefined): boolean {
  return csrfToken?.trim().toLowerCase() === 'required';
}

function invalid(name: string, reason: string): InputError {
  return new InputError(
    'HEADER_INVALID',
    `The header ${JSON.stringify(name)} cannot be sent: ${reason}. Correct the value it is made from.`,
  );
}
