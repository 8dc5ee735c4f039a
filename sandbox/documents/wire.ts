import { jsonObject } from '../http/json-object';
import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import type { Fields } from '../records/field-types';
import type { Row } from '../records/store';

/** The members that start with an underscore and may be sent. */
export const SPECIAL_MEMBERS: readonly string[] = ['_id', '_rev'];

/** What a PUT sends. */
export interface SentDocument {
  readonly rev: string | undefined;
  /** Without the special ones. */
  readonly members: Fields;
}

/** Reads the document that is sent for this id, or refuses it with 400. */
export function readDocument(request: ApiRequest, id: string): SentDocument | { refusal: Reply } {
  const sent = jsonObject(request.body);
  if (sent === undefined) return refuse('bad_request', 'Document must be a JSON object');
  const problem = problemOf(sent, id);
  if (problem !== undefined) return problem;
  const [rev, other] = revsIn(request, sent);
  if (other !== undefined) {
    const reason = 'Document rev from request body and query string have different values';
    return refuse('bad_request', reason);
  }
  const members = Object.entries(sent).filter(([name]) => !SPECIAL_MEMBERS.includes(name));
  return { rev, members: Object.fromEntries(members) };
}

/** Why a document cannot be stored under this id; undefined when it can. */
export function problemOf(sent: Fields, id: string): { refusal: Reply } | undefined {
  const special = Object.keys(sent).find(
    name => name.startsWith('_') && !SPECIAL_MEMBERS.includes(name),
  );
  if (special !== undefined) {
    return refuse('doc_validation', `Bad special document member: ${special}`);
  }
  const { _id = id, _rev } = sent;
  if (_id !== id) return refuse('bad_request', 'Document ID must match the one in the URL');
  const isRev = _rev === undefined || typeof _rev === 'string';
  return isRev ? undefined : refuse('bad_request', 'Invalid rev format');
}

/** The revision may stand in the document, in the query and in If-Match. */
function revsIn({ query, headers }: ApiRequest, { _rev }: Fields): ReadonlySet<string> {
  const ifMatch = headers['if-match']?.replace(/^"(.*)"$/, '$1');
  const given = [_rev, new URLSearchParams(query).get('rev'), ifMatch];
  return new Set(given.filter(rev => typeof rev === 'string'));
}

function refuse(error: string, reason: string): { refusal: Reply } {
  return { refusal: refusal(400, error, reason) };
}

const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['bad_request', 'The document id cannot be decoded.'],
  401: ['unauthorized', 'You are not authorized to access this db.'],
  405: ['method_not_allowed', 'Only DELETE,GET,HEAD,PUT,COPY allowed'],
  413: ['document_too_large', 'The request entity is too large.'],
  414: ['request_uri_too_long', 'The address is too long.'],
  415: ['bad_content_type', 'Content-Type must be application/json'],
  429: ['too_many_requests', 'Too many requests.'],
  500: ['internal_server_error', 'An error occurred.'],
  503: ['service_unavailable', 'The server is busy.'],
};

/** An error that has no document behind it. */
export function statusReply(status: number): Reply {
  const [error, reason] = ERRORS[status] ?? ['error', `Status ${String(status)}.`];
  return refusal(status, error, reason);
}

export function refusal(status: number, error: string, reason: string): Reply {
  return jsonReply(status, { error, reason });
}

export function conflictReply(): Reply {
  return refusal(409, 'conflict', 'Document update conflict.');
}

/** A document as it is read. */
export function documentOf({ values }: Row): Fields {
  const { _id, _rev, ...members } = values;
  return { _id, _rev, ...members };
}

export function writtenReply(row: Row): Reply {
  const reply = jsonReply(201, { ok: true, id: row.id, rev: row.etag });
  return { ...reply, headers: { ...reply.headers, etag: `"${row.etag}"` } };
}
