/** Field names and values as JSON carries them. */
export type Fields = Readonly<Record<string, unknown>>;

/** A single key value, or one value per key field for a composite key. */
export type RecordKey = string | number | Readonly<Record<string, string | number>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
