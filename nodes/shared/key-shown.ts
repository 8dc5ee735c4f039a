import { isFields, type RecordKey } from '../../lib/record/fields';

/** A key as a result names it, whatever came instead of one; undefined for what is no plain data, which must not travel. */
export function keyShown(key: unknown): RecordKey | undefined {
  try {
    const parts = isFields(key) ? Object.values(key) : [key];
    return parts.every(isPart) ? (key as RecordKey) : undefined;
  } catch {
    return undefined;
  }
}

function isPart(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
