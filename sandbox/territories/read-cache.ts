import type { Fields } from '../field-types';
import type { Row } from '../store';
import type { CxControl } from './cx-control';

/** A record as one cache node serves it. */
export interface CachedRecord {
  readonly values: Fields;
  readonly etag: string;
  /** Outdated: the record has changed since the cache took it. */
  readonly isHit: boolean;
}

interface Entry {
  readonly values: Fields;
  readonly etag: string;
  left: number;
}

/** A cache that learns late of changes. What is up to date counts as fetched anew. */
export class ReadCache {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly cx: CxControl) {}

  read(row: Row): CachedRecord {
    const entry = this.entries.get(row.id);
    if (entry !== undefined && entry.etag !== row.etag && entry.left > 0) {
      entry.left -= 1;
      return { values: entry.values, etag: entry.etag, isHit: true };
    }
    const { staleReads } = this.cx;
    const current = { values: { ...row.values }, etag: row.etag };
    if (staleReads > 0) this.entries.set(row.id, { ...current, left: staleReads });
    else this.entries.delete(row.id);
    return { ...current, isHit: false };
  }
}
