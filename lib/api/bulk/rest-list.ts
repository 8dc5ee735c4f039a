import { hasSucceeded, type Answer } from '../../outcome/answer';
import { isFields } from '../../record/fields';
import { parseJson, stringifyExact } from '../../record/json';
import type { RecordRef } from '../../record/ref';
import { collectionPath } from '../../record/url';
import type { WireRequest } from '../../transport/transport';
import { topName, valueAtPath, withValueAtPath } from '../body-path';
import type { ApiFamily } from '../family';
import { versionPaths, type ApiSettings } from '../settings';
import type { BulkReads, ListPage, ListRequest } from './bulk-api';
import { placesByValue, itemHeaders, keyText, nextPage, oneValue, unalteredBody } from './records';
import { versionedHeaders } from './rest-version';
import { withParameters, type Service } from './service';
import type { Address, ListSettings } from './settings';

/** How one JSON API takes many records. */
export interface RestDialect {
  readonly service: Service;
  readonly family: Pick<ApiFamily, 'readRequest'>;
  readonly api: ApiSettings;
  readonly most: number;
  readonly maxAddress: number;
}

/** Reads records by their keys in the address of a list. */
export function restReads(dialect: RestDialect, list: ListSettings): BulkReads {
  return {
    request: (refs, fields) => listRequest(dialect, list, refs, fields),
    pageOf: (answer, refs) => {
      const [first] = refs;
      if (first === undefined) return undefined;
      if (isListable(first, list)) return pageOf(dialect, list, answer, refs);
      return { found: new Map([[0, answer]]), next: undefined };
    },
  };
}

/** The address of a list or an endpoint. */
export function urlOf(place: Address, ref: RecordRef, { root }: Service): string {
  // Whatever the template of single records is, the collection is what Records names.
  const below =
    place.below === 'base' ? root.replace(/\/$/, '') : `${root}${collectionPath(ref.collection)}`;
  return place.path === '' ? below : `${below}/${place.path}`;
}

/** A key that holds the separator would be read as two, encoded or not. */
function isListable({ key }: RecordRef, { separator }: ListSettings): boolean {
  return typeof key === 'number' || (typeof key === 'string' && !key.includes(separator));
}

function listRequest(
  dialect: RestDialect,
  list: ListSettings,
  refs: readonly RecordRef[],
  fields: readonly string[] | undefined,
): ListRequest {
  const [first] = refs;
  if (first === undefined) throw new TypeError('No record is asked for.');
  if (!isListable(first, list)) {
    return { request: dialect.family.readRequest(first, fields), count: 1 };
  }
  const draft = draftOf(dialect, list, first, fields);
  const other = refs.findIndex(ref => !isListable(ref, list));
  const keys = refs
    .slice(0, other < 0 ? refs.length : other)
    .map(({ key }) => encodeURIComponent(keyText(key)));
  for (let count = keys.length; ; count = Math.max(1, Math.floor(count * 0.9))) {
    const ids = `${list.ids}=${keys.slice(0, count).join(list.separator)}`;
    const url = withParameters(draft.url, ids, parametersOf(dialect, list, fields));
    if (url.length <= dialect.maxAddress || count <= 1)
      return { request: { ...draft, url }, count };
  }
}

/** As a single read, but for the list. */
function draftOf(
  { family, service }: RestDialect,
  list: ListSettings,
  ref: RecordRef,
  fields: readonly string[] | undefined,
): WireRequest {
  return { ...family.readRequest(ref, fields), url: urlOf(list, ref, service) };
}

function parametersOf(
  { api, service }: RestDialect,
  list: ListSettings,
  fields: readonly string[] | undefined,
): string {
  const isAll = fields === undefined || fields.length === 0 || list.fields === '';
  const evidence = list.version === '' ? [] : [topName(list.version)];
  const time = api.modifiedField === '' ? [] : [topName(api.modifiedField)];
  const names = new Set([...(fields ?? []), topName(list.id), ...evidence, ...time]);
  const select = `${list.fields}=${[...names].map(encodeURIComponent).join(',')}`;
  return [...(isAll ? [] : [select]), ...(service.query === '' ? [] : [service.query])].join('&');
}

function pageOf(
  dialect: RestDialect,
  list: ListSettings,
  answer: Answer,
  refs: readonly RecordRef[],
): ListPage | undefined {
  if (!hasSucceeded(answer)) return undefined;
  const { body, isPlain } = unalteredBody(answer);
  const items = valueAtPath(body, list.items);
  if (!Array.isArray(items)) return undefined;
  const headersOf = versionedHeaders(itemHeaders(answer), dialect.api);
  const shown: Shown = { answer, headersOf, isPlain };
  const found = new Map<number, Answer>();
  const placesOf = placesByValue(refs.map(({ key }) => oneValue(key)));
  for (const item of items as readonly unknown[]) {
    for (const place of placesOf(valueAtPath(item, list.id))) {
      found.set(place, shownAlone(dialect, list, shown, item));
    }
  }
  const [first] = refs;
  const link = list.next === '' ? undefined : valueAtPath(body, list.next);
  const draft = first && draftOf(dialect, list, first, undefined);
  return { found, next: draft && nextPage(link, draft, dialect.service) };
}

/** A list, and what all of its records have of it. */
interface Shown {
  readonly answer: Answer;
  readonly headersOf: (version: unknown) => Answer['headers'];
  /** Its records are what parsing them alone would give. */
  readonly isPlain: boolean;
}

/** The record as a read of it alone would have shown it: in its envelope, the version where the family looks for it. */
function shownAlone(
  { api }: RestDialect,
  list: ListSettings,
  { answer, headersOf, isPlain }: Shown,
  item: unknown,
): Answer {
  const version = list.version === '' ? undefined : valueAtPath(item, list.version);
  const body = api.recordPath === '' ? item : withValueAtPath({}, api.recordPath, item);
  const [path] = api.versionFrom === 'field' ? versionPaths(api) : [];
  const isPlaced = path !== undefined && version !== undefined && isFields(body);
  const whole = isPlaced ? withValueAtPath(body, path, version) : body;
  const headers = headersOf(version);
  const { roundTripMs } = answer;
  if (isPlain) return withText({ kind: 'answer', status: 200, headers, json: whole, roundTripMs });
  const text = stringifyExact(whole);
  return { kind: 'answer', status: 200, headers, text, json: parseJson(text), roundTripMs };
}

/** With its body as text once somebody asks for it, which hardly anybody does. An own member: who copies the answer asks. */
function withText(answer: Omit<Answer, 'text'>): Answer {
  return Object.defineProperty(answer, 'text', TEXT) as Answer;
}

const TEXT: ThisType<Answer> & PropertyDescriptor = {
  enumerable: true,
  get() {
    return stringifyExact(this.json);
  },
};
