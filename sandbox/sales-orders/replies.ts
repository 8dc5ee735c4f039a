import type { Page } from '../bulk/page';
import type { ApiRequest, Reply } from '../http/reply';
import { CODES, odataError, prefersRepresentation, selectedFields } from '../odata';
import type { Query } from '../odata';
import type { Fields } from '../records/field-types';
import type { Place } from '../records/record-api';
import type { Row } from '../records/store';

const ODATA = { 'odata-version': '4.0' };
const ODATA_JSON = {
  ...ODATA,
  'content-type': 'application/json; odata.metadata=minimal; charset=utf-8',
};

/** The record, with its version in header and body. */
export function recordReply(status: number, request: ApiRequest, row: Row, query: Query): Reply {
  const body = JSON.stringify({
    '@odata.context': `${context(request, query)}/$entity`,
    '@odata.etag': row.etag,
    ...selected(row, query),
  });
  return { status, headers: { ...ODATA_JSON, etag: row.etag }, body };
}

export function collectionReply(request: ApiRequest, page: Page, query: Query): Reply {
  const value = page.rows.map(row => ({ '@odata.etag': row.etag, ...selected(row, query) }));
  const body = JSON.stringify({
    '@odata.context': context(request, query),
    value,
    '@odata.nextLink': page.next,
  });
  return { status: 200, headers: ODATA_JSON, body };
}

/** The answer to a write: 204 without an ETag, or the record when the client prefers it. */
export function writtenReply(
  status: 200 | 201,
  request: ApiRequest,
  row: Row,
  query: Query,
): Reply {
  const entity = { 'odata-entityid': `${root(request)}salesorders(${row.id})` };
  if (!prefersRepresentation(request)) return emptyReply(204, entity);
  const reply = recordReply(status, request, row, query);
  const created = status === 201 ? { ...entity, location: entity['odata-entityid'] } : {};
  const applied = { 'preference-applied': 'return=representation' };
  return { ...reply, headers: { ...reply.headers, ...created, ...applied } };
}

export function emptyReply(status: number, headers: Readonly<Record<string, string>>): Reply {
  return { status, headers: { ...ODATA, ...headers }, body: '' };
}

export function missingReply(place: Place): Reply {
  if (place.kind === 'record') {
    const message = `Entity 'salesorder' With Id = ${place.id} Does Not Exist`;
    return odataError(404, CODES.notFound, message);
  }
  const message = 'A record with the specified key values does not exist in salesorder entity';
  return odataError(404, CODES.alternateKeyNotFound, message);
}

export function mismatchReply(): Reply {
  const message =
    "The version of the existing record doesn't match the RowVersion property provided.";
  return odataError(412, CODES.versionMismatch, message);
}

export function duplicateReply(): Reply {
  return odataError(412, CODES.duplicate, 'A record with matching key values already exists.');
}

/** The refusal of a batch that takes too long. */
export function executionTimeReply(): Reply {
  const message =
    'Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.';
  const reply = odataError(429, CODES.executionTime, message);
  return { ...reply, headers: { ...reply.headers, 'retry-after': '1' } };
}

/** An error that has no record behind it. */
export function statusReply(status: number): Reply {
  if (status === 401) return emptyReply(401, { 'www-authenticate': 'Bearer' });
  if (status === 429) {
    const message =
      'Number of requests exceeded the limit of 6000 over time window of 300 seconds.';
    return odataError(429, CODES.throttled, message);
  }
  return odataError(status, CODES.unexpected, `The request ended with status ${String(status)}.`);
}

/** The selected fields; the primary key always comes along. */
function selected(row: Row, query: Query): Fields {
  return { ...selectedFields(row.values, query), salesorderid: row.id };
}

function context(request: ApiRequest, query: Query): string {
  const fields = query.select === undefined ? '' : `(${query.select.join(',')})`;
  return `${root(request)}$metadata#salesorders${fields}`;
}

function root(request: ApiRequest): string {
  return `http://${request.headers.host ?? '127.0.0.1'}/api/data/v9.0/`;
}
