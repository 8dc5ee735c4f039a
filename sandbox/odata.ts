import { parseFilter } from './bulk/filter';
import type { Filter, FilterRules } from './bulk/filter';
import { SKIP_TOKEN } from './bulk/page';
import { jsonReply } from './http/reply';
import type { ApiRequest, Reply } from './http/reply';
import type { Fields } from './records/field-types';

/** Dataverse error codes, from its published table. */
export const CODES = {
  versionMismatch: '0x80060882',
  notFound: '0x80040217',
  alternateKeyNotFound: '0x80060891',
  duplicate: '0x80040237',
  querySyntax: '0x80060888',
  payload: '0x80048d19',
  throttled: '0x80072322',
  executionTime: '0x80072321',
  unexpected: '0x80040216',
} as const;

export function odataError(status: number, code: string, message: string): Reply {
  const reply = jsonReply(status, { error: { code, message } });
  return { ...reply, headers: { ...reply.headers, 'odata-version': '4.0' } };
}

/** Query options of one request. */
export interface Query {
  /** Undefined: every field. */
  readonly select: readonly string[] | undefined;
  readonly top: number;
  /** Rows before the page that is asked for. */
  readonly skip: number;
  /** Which rows of a list are meant. */
  readonly filter: Filter;
  /** All options, by name. */
  readonly others: ReadonlyMap<string, string>;
}

/** Which query options one service takes. */
export interface QueryRules extends FilterRules {
  /** Qualified name of the entity type, for messages. */
  readonly type: string;
  /** Names of options besides `$select`, `$filter`, `$top` and `$skiptoken`. */
  readonly others?: readonly string[];
  /** The 400 with the reason. */
  refuse(message: string): Reply;
}

const MOST_CACHED = 500;

/** A parser of query strings that answers the 400 when one cannot be served. */
export function queryParser(rules: QueryRules): (text: string) => Query | Reply {
  const parsed = new Map<string, Query | Reply>();
  return text => {
    // Clients repeat the same few queries, so each is parsed once.
    const known = parsed.get(text);
    if (known !== undefined) return known;
    const result = parseQuery(text, rules);
    if (parsed.size < MOST_CACHED) parsed.set(text, result);
    return result;
  };
}

function parseQuery(text: string, rules: QueryRules): Query | Reply {
  const options = new Map(new URLSearchParams(text));
  for (const [option, value] of options) {
    if (!isKnown(option, value, rules)) {
      return rules.refuse(`The query option '${option}' is not supported.`);
    }
  }
  const select = options
    .get('$select')
    ?.split(',')
    .map(name => name.trim());
  const unknown = select?.find(name => !Object.hasOwn(rules.schema, name));
  if (unknown !== undefined) return rules.refuse(noSuchProperty(unknown, rules.type));
  const filter = filterOf(options.get('$filter'), rules);
  if ('problem' in filter) return rules.refuse(filter.problem);
  const top = Number(options.get('$top') ?? Infinity);
  return { select, top, skip: Number(options.get(SKIP_TOKEN) ?? 0), filter, others: options };
}

function isKnown(option: string, value: string, { others = [] }: QueryRules): boolean {
  switch (option) {
    case '$select':
    case '$filter':
      return true;
    case '$top':
    case SKIP_TOKEN:
      return /^\d{1,6}$/.test(value);
    default:
      return others.includes(option);
  }
}

function filterOf(text: string | undefined, rules: QueryRules): ReturnType<typeof parseFilter> {
  return text === undefined ? () => true : parseFilter(text, rules);
}

export function noSuchProperty(property: string, type: string): string {
  return `Could not find a property named '${property}' on type '${type}'.`;
}

/** The selected fields, or all. */
export function selectedFields(values: Fields, { select }: Query): Fields {
  if (select === undefined) return values;
  return Object.fromEntries(select.map(name => [name, values[name]]));
}

/** Whether `Prefer` asks for the record in the answer to a write. */
export function prefersRepresentation({ headers }: ApiRequest): boolean {
  const { prefer } = headers;
  return typeof prefer === 'string' && prefer.includes('return=representation');
}

const PAIR = String.raw`(?:\w+=)?'(?:[^']|'')*'`;
const KEY = new RegExp(`^\\(${PAIR}(?:,${PAIR})*\\)$`, 's');

/** Percent-decoded; undefined when that is not possible. OData URL Conventions decode exactly once. */
export function decodedOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * The values of a key such as `(dataAreaId='USMF',SalesOrderNumber='1')` by name, a lone `('1')`
 * under the empty name. Takes the text still percent-encoded; undefined when it is no key of texts.
 */
export function keyValues(text: string): ReadonlyMap<string, string> | undefined {
  const decoded = decodedOnce(text);
  if (decoded === undefined || !KEY.test(decoded)) return undefined;
  const pairs = decoded.matchAll(/(?:(\w+)=)?'((?:[^']|'')*)'/g);
  return new Map(
    Array.from(pairs, ([, name = '', quoted = '']) => [name, quoted.replaceAll("''", "'")]),
  );
}
