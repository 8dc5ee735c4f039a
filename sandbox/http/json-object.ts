import type { Fields } from '../records/field-types';

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
