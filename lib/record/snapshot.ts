import type { Fields, RecordKey } from './fields';

/** What one read saw. Plain data: it travels in messages and through context storage. */
export interface Snapshot {
  readonly key: RecordKey;
  readonly url: string;
  /** The opaque proof of state, byte for byte as the API gave it. */
  readonly version: string;
  readonly values: Fields;
  /** ISO 8601 time of the read. */
  readonly readAt: string;
}
