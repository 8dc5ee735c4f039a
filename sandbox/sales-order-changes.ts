import { accepts, kept } from './field-types';
import type { Fields } from './field-types';
import { jsonObject } from './json-object';
import { CODES, noSuchProperty, odataError } from './odata';
import type { Reply } from './reply';
import { SALES_ORDER_SCHEMA, SALES_ORDER_TYPE } from './sales-order-schema';

const BIND = '@odata.bind';
const LOOKUP = /^\/?\w+\(([0-9a-f-]{36})\)$/i;

/** A write's body as stored fields, or the 400 that refuses it. */
export function parseSalesOrderChanges(body: string): { fields: Fields } | { refusal: Reply } {
  const payload = jsonObject(body);
  if (payload === undefined) return refusePayload('The payload is not a JSON object.');
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (name.includes('@') && !name.endsWith(BIND)) continue;
    const problem = take(fields, name, value);
    if (problem !== undefined) return refusePayload(problem);
  }
  return { fields };
}

/** Adds one field to `into`; the reason why not, when it cannot be written. */
function take(into: Record<string, unknown>, name: string, sent: unknown): string | undefined {
  const stored = storedName(name);
  const field = Object.hasOwn(SALES_ORDER_SCHEMA, stored) ? SALES_ORDER_SCHEMA[stored] : undefined;
  if (field === undefined || (stored.startsWith('_') && stored === name)) {
    return noSuchProperty(name, SALES_ORDER_TYPE);
  }
  const value = stored === name ? sent : boundId(sent);
  if (value === undefined || !accepts(field, value)) {
    return `Cannot convert the value of '${name}' to the expected type '${field.type}'.`;
  }
  if (field.readOnly !== true) into[stored] = kept(field, value);
  return undefined;
}

/** `pricelevelid@odata.bind` is read back as `_pricelevelid_value`. */
function storedName(name: string): string {
  return name.endsWith(BIND) ? `_${name.slice(0, -BIND.length)}_value` : name;
}

/** The GUID of `/pricelevels(<guid>)`. */
function boundId(reference: unknown): unknown {
  return typeof reference === 'string' ? LOOKUP.exec(reference)?.[1] : undefined;
}

/** The 400 for a payload that cannot be taken. */
export function refusePayload(message: string): { refusal: Reply } {
  return { refusal: odataError(400, CODES.payload, `Error identified in Payload: ${message}`) };
}
