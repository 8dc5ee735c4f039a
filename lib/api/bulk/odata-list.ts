import type { Answer } from '../../outcome/answer';
import { hasSucceeded } from '../../outcome/answer';
import { isFields, type Fields, type RecordKey } from '../../record/fields';
import { parseUnaltered, stringifyExact } from '../../record/json';
import { encodeODataLiteral } from '../../record/key';
import type { RecordRef } from '../../record/ref';
import type { WireRequest } from '../../transport/transport';
import type { ApiFamily } from '../family';
import type { BulkReads, ListPage, ListRequest } from './bulk-api';
import type { BatchDialect } from './odata-batch';
import { collectionUrl, isValue, placesByValue, itemAnswer, nextPage } from './records';
import { withParameters } from './service';

/** How one OData service lists records by a filter. */
export interface ListDialect extends BatchDialect {
  readonly family: Pick<ApiFamily, 'readRequest'>;
  /** `dataverse`: its own function In, in the place of `in`. */
  readonly filter: 'or' | 'in' | 'dataverse';
  readonly maxAddress: number;
  readonly mostComparisons: number;
  /** The names of a record's key fields; undefined: they are not known. */
  readonly keyNames: (ref: RecordRef) => readonly string[] | undefined;
  /** One spelling of a key, or of a record by its key fields, for all that the service takes for the same. */
  readonly spelled: (key: RecordKey) => RecordKey;
}

/** A key by the names of its fields. */
type NamedKey = Readonly<Record<string, string | number>>;

/** Reads records whose key fields have known names: a filter, and every record told by what it shows of its key. */
export function odataList(dialect: ListDialect, names: readonly string[]): BulkReads {
  return {
    request: (refs, fields) => listRequest(dialect, names, refs, fields),
    pageOf: (answer, refs) => pageOf(dialect, names, answer, refs),
  };
}

function namedKey({ spelled }: ListDialect, ref: RecordRef, names: readonly string[]): NamedKey {
  const key = spelled(ref.key);
  if (typeof key === 'object') return key;
  return { [names[0] ?? '']: key };
}

function listRequest(
  dialect: ListDialect,
  names: readonly string[],
  refs: readonly RecordRef[],
  fields: readonly string[] | undefined,
): ListRequest {
  const keys = refs.slice(0, mostIn(dialect, names)).map(ref => namedKey(dialect, ref, names));
  const draft = draftOf(dialect, names, refs, fields);
  for (let count = keys.length; ; count = Math.max(1, Math.floor(count * 0.9))) {
    const url = withParameters(
      draft.url,
      `$filter=${filterOf(dialect, names, keys.slice(0, count))}`,
    );
    if (url.length <= dialect.maxAddress || count <= 1)
      return { request: { ...draft, url }, count };
  }
}

function mostIn({ filter, most, mostComparisons }: ListDialect, names: readonly string[]): number {
  if (filter !== 'or' && names.length === 1) return most;
  return Math.max(1, Math.min(most, Math.floor(mostComparisons / names.length)));
}

/** As a single read, but for the collection, and with the key among the fields: it tells whose each record is. */
function draftOf(
  { family }: ListDialect,
  names: readonly string[],
  refs: readonly RecordRef[],
  fields: readonly string[] | undefined,
): WireRequest {
  const [ref] = refs;
  if (ref === undefined) throw new TypeError('No record is asked for.');
  const isAll = fields === undefined || fields.length === 0;
  const single = family.readRequest(ref, isAll ? undefined : [...fields, ...names]);
  return { ...single, url: collectionUrl(ref) + single.url.slice(ref.url.length) };
}

const BLANK = '%20';

function filterOf(
  { filter, format }: ListDialect,
  names: readonly string[],
  keys: readonly NamedKey[],
): string {
  const options = format.guid === undefined ? {} : { guid: format.guid };
  const literal = (value: string | number): string => encodeODataLiteral(value, options);
  const [name = ''] = names;
  const values = keys.map(key => literal(key[name] ?? ''));
  if (names.length === 1 && filter === 'in')
    return `${name}${BLANK}in${BLANK}(${values.join(',')})`;
  if (names.length === 1 && filter === 'dataverse') {
    const texts = values.map(value => (value.startsWith("'") ? value : `'${value}'`));
    return `Microsoft.Dynamics.CRM.In(PropertyName='${name}',PropertyValues=%5B${texts.join(',')}%5D)`;
  }
  const equal = (key: NamedKey): string =>
    names
      .map(field => `${field}${BLANK}eq${BLANK}${literal(key[field] ?? '')}`)
      .join(`${BLANK}and${BLANK}`);
  const each = keys.map(key => (names.length === 1 ? equal(key) : `(${equal(key)})`));
  return each.join(`${BLANK}or${BLANK}`);
}

function pageOf(
  dialect: ListDialect,
  names: readonly string[],
  answer: Answer,
  refs: readonly RecordRef[],
): ListPage | undefined {
  const body = hasSucceeded(answer) ? parseUnaltered(answer.text) : undefined;
  const rows = rowsIn(body, dialect.isV2);
  if (rows === undefined) return undefined;
  const found = new Map<number, Answer>();
  const keys = refs.map(ref => namedKey(dialect, ref, names));
  const [first = ''] = names;
  const placesOf = placesByValue(keys.map(key => key[first]));
  for (const row of rows) {
    const shown = itemAnswer(answer, stringifyExact(dialect.isV2 ? { d: row } : row));
    const named = dialect.spelled(row as RecordKey) as Fields;
    for (const place of placesOf(named[first])) {
      const key = keys[place];
      if (key && names.every(name => isValue(key[name] ?? '', named[name])))
        found.set(place, shown);
    }
  }
  const draft = draftOf(dialect, names, refs, undefined);
  return { found, next: nextPage(linkIn(body, dialect.isV2), draft, dialect.service) };
}

function rowsIn(body: unknown, isV2: boolean): readonly Fields[] | undefined {
  if (!isFields(body)) return undefined;
  const rows = isV2 ? v2Rows(body.d) : body.value;
  return Array.isArray(rows) ? rows.filter(isFields) : undefined;
}

/** The oldest services have no envelope around the rows. */
function v2Rows(d: unknown): unknown {
  return isFields(d) ? d.results : d;
}

function linkIn(body: unknown, isV2: boolean): unknown {
  if (!isFields(body)) return undefined;
  if (isV2) return isFields(body.d) ? body.d.__next : undefined;
  return body['@odata.nextLink'] ?? body['@nextLink'];
}
