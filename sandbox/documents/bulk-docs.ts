import { randomBytes } from 'node:crypto';
import { isFailure } from '../bulk/plan';
import type { BatchEndpoint, Part, PartResult, Plan } from '../bulk/plan';
import { asObject, isJson, jsonObject } from '../http/json-object';
import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import type { Fields } from '../records/field-types';
import type { RecordApi } from '../records/record-api';
import { problemOf, refusal, statusReply } from './wire';

/**
 * `POST …/_bulk_docs` with `{docs: [{_id, _rev, …}]}`: every document on its own, none waits for
 * another, and 201 whatever became of them. A document without an id gets one.
 */
export function bulkDocs(api: RecordApi, database: string): BatchEndpoint {
  const path = `${database}/_bulk_docs`;
  return {
    apis: [api],
    serves: asked => asked === path,
    plan: request => (request.method === 'POST' ? planOf(request, database) : api.error(405)),
  };
}

function planOf(request: ApiRequest, database: string): Plan | Reply {
  if (!isJson(request)) return statusReply(415);
  const sent = jsonObject(request.body);
  if (sent === undefined) return malformed('Request body must be a JSON object');
  const { docs, new_edits: newEdits = true } = sent;
  if (docs === undefined) return malformed('POST body must include `docs` parameter.');
  if (!Array.isArray(docs)) return malformed('`docs` parameter must be an array.');
  if (newEdits !== true) return malformed('`new_edits` cannot be switched off here.');
  const parts: Part[] = [];
  for (const doc of docs) {
    const part = partOf(asObject(doc), database);
    if ('status' in part) return part;
    parts.push(part);
  }
  return {
    units: parts.map(part => ({ parts: [part], isAtomic: false })),
    stopsAtError: false,
    answer: results =>
      jsonReply(
        201,
        results.flatMap(unit => unit.results.map(itemOf)),
      ),
  };
}

/** A document that is none refuses all of them. */
function partOf(doc: Fields | undefined, database: string): Part | Reply {
  if (doc === undefined) return malformed('Document must be a JSON object');
  const { _id: id = randomBytes(16).toString('hex') } = doc;
  if (typeof id !== 'string' || id === '')
    return malformed('Document id must be a non-empty string');
  const problem = problemOf(doc, id);
  if (problem !== undefined) return problem.refusal;
  if (id.startsWith('_')) {
    return malformed('Only reserved document ids may start with underscore.');
  }
  const path = `${database}/${encodeURIComponent(id)}`;
  const headers = { 'content-type': 'application/json' };
  return { id, request: { method: 'PUT', path, query: '', headers, body: JSON.stringify(doc) } };
}

function itemOf({ part, reply }: PartResult): Fields {
  const told = jsonObject(reply.body) ?? {};
  if (!isFailure(reply)) return told;
  const { error = 'unknown_error', reason = `Status ${String(reply.status)}.` } = told;
  return { id: part.id, error, reason };
}

function malformed(reason: string): Reply {
  return refusal(400, 'bad_request', reason);
}
