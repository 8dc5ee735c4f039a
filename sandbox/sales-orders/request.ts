import { jsonObject } from '../http/json-object';
import type { Reply } from '../http/reply';
import { CODES, decodedOnce, noSuchProperty, odataError } from '../odata';
import { GUID, accepts, kept } from '../records/field-types';
import type { Fields } from '../records/field-types';
import type { Place } from '../records/record-api';
import { SALES_ORDER_SCHEMA, SALES_ORDER_TYPE } from './schema';

const COLLECTION = /^\/api\/data\/v9\.\d\/salesorders(.*)$/;
const KEY_AND_ACTION = /^(\([^/]*\))(?:\/([\w.]+))?$/;
const ALTERNATE_KEY = /^(\w+)='((?:[^']|'')*)'$/;

/**
 * Reads `salesorders`, `salesorders(<guid>)` and `salesorders(ordernumber='…')`, the latter two with
 * or without a bound action behind. A quoted GUID is refused, as the real API does.
 */
export function locateSalesOrder(path: string): Place {
  const rest = COLLECTION.exec(path)?.[1];
  if (rest === undefined) return refused(404, 'Resource not found for the segment.');
  if (rest === '' || rest === '/') return { kind: 'collection' };
  const [, key = '', action] = KEY_AND_ACTION.exec(rest) ?? [];
  const decoded = decodedOnce(key);
  if (decoded === undefined || decoded === '') return badSyntax();
  if (action !== undefined && !isSalesOrderAction(action)) {
    return refused(404, `Resource not found for the segment '${action}'.`);
  }
  return locateKey(decoded.slice(1, -1), action === undefined ? {} : { action });
}

function locateKey(key: string, action: { readonly action?: string }): Place {
  if (GUID.test(key)) return { kind: 'record', id: key.toLowerCase(), ...action };
  const [, name, quoted] = ALTERNATE_KEY.exec(key) ?? [];
  if (name === undefined || quoted === undefined) return badSyntax();
  if (name !== 'ordernumber') return refused(400, noSuchProperty(name, SALES_ORDER_TYPE));
  return { kind: 'alternate', name, value: quoted.replaceAll("''", "'"), ...action };
}

function badSyntax(): Place {
  return refused(400, 'Bad Request - Error in query syntax.');
}

function refused(status: number, message: string): Place {
  return { kind: 'refused', reply: odataError(status, CODES.querySyntax, message) };
}

interface Action {
  /** Each sets the field of the same name. */
  readonly parameters: readonly string[];
  readonly required: readonly string[];
}

const ACTIONS: Readonly<Record<string, Action>> = {
  'Microsoft.Dynamics.CRM.UpdateOrderStatus': {
    parameters: ['orderstatus'],
    required: ['orderstatus'],
  },
  'Microsoft.Dynamics.CRM.UpdateShippingDetails': {
    parameters: ['shippingmethodcode', 'requestdeliveryby', 'freightamount', 'shipto_latitude'],
    required: [],
  },
};

function isSalesOrderAction(name: string): boolean {
  return Object.hasOwn(ACTIONS, name);
}

/** What an action that exists sets, or the 400 that refuses its parameters. */
export function parseActionChanges(
  name: string,
  body: string,
): { fields: Fields } | { refusal: Reply } {
  const { parameters = [], required = [] } = ACTIONS[name] ?? {};
  const payload = jsonObject(body) ?? {};
  const unknown = Object.keys(payload).find(parameter => !parameters.includes(parameter));
  if (unknown !== undefined) {
    return refusePayload(`The parameter '${unknown}' is not a parameter of '${name}'.`);
  }
  const missing = required.find(parameter => (payload[parameter] ?? null) === null);
  if (missing !== undefined) {
    return refusePayload(`The parameter '${missing}' of '${name}' is missing.`);
  }
  return parseSalesOrderChanges(body === '' ? '{}' : body);
}

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
function refusePayload(message: string): { refusal: Reply } {
  return { refusal: odataError(400, CODES.payload, `Error identified in Payload: ${message}`) };
}
