import { jsonReply } from './http/reply';
import type { ApiRequest, Reply } from './http/reply';
import type { Fields, Schema } from './records/field-types';

/** Dataverse error codes, from its published table. */
export const CODES = {
  versionMismatch: '0x80060882',
  notFound: '0x80040217',
  alternateKeyNotFound: '0x80060891',
  duplicate: '0x80040237',
  querySyntax: '0x80060888',
  payload: '0x80048d19',
  throttled: '0x80072322',
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
  /** The other options that the service knows, by name. */
  readonly others: ReadonlyMap<string, string>;
}

/** Which query options one service takes. */
export interface QueryRules {
  readonly schema: Schema;
  /** Qualified name of the entity type, for messages. */
  readonly type: string;
  /** Names of options besides `$select` and `$top`. */
  readonly others?: readonly string[];
  /** The 400 with the reason. */
  refuse(message: string): Reply;
}

const MOST_ROWS = 5000;
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
  let select: string[] | undefined;
  let top = MOST_ROWS;
  const others = new Map<string, string>();
  for (const [option, value] of new URLSearchParams(text)) {
    if (option === '$select') select = value.split(',').map(name => name.trim());
    else if (option === '$top' && /^\d{1,4}$/.test(value)) top = Number(value);
    else if (rules.others?.includes(option) === true) others.set(option, value);
    else return rules.refuse(`The query option '${option}' is not supported.`);
  }
  const unknown = select?.find(name => !Object.hasOwn(rules.schema, name));
  if (unknown !== undefined) return rules.refuse(noSuchProperty(unknown, rules.type));
  return { select, top, others };
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
