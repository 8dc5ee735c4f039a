import { headerLines } from '../shared/checks';
import type { Clash, ReadField } from '../shared/fields';

/** What the nodes, or another field of the dialog, put into a request already. */
export function elsewhere(name: string): Clash {
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
  const others = [
    other('auth') === 'api-key' ? other('apiKeyHeader') : '',
    other('idempotencyHeader'),
  ].map(name => String(name).trim().toLowerCase());
  const isFree = (name: string): boolean =>
    OPEN.test(name) || (other('family') === 'rest' && OPEN_AT_REST.test(name)) || !TAKEN.test(name);
  const name = names.find(
    (one, index) => !isFree(one) || others.includes(one) || names.indexOf(one) !== index,
  );
  return name === undefined ? undefined : elsewhere(name);
}

export function idempotencyClash(value: unknown, other: ReadField): Clash {
  const header = String(value).trim().toLowerCase();
  const isApiKey =
    other('auth') === 'api-key' && header === String(other('apiKeyHeader')).trim().toLowerCase();
  return TAKEN.test(header) || (isApiKey && header !== '')
    ? { key: 'record-endpoint.errors.header-taken' }
    : undefined;
}
