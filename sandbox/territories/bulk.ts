import { isFailure } from '../bulk/plan';
import type { BatchEndpoint, Part, PartResult, Plan, UnitResult } from '../bulk/plan';
import type { BulkSettings } from '../bulk/settings';
import { asObject, isJson, jsonObject } from '../http/json-object';
import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import type { Fields } from '../records/field-types';
import type { RecordApi } from '../records/record-api';
import type { KeyedReplies } from './keyed-replies';

/** What the bulk endpoint needs of the API that it belongs to. */
export interface BulkAssignments {
  readonly api: RecordApi;
  readonly keyed: KeyedReplies;
  readonly settings: Readonly<BulkSettings>;
  readonly refuse: (status: number, error: string) => Reply;
}

/**
 * `POST …/assignments/bulk` with `{assignments: [{id, etag, …fields}]}`: a version per item, as its
 * `etag` or in the header `X-ETags` as a JSON map of ids, and an answer per item in a 207.
 * `?transaction=true` changes all or none.
 */
export function bulkAssignments(bulk: BulkAssignments): BatchEndpoint {
  const path = `${bulk.api.prefix}/bulk`;
  return {
    apis: [bulk.api],
    serves: asked => asked === path,
    plan: request => {
      if (request.method !== 'POST') return bulk.api.error(405);
      return isJson(request) ? keyedPlan(request, bulk) : bulk.api.error(415);
    },
  };
}

/** A refusal is kept under the key as any other answer. */
function keyedPlan(request: ApiRequest, bulk: BulkAssignments): Plan | Reply {
  const known = bulk.keyed.begin(request);
  if (known !== undefined) return known;
  const keep = (reply: Reply): Reply => bulk.keyed.end(request, reply);
  const parts = partsOf(request, bulk);
  if ('status' in parts) return keep(parts);
  const isAtomic = new URLSearchParams(request.query).get('transaction') === 'true';
  const units = isAtomic ? [{ parts, isAtomic }] : parts.map(part => ({ parts: [part], isAtomic }));
  return {
    units,
    stopsAtError: false,
    answer: results => keep(answerOf(results)),
    onOvertime: keep,
  };
}

function partsOf(request: ApiRequest, bulk: BulkAssignments): readonly Part[] | Reply {
  const { assignments } = jsonObject(request.body) ?? {};
  if (!Array.isArray(assignments)) return bulk.refuse(400, "The body has no array 'assignments'.");
  const { maxItems } = bulk.settings;
  if (assignments.length > maxItems) {
    return bulk.refuse(413, `At most ${String(maxItems)} assignments per request.`);
  }
  const versions = versionsIn(request);
  if (versions === undefined) return bulk.refuse(400, 'X-ETags is not a JSON object of texts.');
  const seen = new Set<string>();
  const parts: Part[] = [];
  for (const sent of assignments) {
    const { id, etag, ...fields } = asObject(sent) ?? {};
    if (typeof id !== 'string' || id === '') return bulk.refuse(400, "An assignment has no 'id'.");
    if (seen.has(id)) return bulk.refuse(400, `Duplicate id '${id}'.`);
    seen.add(id);
    parts.push(partOf(id, fields, [etag, versions[id]], bulk));
  }
  return parts;
}

/** The versions of the header by id, none without it; undefined when they cannot be read. */
function versionsIn({ headers }: ApiRequest): Fields | undefined {
  const { 'x-etags': sent } = headers;
  return sent === undefined ? {} : jsonObject(String(sent));
}

function partOf(
  id: string,
  fields: Fields,
  given: readonly unknown[],
  { api, refuse }: BulkAssignments,
): Part {
  const versions = new Set(given.filter(version => version !== undefined));
  const [version] = versions;
  const isOne = versions.size === 1 && typeof version === 'string' && version !== '';
  const headers = {
    'content-type': 'application/json',
    ...(isOne ? { 'if-match': version } : {}),
  };
  const path = `${api.prefix}/${encodeURIComponent(id)}`;
  const request = { method: 'PATCH', path, query: '', headers, body: JSON.stringify(fields) };
  if (isOne) return { id, request };
  const refusal =
    versions.size === 0
      ? refuse(428, 'Precondition required - send the ETag of the assignment')
      : refuse(400, 'Send one ETag per assignment, as text');
  return { id, request, refusal };
}

/** A transaction that failed is answered by its cause alone. */
function answerOf(units: readonly UnitResult[]): Reply {
  const undone = units.find(({ unit, failed }) => unit.isAtomic && failed !== undefined);
  if (undone?.failed !== undefined) {
    const { status, body } = undone.failed.reply;
    return jsonReply(status, { error: errorIn(body) });
  }
  return jsonReply(207, { results: units.flatMap(({ results }) => results.map(itemOf)) });
}

function itemOf({ part, reply }: PartResult): Fields {
  const { status, headers, body } = reply;
  const isFailed = isFailure(reply);
  const told = isFailed ? { error: errorIn(body) } : { etag: headers.etag };
  return { id: part.id, status, ...told };
}

function errorIn(body: string): unknown {
  return jsonObject(body)?.error ?? 'Unknown error';
}
