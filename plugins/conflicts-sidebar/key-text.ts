import type { RecordKey } from '../../lib/record/fields';

/** A record key for people; of one field, its value alone. Empty: not known. */
export function keyText(key: RecordKey | undefined): string {
  if (key === undefined) return '';
  if (typeof key !== 'object') return String(key);
  const values = Object.values(key);
  if (values.length === 1) return String(values[0]);
  return Object.entries(key)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ');
}
