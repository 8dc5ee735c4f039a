import type { Page } from '../bulk/page';
import { jsonObject } from '../http/json-object';
import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import { prefersRepresentation, selectedFields } from '../odata';
import type { Query } from '../odata';
import { readChanges } from '../records/changes';
import type { Field, Fields } from '../records/field-types';
import type { Row } from '../records/store';
import type { FinanceEntity } from './entities';

const ODATA = { 'odata-version': '4.0' };
const ODATA_JSON = {
  ...ODATA,
  'content-type': 'application/json; odata.metadata=minimal; charset=utf-8',
};

const DATE = /^(\d{4}-\d{2}-\d{2})T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/;

/** The fields of a write, or why they cannot be taken. */
export function parseFinanceChanges(
  entity: FinanceEntity,
  body: string,
): ReturnType<typeof readChanges> {
  const payload = jsonObject(body);
  if (payload === undefined) return { problem: 'The payload is not a JSON object.' };
  return readChanges(payload, {
    schema: entity.schema,
    isPassedOver: name => name.includes('@'),
    read: (field, sent) =>
      field.type === 'date' && typeof sent === 'string' ? DATE.exec(sent)?.[1] : undefined,
  });
}

/** The record, with its version in header and body where it has one. */
export function recordReply(
  entity: FinanceEntity,
  request: ApiRequest,
  row: Row,
  query: Query,
): Reply {
  const body = { '@odata.context': `${context(entity, request)}/$entity` };
  return {
    status: 200,
    headers: entity.hasETags ? { ...ODATA_JSON, etag: row.etag } : ODATA_JSON,
    body: JSON.stringify({ ...body, ...member(entity, row, query) }),
  };
}

export function collectionReply(
  entity: FinanceEntity,
  request: ApiRequest,
  page: Page,
  query: Query,
): Reply {
  const value = page.rows.map(row => member(entity, row, query));
  const body = JSON.stringify({
    '@odata.context': context(entity, request),
    value,
    '@odata.nextLink': page.next,
  });
  return { status: 200, headers: ODATA_JSON, body };
}

/** The answer to a write: 204 without an ETag, or the record when the client prefers it. */
export function writtenReply(
  entity: FinanceEntity,
  request: ApiRequest,
  row: Row,
  query: Query,
): Reply {
  if (!prefersRepresentation(request)) return { status: 204, headers: ODATA, body: '' };
  const reply = recordReply(entity, request, row, query);
  const applied = { 'preference-applied': 'return=representation' };
  return { ...reply, headers: { ...reply.headers, ...applied } };
}

/** The service gives no codes; details stand in an inner error. */
export function errorReply(status: number, message: string, detail?: string): Reply {
  const inner =
    detail === undefined
      ? {}
      : { innererror: { message: detail, type: 'System.InvalidOperationException' } };
  const reply = jsonReply(status, { error: { code: '', message, ...inner } });
  return { ...reply, headers: { ...reply.headers, ...ODATA } };
}

function member(entity: FinanceEntity, row: Row, query: Query): Fields {
  const version = entity.hasETags ? { '@odata.etag': row.etag } : {};
  const fields = Object.entries(selectedFields(row.values, query));
  const spelled = fields.map(([name, value]) => [name, asSent(entity.schema[name], value)]);
  return { ...version, ...(Object.fromEntries(spelled) as Fields) };
}

/** A date comes as noon of that day. */
function asSent(field: Field | undefined, value: unknown): unknown {
  const isDate = field?.type === 'date' && typeof value === 'string';
  return isDate ? `${value}T12:00:00Z` : value;
}

function context(entity: FinanceEntity, { headers }: ApiRequest): string {
  return `http://${headers.host ?? '127.0.0.1'}/data/$metadata#${entity.entitySet}`;
}
