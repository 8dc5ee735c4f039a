import { formLines, headerLines } from '../shared/checks';
import type { Clash, ReadField } from '../shared/fields';

/** What the nodes, or another field of the dialog, put into a request already. */
function elsewhere(name: string): Clash {
  return { key: 'record-endpoint.errors.query-taken', values: { name } };
}

/** Headers that mean something else, or that every request carries already. */
const TAKEN =
  /^(?:accept.*|authorization|cache-control|connection|content-.*|cookie|expect|host|if-.*|keep-alive|mscrm\..*|odata-.*|prefer|proxy-.*|te|trailer|transfer-encoding|upgrade|user-agent|x-csrf-token|x-http-method.*)$/i;

/** Of these, the endpoint may set its own: they say what is wanted, not what a request means. */
const OPEN = /^(?:accept|accept-language|mscrm\..*|user-agent)$/;

const OPEN_AT_REST = /^(?:prefer|odata-.*)$/; // what the other families send themselves

export function headersClash(value: unknown, other: ReadField): Clash {
  const names = headerLines(String(value)).map(([name]) => name);
  const others = [...secretHeaders(other), nameIn(other('idempotencyHeader'))];
  const isFree = (name: string): boolean =>
    OPEN.test(name) || (other('family') === 'rest' && OPEN_AT_REST.test(name)) || !TAKEN.test(name);
  const name = names.find(
    (one, index) => !isFree(one) || others.includes(one) || names.indexOf(one) !== index,
  );
  return name === undefined ? undefined : elsewhere(name);
}

export function idempotencyClash(value: unknown, other: ReadField): Clash {
  const header = nameIn(value);
  return TAKEN.test(header) || (header !== '' && secretHeaders(other).includes(header))
    ? { key: 'record-endpoint.errors.header-taken' }
    : undefined;
}

/** Of the sign-in, and the one beside it. */
function secretHeaders(other: ReadField): string[] {
  const auth = other('auth');
  return [
    auth === 'api-key' ? nameIn(other('apiKeyHeader')) : '',
    auth === 'none' ? '' : nameIn(other('secretHeader')),
  ];
}

function nameIn(value: unknown): string {
  return String(value).trim().toLowerCase();
}

/** Sign-ins that send Authorization themselves. */
const AUTHORIZED: readonly unknown[] = ['basic', 'bearer', 'oauth2'];

export function secretHeaderClash(value: unknown, other: ReadField): Clash {
  const header = nameIn(value);
  const auth = other('auth');
  const isOwn = auth === 'api-key' && header === nameIn(other('apiKeyHeader'));
  const isFree = header === 'authorization' ? !AUTHORIZED.includes(auth) : !TAKEN.test(header);
  return header !== '' && (isOwn || !isFree) ? elsewhere(header) : undefined;
}

/** What a token request carries already, or what is a secret. */
const TOKEN_FIELDS =
  /^(?:grant_type|client_id|client_secret|client_assertion.*|assertion|scope|password)$/;

/** RFC 6749 section 3.2 wants each once; of these, others allow several (RFC 8707, RFC 8693). */
const SEVERAL = /^(?:resource|audience)$/;

export function tokenFieldsClash(value: unknown): Clash {
  const names = formLines(String(value)).map(([name]) => name);
  const name = names.find(
    (one, index) => TOKEN_FIELDS.test(one) || (!SEVERAL.test(one) && names.indexOf(one) !== index),
  );
  return name === undefined ? undefined : elsewhere(name);
}

/** What the nodes put into an address themselves: the fields to read, and what is of one family only. */
export function queryClash(value: unknown, other: ReadField): Clash {
  const taken = ['$select', ...takenBy(other)];
  const names = String(value).split('&').map(nameOf);
  const name = names.find(one => one !== '' && taken.includes(one));
  return name === undefined ? undefined : elsewhere(name);
}

function takenBy(other: ReadField): string[] {
  const family = other('family');
  if (family === 'rest') return [String(other('fieldsParameter')).trim().toLowerCase()];
  const isCrossing = family === 'finance-operations' && String(other('crossCompany')) === 'true';
  return isCrossing ? ['cross-company'] : [];
}

export function keyParameterClash(value: unknown, other: ReadField): Clash {
  const name = String(value).trim().toLowerCase();
  const inQuery = String(other('query')).split('&').map(nameOf);
  return ['$select', ...takenBy(other), ...inQuery].includes(name) ? elsewhere(name) : undefined;
}

function nameOf(parameter: string): string {
  const [name = ''] = parameter.trim().split('=');
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

export function noPathClash(value: unknown): Clash {
  return pathsIn(value).length === 0 ? { key: 'shared.errors.missing' } : undefined;
}

/** The first of several paths is the one that goes back. OData takes no annotation in a body. */
export function annotationClash(value: unknown, other: ReadField): Clash {
  const [path = ''] = pathsIn(other('versionField'));
  const isAnnotation = path.includes('@') || path.split('.').includes('__metadata');
  return value === 'field' && isAnnotation
    ? { key: 'record-endpoint.errors.version-annotation' }
    : undefined;
}

function pathsIn(value: unknown): string[] {
  const paths = String(value).split(',');
  return paths.map(path => path.trim()).filter(path => path !== '');
}

/** It goes beside If-Match only. */
export function unmodifiedSinceClash(value: unknown, other: ReadField): Clash {
  const from = other('versionFrom');
  const isBeside = from === 'etag' || (from === 'field' && other('versionTo') === 'header');
  return value === true && other('family') === 'rest' && !isBeside
    ? { key: 'record-endpoint.errors.unmodified-since' }
    : undefined;
}
