import { GUID } from './field-types';
import { CODES, noSuchProperty, odataError } from './odata';
import { decodedOnce } from './odata-key';
import type { Place } from './record-api';
import { isSalesOrderAction } from './sales-order-actions';
import { SALES_ORDER_TYPE } from './sales-order-schema';

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
