import { InputError } from '../../errors';
import type { Answer } from '../../outcome/answer';
import { parseGuid } from '../../record/canonical';
import { numeralOf } from '../../record/exact';
import { isFields, type RecordKey } from '../../record/fields';
import { isPlainJson, parseJson, parseUnaltered } from '../../record/json';
import { unquoteGuid } from '../../record/key';
import type { RecordRef } from '../../record/ref';
import { parseUrl, targetBelow } from '../../record/url';
import type { WireRequest } from '../../transport/transport';
import type { Service } from './service';

/** About the list, not about each of its records. */
const OF_THE_LIST =
  /^(?:etag|last-modified|content-(?:length|range|md5|digest|location|encoding)|digest|repr-digest|location)$/;

/** What a list says of one record, as the answer to a read of this record alone. */
export function itemAnswer(list: Answer, text: string, status = 200): Answer {
  return { ...list, status, headers: itemHeaders(list), text, json: parseJson(text) };
}

/** Of the headers of a list, those that are about each of its records, too. */
export function itemHeaders({ headers }: Answer): Answer['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_LIST.test(name)));
}

/** The body of a list with every number as it came. It is long, and parsed anew only where that shows something else. */
export function unalteredBody({ text, json }: Answer): {
  readonly body: unknown;
  /** Whether its parts are what parsing them alone would give. */
  readonly isPlain: boolean;
} {
  const isPlain = isPlainJson(text);
  return { body: isPlain ? json : parseUnaltered(text), isPlain };
}

/**
 * The request for the next page; undefined when there is none, or its address leads elsewhere: it would take the
 * credentials there.
 * @param link as the API names it, perhaps relative to `request`
 */
export function nextPage(
  link: unknown,
  request: WireRequest,
  { base }: Service,
): WireRequest | undefined {
  if (typeof link !== 'string' || link === '') return undefined;
  const url = parseUrl(resolved(link, request.url) ?? '');
  if (url === undefined || targetBelow(base, url.href) === undefined) return undefined;
  return { method: 'GET', url: url.href, headers: request.headers };
}

function resolved(link: string, from: string): string | undefined {
  try {
    return new URL(link, from).href;
  } catch {
    return undefined;
  }
}

/** Where the collection of a record lies: its address without the key, which follows the last bracket or slash. */
export function collectionUrl({ url }: RecordRef): string {
  return url.endsWith(')')
    ? url.slice(0, url.lastIndexOf('('))
    : url.slice(0, url.lastIndexOf('/'));
}

/** A key of one value as text. Throws InputError `KEY_INVALID` for another. */
export function keyText(key: RecordKey): string {
  if (typeof key !== 'object') return String(key);
  throw new InputError(
    'KEY_INVALID',
    'The record key is not usable: Key must be text or a number at this API.',
  );
}

/**
 * One text for all spellings of a key value: text that is a GUID in whatever case, numbers by their digits. A text of
 * digits is no number: "007" names another record than 7.
 */
export function valueId(value: unknown): string | undefined {
  if (typeof value === 'string') return `'${parseGuid(unquoteGuid(value)) ?? value}`;
  const digits = numeralOf(value);
  return digits === undefined ? undefined : `#${digits}`;
}

/** Whether a value in an answer is the one of a key. OData V2, and V4 on request, write long numbers as text. */
export function isValue(given: string | number, answered: unknown): boolean {
  const id = valueId(given);
  return id === valueId(answered) || (typeof answered === 'string' && id === `#${answered}`);
}

/** A key of one value; undefined: it is made of several. */
export function oneValue(key: RecordKey): string | number | undefined {
  return typeof key === 'object' ? undefined : key;
}

/**
 * Finds the places of the keys that a value in an answer is one of, as `isValue` sees it. Lists are long: nobody compares
 * each with each.
 */
export function placesByValue(
  given: readonly (string | number | undefined)[],
): (answered: unknown) => readonly number[] {
  const places = new Map<string, number[]>();
  given.forEach((value, place) => {
    const id = valueId(value);
    if (id === undefined) return;
    const known = places.get(id);
    if (known === undefined) places.set(id, [place]);
    else known.push(place);
  });
  return answered => {
    const found = places.get(valueId(answered) ?? '') ?? [];
    const asNumber = typeof answered === 'string' ? places.get(`#${answered}`) : undefined;
    return asNumber === undefined ? found : [...found, ...asNumber];
  };
}

/**
 * Whether a record carries another key than this one, whatever the case of its letters. What it does not show says
 * nothing.
 */
export function contradicts(key: unknown, record: unknown): boolean {
  if (!isFields(key) || !isFields(record)) return false;
  return Object.entries(key).some(
    ([name, value]) =>
      Object.hasOwn(record, name) && !isValue(lower(value) as string | number, lower(record[name])),
  );
}

function lower(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}
