import type { Fields } from '../records/field-types';
import type { Row } from '../records/store';

/** What the territory API does beyond the records. All numbers are 0 at first. */
export interface CxControl {
  /** After a record that was read has changed, this many reads of it are cache hits and outdated. */
  staleReads: number;
  /** So many milliseconds after it was read, a record is still shown as it was then. */
  lagMs: number;
  /** This many repetitions of each new Idempotency-Key are told that the first is still in progress. */
  busyReplays: number;
  /** How often a stored answer was given to a repeated Idempotency-Key. */
  readonly replays: number;
}

export class Cx implements CxControl {
  busyReplays = 0;
  lagMs = 0;
  replays = 0;

  constructor(public staleReads: number) {}
}

/** Sets what is named. Throws on anything but whole numbers from 0 up. */
export function setCx(cx: CxControl, settings: Fields): void {
  for (const name of ['staleReads', 'lagMs', 'busyReplays'] as const) {
    const { [name]: value = cx[name] } = settings;
    if (!Number.isSafeInteger(value) || Number(value) < 0) {
      throw new Error(`${name}: a whole number, 0 or more`);
    }
    cx[name] = Number(value);
  }
}

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
  /** Reads that are outdated at most. */
  left: number;
  /** When it is taken anew, by `performance.now()`. */
  readonly until: number;
}

/** A cache that learns late of changes. What is up to date counts as fetched anew. */
export class ReadCache {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly cx: CxControl) {}

  read(row: Row): CachedRecord {
    const entry = this.entries.get(row.id);
    if (entry !== undefined && entry.etag !== row.etag && lasts(entry)) {
      entry.left -= 1;
      return { values: entry.values, etag: entry.etag, isHit: true };
    }
    const { staleReads, lagMs } = this.cx;
    const current = { values: { ...row.values }, etag: row.etag };
    if (staleReads + lagMs === 0) this.entries.delete(row.id);
    else if (entry?.etag !== row.etag || !lasts(entry)) {
      const until = performance.now() + lagMs;
      this.entries.set(row.id, { ...current, left: staleReads, until });
    }
    return { ...current, isHit: false };
  }
}

function lasts({ left, until }: Entry): boolean {
  return left > 0 || performance.now() < until;
}
