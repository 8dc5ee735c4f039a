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

/** How `lossless-json` marks its numbers. Spelled out, because the dialogs use this file and must not carry the library. */
const NUMBER = Symbol.for('lossless-json.LosslessNumber');

/**
 * A JSON object. Tells by its tag, because objects from a function node have another realm's prototype. A number that
 * is kept digit by digit is none.
 */
export function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.prototype.toString.call(value) === '[object Object]' &&
    (value as Record<symbol, unknown>)[NUMBER] !== true
  );
}

/** The fields without one of them: the same object where it has none such, as nearly all have. */
export function withoutField(fields: Fields, name: string): Fields {
  if (!Object.hasOwn(fields, name)) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name));
}

/** Sets an own member of any name. Assigning `__proto__` would set the prototype instead. */
export function setOwn(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    const own = { value, enumerable: true, writable: true, configurable: true };
    Object.defineProperty(fields, name, own);
  } else {
    fields[name] = value;
  }
}
