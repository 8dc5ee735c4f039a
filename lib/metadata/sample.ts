import type { Fields } from '../record/fields';
import { sortedByName, type RecordField } from './description';

/** The fields of one record, which stands for all of its kind. A value proves no type, so none is compared by one. */
export function fieldsOfSample(values: Fields, keys: readonly string[]): RecordField[] {
  return sortedByName(
    Object.entries(values).map(([name, value]) => ({
      name,
      type: jsonType(value),
      isKey: keys.includes(name),
      isReadOnly: false,
    })),
  );
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
