import { InputError } from '../../errors';
import { hasSucceeded, type Answer } from '../../outcome/answer';
import { isFields, setOwn, type Fields } from '../../record/fields';
import { parseUnaltered, stringifyExact } from '../../record/json';
import type { RecordRef } from '../../record/ref';
import type { WireRequest } from '../../transport/transport';
import type { BatchMember, BulkReads, BulkWrites, ListPage, MemberAnswer } from './bulk-api';
import { collectionUrl, itemAnswer, keyText } from './records';
import { withParameters, type Service } from './service';

/** How one CouchDB takes many documents. */
export interface CouchDialect {
  readonly service: Service;
  readonly most: number;
}

/** Reads documents with `_all_docs`: their ids go in the body, and every one is answered, gone ones too. */
export function couchReads({ service, most }: CouchDialect): BulkReads {
  return {
    request: refs => {
      const some = refs.slice(0, most);
      const url = withParameters(`${databaseOf(some)}/_all_docs?include_docs=true`, service.query);
      const keys = some.map(({ key }) => keyText(key));
      return { request: post(url, JSON.stringify({ keys })), count: some.length };
    },
    pageOf,
  };
}

/** Writes documents with `_bulk_docs`: each for itself, since CouchDB has no other way. */
export function couchWrites({ service, most }: CouchDialect): BulkWrites {
  return {
    most,
    canGroup: false,
    request: members => {
      const database = databaseOf(members.map(({ plan }) => plan.ref));
      const docs = members.map(documentOf).join(',');
      return post(withParameters(`${database}/_bulk_docs`, service.query), `{"docs":[${docs}]}`);
    },
    answersIn: (answer, members) => {
      const rows = hasSucceeded(answer) ? rowsIn(answer, body => body) : undefined;
      if (rows === undefined) return { kind: 'whole' };
      return { kind: 'members', members: members.map(member => told(member, rows, answer)) };
    },
  };
}

function post(url: string, body: string): WireRequest {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
  return { method: 'POST', url, headers: { ...headers, 'Cache-Control': 'no-cache' }, body };
}

/** Throws InputError `BATCH_MIXED`. */
function databaseOf(refs: readonly RecordRef[]): string {
  const [url = '', ...others] = new Set(refs.map(collectionUrl));
  if (others.length === 0) return url;
  throw new InputError(
    'BATCH_MIXED',
    'Only records of one collection can go with one request here. Give all of them the same Records.',
  );
}

/** What the PUT of this document alone would send, with its id, by which it is told in the answer. */
function documentOf({ plan, request }: BatchMember): string {
  const document = parseUnaltered(request.body ?? '');
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(isFields(document) ? document : {})) {
    setOwn(named, name, value);
  }
  return stringifyExact({ ...named, _id: keyText(plan.ref.key) });
}

function pageOf(answer: Answer, refs: readonly RecordRef[]): ListPage | undefined {
  const rows = hasSucceeded(answer)
    ? rowsIn(answer, body => (isFields(body) ? body.rows : undefined))
    : undefined;
  if (rows === undefined) return undefined;
  const found = new Map<number, Answer>();
  const byKey = new Map(rows.map(row => [row.key, row]));
  refs.forEach(({ key }, place) => {
    const row = byKey.get(keyText(key));
    const shown = row && documentIn(row, answer);
    if (shown !== undefined) found.set(place, shown);
  });
  return { found, next: undefined };
}

function rowsIn(answer: Answer, listOf: (body: unknown) => unknown): Fields[] | undefined {
  const rows = listOf(parseUnaltered(answer.text));
  return Array.isArray(rows) ? rows.filter(isFields) : undefined;
}

/** As `GET` of the document would have answered. */
function documentIn({ doc, error, value }: Fields, list: Answer): Answer | undefined {
  if (isFields(doc)) return itemAnswer(list, stringifyExact(doc));
  const isDeleted = isFields(value) && value.deleted === true;
  if (!isDeleted && error !== 'not_found') return undefined;
  return gone(list, isDeleted ? 'deleted' : 'missing');
}

function gone(list: Answer, reason: string): Answer {
  return itemAnswer(list, JSON.stringify({ error: 'not_found', reason }), 404);
}

/** The status that a PUT alone has with these errors; of others it is not known whether the document was written. */
const STATUS: Readonly<Record<string, number>> = {
  conflict: 409,
  forbidden: 403,
  unauthorized: 401,
  not_found: 404,
  bad_request: 400,
  doc_validation: 400,
};

function told({ plan }: BatchMember, rows: readonly Fields[], answer: Answer): MemberAnswer {
  const [row, ...more] = rows.filter(({ id }) => id === keyText(plan.ref.key));
  const status = row === undefined || more.length > 0 ? undefined : statusOf(row);
  if (row === undefined || status === undefined) return { kind: 'untold' };
  return { kind: 'answer', answer: itemAnswer(answer, stringifyExact(row), status) };
}

function statusOf({ error, rev, ok }: Fields): number | undefined {
  if (typeof error === 'string') return Object.hasOwn(STATUS, error) ? STATUS[error] : undefined;
  return error === undefined && ok !== false && typeof rev === 'string' ? 201 : undefined;
}
