import type { RecordKey } from '../../lib/record/fields';

/** A record key for people; empty: not known. */
export function keyText(key: RecordKey | undefined): string {
  if (key === undefined) return '';
  if (typeof key !== 'object') return String(key);
  return Object.entries(key)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ');
}
