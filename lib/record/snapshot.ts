import { InputError } from '../errors';
import { isBounded } from './extent';
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
  /** The transition that brought the record into its status, where that was one of ours and nothing has changed since. */
  readonly transition?: OwnTransition;
}

/** A status that an update of ours has set. Plain data. */
export interface OwnTransition {
  /** Holds the status. */
  readonly field: string;
  readonly to: string | number;
  /** Field with the time since when the record is in its status: by that, the event was not late. */
  readonly sinceField: string;
  /** ISO 8601 time of the event that asked for it. */
  readonly eventAt: string;
}

/**
 * The snapshot a message brings for a record; undefined when it brings none, an incomplete one, or another record's,
 * so that the record is read. Throws InputError `VERSION_INVALID` when its version cannot be sent back, and
 * `SNAPSHOT_INVALID` when it is too large to be compared.
 */
export function snapshotFor(value: unknown, ref: RecordRef): Snapshot | undefined {
  if (!isFields(value) || value.url !== ref.url || !isFields(value.values)) return undefined;
  const { version, values, readAt, modifiedAt } = value;
  if (version === undefined || version === null) return undefined;
  checkSnapshotSize({ values });
  return {
    key: ref.key,
    url: ref.url,
    version: checkVersion(version),
    values,
    readAt: typeof readAt === 'string' ? readAt : '',
    ...(typeof modifiedAt === 'string' ? { modifiedAt } : {}),
  };
}

/** Whoever decided on a snapshot must not have it replaced without a word. Throws InputError `SNAPSHOT_INVALID`. */
export function checkSnapshotSize({ values }: Pick<Snapshot, 'values'>): void {
  if (isBounded(values)) return;
  throw new InputError(
    'SNAPSHOT_INVALID',
    'The record that the message brings is nested deeper or holds more values than any record that was read. Leave msg.record as etag-fetch set it.',
  );
}
