import { InputError } from '../errors';
import type { RecordRef } from '../record/ref';
import type { WireRequest } from '../transport/transport';
import type { ApiFamily } from './family';

/**
 * The family with a query such as `sap-client=100` in the address of every read and write. The address that names a
 * record, and its lock, stays as it is. An empty query changes nothing. Throws InputError `QUERY_INVALID`.
 * @param own names of parameters, in lower case, that the family sets itself
 */
export function withQuery(
  family: ApiFamily,
  query: string,
  own: readonly string[] = namesIn(family),
): ApiFamily {
  if (query === '') return family;
  checkQuery(query, own);
  const added = (request: WireRequest): WireRequest => ({
    ...request,
    url: `${request.url}${request.url.includes('?') ? '&' : '?'}${query}`,
  });
  return {
    ...family,
    readRequest: (ref, fields) => added(family.readRequest(ref, fields)),
    writeRequest: plan => added(family.writeRequest(plan)),
  };
}

// RFC 3986 query characters without "&" and, in names, "=".
const NAME = /^(?:[A-Za-z0-9._~!$'()*,;:@/-]|%[0-9A-Fa-f]{2})+$/;
const VALUE = /^(?:[A-Za-z0-9._~!$'()*+,;:@/?=-]|%[0-9A-Fa-f]{2})*$/;

function checkQuery(query: string, own: readonly string[]): void {
  const names = query.split('&').map(nameOf);
  const taken = [...RESERVED, ...own];
  const clash = names.find(name => taken.includes(name));
  if (clash === undefined) return;
  throw invalid(
    `name "${clash}", which the nodes set themselves. Leave it out; the fields to read follow from the changes`,
  );
}

function nameOf(pair: string): string {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
  if (!NAME.test(name) || !VALUE.test(value)) {
    throw invalid(
      'are not of the form name=value&name=value. Write spaces, "#" and letters beyond ASCII as in "%20", and leave out a leading "?"',
    );
  }
  return decodeURIComponentSafely(name).toLowerCase();
}

/** A part of the record would come back, and a PUT would reset the rest. */
const RESERVED = ['$select'];

const SAMPLE: RecordRef = { collection: 'a', key: 1, url: 'http://localhost/a' };

/** What the family puts into the address of a read. */
function namesIn(family: ApiFamily): string[] {
  const { searchParams } = new URL(family.readRequest(SAMPLE, ['a']).url);
  return [...searchParams.keys()].map(name => name.toLowerCase());
}

function decodeURIComponentSafely(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function invalid(problem: string): InputError {
  return new InputError('QUERY_INVALID', `Query parameters ${problem}.`);
}
