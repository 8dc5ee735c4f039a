import { isFields, type RecordKey } from '../../lib/record/fields';
import { encodeODataKey } from '../../lib/record/key';

/** One text per record, in whatever order a composite key names its fields. Throws InputError `KEY_INVALID`. */
export function recordText(key: RecordKey): string {
  if (!isFields(key)) return encodeODataKey(key);
  const parts = Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));
  return encodeODataKey(Object.fromEntries(parts));
}
