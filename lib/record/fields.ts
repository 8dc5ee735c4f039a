/** Field names and values as JSON carries them. */
export type Fields = Readonly<Record<string, unknown>>;

/** A single key value, or one value per key field for a composite key. */
export type RecordKey = string | number | Readonly<Record<string, string | number>>;

/** A JSON object. Tells by its tag, because objects from a function node have another realm's prototype. */
export function isFields(value: unknown): value is Fields {
  return Object.prototype.toString.call(value) === '[object Object]';
}
