import { jsonObject } from '../http/json-object';
import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import type { Fields } from '../records/field-types';
import type { RecordStore } from '../records/store';
import { documentOf, refusal, statusReply } from './wire';

/** The list of a database, in place of a document's id. */
export const ALL_DOCS = '_all_docs';

/** What a list is asked for. */
interface Asked {
  /** Undefined: every document there is. */
  readonly keys: readonly string[] | undefined;
  readonly includesDocs: boolean;
  readonly skip: number;
  readonly limit: number;
}

/**
 * `GET` or `POST …/_all_docs`, with `keys` in the body or, as JSON, in the query, `include_docs`,
 * `skip` and `limit`. Rows of keys come in the order of the keys, one for each.
 */
export function allDocs(request: ApiRequest, store: RecordStore): Reply {
  if (request.method !== 'GET' && request.method !== 'POST') return statusReply(405);
  const asked = askedIn(request);
  if ('status' in asked) return asked;
  const { keys, skip, limit, includesDocs } = asked;
  const ids = Array.from(store.all(), ({ id }) => id).sort();
  const page = (keys ?? ids).slice(skip, skip + limit);
  return jsonReply(200, {
    total_rows: ids.length,
    ...(keys === undefined ? { offset: skip } : {}),
    rows: page.map(key => rowOf(key, store, includesDocs)),
  });
}

function askedIn({ method, query, body }: ApiRequest): Asked | Reply {
  const options = new URLSearchParams(query);
  const sent = method === 'POST' && body !== '' ? jsonObject(body) : {};
  if (sent === undefined) return refusal(400, 'bad_request', 'Request body must be a JSON object');
  const { keys = keysIn(options) } = sent;
  if (keys !== undefined && !isTexts(keys)) {
    return refusal(400, 'bad_request', '`keys` member must be an array.');
  }
  const { skip = 0, limit = Infinity } = numbersIn(options);
  if (Number.isNaN(skip) || Number.isNaN(limit)) {
    return refusal(400, 'query_parse_error', 'Invalid value for a non-negative integer');
  }
  return { keys, skip, limit, includesDocs: options.get('include_docs') === 'true' };
}

/** The keys of the query; null when they are no JSON. */
function keysIn(options: URLSearchParams): unknown {
  const text = options.get('keys');
  return text === null ? undefined : (jsonObject(`{"keys":${text}}`)?.keys ?? null);
}

function numbersIn(options: URLSearchParams): { skip?: number; limit?: number } {
  const names = ['skip', 'limit'].filter(name => options.has(name));
  const read = (name: string): number => {
    const text = options.get(name) ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  };
  return Object.fromEntries(names.map(name => [name, read(name)]));
}

function rowOf(key: string, store: RecordStore, includesDocs: boolean): Fields {
  const row = store.find(key);
  if (row !== undefined) {
    const doc = includesDocs ? { doc: documentOf(row) } : {};
    return { id: key, key, value: { rev: row.etag }, ...doc };
  }
  const rev = store.removedVersion(key);
  if (rev === undefined) return { key, error: 'not_found' };
  const doc = includesDocs ? { doc: null } : {};
  return { id: key, key, value: { rev, deleted: true }, ...doc };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}
