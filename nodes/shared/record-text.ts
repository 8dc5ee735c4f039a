import { isFields, type RecordKey } from '../../lib/record/fields';
import { encodeODataKey } from '../../lib/record/key';

/**
 * One text per record, in whatever order a composite key names its fields, and whether a number comes as such or as text:
 * sources differ in that, and no collection has records for both. Throws InputError `KEY_INVALID`.
 */
export function recordText(key: RecordKey): string {
  // What is no key is told in terms of what was given.
  encodeODataKey(key);
  if (!isFields(key)) return encodeODataKey(String(key));
  const parts = Object.entries(key)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, String(value)] as const);
  return encodeODataKey(Object.fromEntries(parts));
}
