/** Field names and values as JSON carries them. */
export type Fields = Readonly<Record<string, unknown>>;

/** A single key value, or one value per key field for a composite key. */
export type RecordKey = string | number | Readonly<Record<string, string | number>>;

/** A promise, or what an `await` would take for one. What cannot even be asked is no better. */
export function isThenable(value: unknown): boolean {
  if (typeof value !== 'object' && typeof value !== 'function') return false;
  try {
    return typeof (value as { readonly then?: unknown } | null)?.then === 'function';
  } catch {
    return true;
  }
}

/** A JSON object. Tells by its tag, because objects from a function node have another realm's prototype. */
export function isFields(value: unknown): value is Fields {
  return Object.prototype.toString.call(value) === '[object Object]';
}
