import { jsonReply } from './reply';
import type { Reply } from './reply';

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
}

const MOST_ROWS = 5000;
const MOST_CACHED = 500;

/** A parser of query strings that answers the 400 when one cannot be served. */
export function queryParser(isField: (name: string) => boolean): (text: string) => Query | Reply {
  const parsed = new Map<string, Query | Reply>();
  return text => {
    // Clients repeat the same few queries, so each is parsed once.
    const known = parsed.get(text);
    if (known !== undefined) return known;
    const result = parseQuery(text, isField);
    if (parsed.size < MOST_CACHED) parsed.set(text, result);
    return result;
  };
}

function parseQuery(text: string, isField: (name: string) => boolean): Query | Reply {
  let select: string[] | undefined;
  let top = MOST_ROWS;
  for (const [option, value] of new URLSearchParams(text)) {
    if (option === '$select') select = value.split(',').map(name => name.trim());
    else if (option === '$top' && /^\d{1,4}$/.test(value)) top = Number(value);
    else
      return odataError(400, CODES.querySyntax, `The query option '${option}' is not supported.`);
  }
  const unknown = select?.find(name => !isField(name));
  return unknown === undefined
    ? { select, top }
    : odataError(400, CODES.querySyntax, noSuch(unknown));
}

export function noSuch(property: string): string {
  return `Could not find a property named '${property}' on type 'Microsoft.Dynamics.CRM.salesorder'.`;
}
