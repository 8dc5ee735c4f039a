import type { Fields } from '../records/field-types';
import type { ApiRequest } from './reply';

/** Whether the body of a request is said to be JSON. */
export function isJson({ headers }: Pick<ApiRequest, 'headers'>): boolean {
  return /\bjson\b/i.test(headers['content-type'] ?? '');
}

/** The JSON object in a text; undefined when there is none. */
export function jsonObject(text: string): Fields | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The value if it is an object with members. */
export function asObject(value: unknown): Fields | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Fields) : undefined;
}
