import { InputError } from '../../errors';
import { isHeaderName, isHeaderValue, type Headers } from '../headers';
import type { SendOptions } from '../transport';
import type { AuthSettings, OAuth2Settings, SecretHeader } from './settings';

/** Adds the credentials of one endpoint to its requests. */
export interface Authorizer {
  /**
   * What the address of every request carries besides, `name=value` ready to be sent; empty: nothing.
   */
  readonly query: string;
  /**
   * Credential headers for one request; a promise where they have to be fetched. Rejects with FaultError (sent `no`)
   * when there are none to be had.
   */
  headers(options: SendOptions): Headers | Promise<Headers>;
  /**
   * Told that a request with these headers got a 401.
   * @returns whether it may be sent once more with fresh credentials
   */
  renew(used: Headers): boolean;
  /** Stops what is under way. */
  close(): Promise<void>;
}

/** Headers that a key must not replace: they frame the request, or say what it means. */
const RESERVED =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept.*|if-.*|prefer|proxy-.*|cookie)$/i;

type StaticSettings = Exclude<AuthSettings, OAuth2Settings>;

/** Credentials that stay as they are. Throws InputError `AUTH_INVALID`, which names the field. */
export function createStaticAuthorizer(settings: StaticSettings): Authorizer {
  const headers = withSecretHeader(headersOf(settings), settings.also);
  const query = queryOf(settings);
  return { query, headers: () => headers, renew: () => false, close: () => Promise.resolve() };
}

/** The credentials of a sign-in and the secret header beside them. Throws InputError `AUTH_INVALID`. */
export function withSecretHeader(headers: Headers, also: SecretHeader | undefined): Headers {
  if (also === undefined) return headers;
  const name = headerName('second secret header', also.header);
  if (Object.hasOwn(headers, name)) {
    throw new InputError(
      'AUTH_INVALID',
      `The second secret header ${JSON.stringify(also.header)} is the one of the sign-in. Name another one.`,
    );
  }
  return { ...headers, [name]: secret('value of the second secret header', also.value) };
}

function headersOf(settings: StaticSettings): Headers {
  switch (settings.kind) {
    case 'none':
    case 'api-key-query':
      return {};
    case 'basic':
      return { authorization: basic(settings.user, settings.password) };
    case 'bearer':
      return { authorization: `Bearer ${secret('bearer token', settings.token)}` };
    case 'api-key':
      return { [headerName('API key header', settings.header)]: secret('API key', settings.key) };
  }
}

function queryOf(settings: StaticSettings): string {
  if (settings.kind !== 'api-key-query') return '';
  const { parameter, key } = settings;
  if (!/^[$\w.~-]+$/.test(parameter)) {
    throw new InputError(
      'AUTH_INVALID',
      `The parameter of the API key ${JSON.stringify(parameter)} is not the name of a query parameter. Write it like api_key.`,
    );
  }
  return `${parameter}=${encodeURIComponent(secret('API key', key))}`;
}

/** RFC 7617: the colon separates, so the user name cannot hold one. */
function basic(user: string, password: string): string {
  if (user === '' || user.includes(':')) {
    throw new InputError('AUTH_INVALID', 'The user name is empty or holds a colon. Correct it.');
  }
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function secret(field: string, value: string): string {
  if (value !== '' && isHeaderValue(value)) return value;
  throw new InputError(
    'AUTH_INVALID',
    `The ${field} is empty or holds a line break or a character outside ASCII. Enter it again.`,
  );
}

function headerName(field: string, name: string): string {
  if (isHeaderName(name) && !RESERVED.test(name)) return name.toLowerCase();
  throw new InputError(
    'AUTH_INVALID',
    `The ${field} ${JSON.stringify(name)} is not a usable header name. Write it like X-API-Key.`,
  );
}
