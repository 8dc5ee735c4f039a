import { isFields, type Fields, type RecordKey } from './fields';
import type { RecordRef } from './ref';
import { checkVersion } from './version';

/** What one read saw. Plain data: it travels in messages and through context storage. */
export interface Snapshot {
  readonly key: RecordKey;
  readonly url: string;
  /** The opaque proof of state, byte for byte as the API gave it. */
  readonly version: string;
  readonly values: Fields;
  /** ISO 8601 time of the read; empty when the message did not say. */
  readonly readAt: string;
  /** When the record was last changed, as the API spells it; only where writes send it back. */
  readonly modifiedAt?: string;
}

/**
 * The snapshot a message brings for a record; undefined when it brings none, an incomplete one, or another record's,
 * so that the record is read. Throws InputError `VERSION_INVALID` when its version cannot be sent back.
 */
export function snapshotFor(value: unknown, ref: RecordRef): Snapshot | undefined {
  if (!isFields(value) || value.url !== ref.url || !isFields(value.values)) return undefined;
  const { version, values, readAt, modifiedAt } = value;
  if (version === undefined || version === null) return undefined;
  return {
    key: ref.key,
    url: ref.url,
    version: checkVersion(version),
    values,
    readAt: typeof readAt === 'string' ? readAt : '',
    ...(typeof modifiedAt === 'string' ? { modifiedAt } : {}),
  };
}
