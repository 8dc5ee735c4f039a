import type { RecordKey } from './fields';

/** One addressable record: how the user named it and where it provably lives. */
export interface RecordRef {
  /** Entity set or path below the base URL, for example `salesorders`. */
  readonly collection: string;
  readonly key: RecordKey;
  /** Absolute URL without query. The same for every spelling of the same key, so it also names the lock. */
  readonly url: string;
}
