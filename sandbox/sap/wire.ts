import type { Page } from '../bulk/page';
import { asObject, jsonObject } from '../http/json-object';
import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import { selectedFields } from '../odata';
import type { Query } from '../odata';
import { readChanges } from '../records/changes';
import type { Field, Fields } from '../records/field-types';
import type { Row } from '../records/store';
import { ENTITY_TYPE, SAP_ORDER_SCHEMA, SERVICE_ROOT } from './schema';

const ODATA = { dataserviceversion: '2.0' };
const V2_TIME = /^\/Date\((-?\d{1,14})(?:[+-]\d{1,4})?\)\/$/;
const LITERAL_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?$/;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** The fields of a write, or why they cannot be taken. The envelope `d` may be there or not. */
export function parseSapChanges(body: string): ReturnType<typeof readChanges> {
  const payload = jsonObject(body);
  const record = payload === undefined || !('d' in payload) ? payload : asObject(payload.d);
  if (record === undefined) return { problem: 'The request body is not a JSON object.' };
  return readChanges(record, {
    schema: SAP_ORDER_SCHEMA,
    isPassedOver: name => name === '__metadata' || name.startsWith('to_'),
    read: kept,
  });
}

/** The record in its envelope, with its version in header and body. */
export function recordReply(request: ApiRequest, row: Row, query: Query): Reply {
  const reply = jsonReply(200, { d: member(request, row, query) });
  return { ...reply, headers: { ...reply.headers, ...ODATA, etag: row.etag } };
}

export function collectionReply(request: ApiRequest, page: Page, query: Query): Reply {
  const results = page.rows.map(row => member(request, row, query));
  return dataReply({ results, __next: page.next });
}

export function serviceReply(): Reply {
  return dataReply({ EntitySets: ['A_SalesOrder'] });
}

export function writtenReply(row: Row): Reply {
  return { status: 204, headers: { ...ODATA, etag: row.etag }, body: '' };
}

/** The cookies of a session are lost on the way when a client follows it. */
export function slashReply(): Reply {
  return { status: 301, headers: { location: `${SERVICE_ROOT}/` }, body: '' };
}

export function csrfReply(): Reply {
  return {
    status: 403,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-csrf-token': 'Required' },
    body: 'CSRF token validation failed',
  };
}

export function errorReply(status: number, code: string, text: string): Reply {
  const application = {
    component_id: 'SD-SLS-SO',
    service_namespace: '/SAP/',
    service_id: 'API_SALES_ORDER_SRV',
    service_version: '0001',
  };
  const innererror = { application, errordetails: [] };
  const message = { lang: 'en', value: text };
  const reply = jsonReply(status, { error: { code, message, innererror } });
  return { ...reply, headers: { ...reply.headers, ...ODATA } };
}

function dataReply(d: unknown): Reply {
  const reply = jsonReply(200, { d });
  return { ...reply, headers: { ...reply.headers, ...ODATA } };
}

function member(request: ApiRequest, row: Row, query: Query): Fields {
  const root = `http://${request.headers.host ?? '127.0.0.1'}${SERVICE_ROOT}`;
  const uri = `${root}/A_SalesOrder('${encodeURIComponent(row.id)}')`;
  const fields = Object.entries(selectedFields(row.values, query));
  const spelled = fields.map(([name, value]) => [name, asSent(SAP_ORDER_SCHEMA[name], value)]);
  const items =
    query.select === undefined ? { to_Item: { __deferred: { uri: `${uri}/to_Item` } } } : {};
  return {
    __metadata: { id: uri, uri, type: ENTITY_TYPE, etag: row.etag },
    ...(Object.fromEntries(spelled) as Fields),
    ...items,
  };
}

/** OData V2 in JSON spells times as milliseconds and decimals as text. */
function asSent(field: Field | undefined, value: unknown): unknown {
  if (field?.type === 'decimal' && typeof value === 'number') return value.toFixed(field.precision);
  if (typeof value !== 'string') return value;
  if (field?.type === 'date') return `/Date(${String(Date.parse(value))})/`;
  if (field?.type === 'date-time') return `/Date(${String(Date.parse(value))}+0000)/`;
  return value;
}

function kept(field: Field, sent: unknown): unknown {
  if (typeof sent !== 'string') return undefined;
  if (field.type === 'decimal') return DECIMAL.test(sent) ? Number(sent) : undefined;
  if (field.type === 'date') return instantOf(sent)?.slice(0, 10);
  return field.type === 'date-time' ? instantOf(sent) : undefined;
}

/** The ISO spelling of `/Date(1739008800000)/` or `2025-02-08T10:00:00`. */
function instantOf(text: string): string | undefined {
  const millis = V2_TIME.exec(text)?.[1];
  const literal = LITERAL_TIME.exec(text)?.[1];
  const time = new Date(millis === undefined ? `${literal ?? ''}Z` : Number(millis));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
