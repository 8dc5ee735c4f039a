import type { Fields } from '../field-types';
import { jsonObject } from '../json-object';
import type { ApiRequest, Reply } from '../reply';
import { refusal } from './replies';

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

/** Why a document cannot be stored under this id. */
function problemOf(sent: Fields, id: string): { refusal: Reply } | undefined {
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
