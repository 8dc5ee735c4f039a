import { isFields, type Fields } from '../../record/fields';
import { parseJson, parseLossless } from '../../record/json';
import { valueAtPath } from '../body-path';
import type { ApiSettings } from '../settings';
import type { ReadSettings } from './exchange';

type Place = Pick<ApiSettings, 'recordPath' | 'exchange'>;

/** The record in the parsed body of an answer; undefined when there is none. */
export function recordIn(body: unknown, place: Place): Fields | undefined {
  return recordAt(body, place, parseJson);
}

/** The same with every number as the digits it came with, and every member: for a PUT. */
export function exactRecordIn(text: string, place: Place): Fields | undefined {
  return recordAt(parseLossless(text), place, parseLossless);
}

function recordAt(
  body: unknown,
  { recordPath, exchange }: Place,
  parse: (text: string) => unknown,
): Fields | undefined {
  const found = valueAtPath(body, recordPath);
  const { record: form } = exchange.read;
  const record = form === 'object' ? found : parse(textOf(found, form) ?? '');
  return isFields(record) ? record : undefined;
}

function textOf(found: unknown, form: ReadSettings['record']): string | undefined {
  if (typeof found !== 'string') return undefined;
  return form === 'base64' ? fromBase64(found) : found;
}

/** Undefined for what is no UTF-8 in Base64. */
function fromBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), char => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A record as it goes into an envelope. */
export function asStoredText(json: string, form: ReadSettings['record']): string {
  return form === 'base64' ? toBase64(json) : json;
}

function toBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
