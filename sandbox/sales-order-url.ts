import { GUID } from './field-types';
import { CODES, noSuch, odataError } from './odata';
import type { Place } from './record-api';

const COLLECTION = /^\/api\/data\/v9\.\d\/salesorders(.*)$/;
const ALTERNATE_KEY = /^(\w+)='((?:[^']|'')*)'$/;

/**
 * Reads `salesorders`, `salesorders(<guid>)` and `salesorders(ordernumber='…')`. A quoted GUID is
 * refused, as the real API does.
 */
export function locateSalesOrder(path: string): Place {
  const rest = COLLECTION.exec(path)?.[1];
  if (rest === undefined) return refused(404, 'Resource not found for the segment.');
  if (rest === '' || rest === '/') return { kind: 'collection' };
  const decoded = decodedOnce(rest);
  if (decoded === undefined || !/^\(.*\)$/s.test(decoded)) return badSyntax();
  return locateKey(decoded.slice(1, -1));
}

function locateKey(key: string): Place {
  if (GUID.test(key)) return { kind: 'record', id: key.toLowerCase() };
  const [, name, quoted] = ALTERNATE_KEY.exec(key) ?? [];
  if (name === undefined || quoted === undefined) return badSyntax();
  if (name !== 'ordernumber') return refused(400, noSuch(name));
  return { kind: 'alternate', name, value: quoted.replaceAll("''", "'") };
}

function decodedOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function badSyntax(): Place {
  return refused(400, 'Bad Request - Error in query syntax.');
}

function refused(status: number, message: string): Place {
  return { kind: 'refused', reply: odataError(status, CODES.querySyntax, message) };
}
