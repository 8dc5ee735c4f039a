import { hashText } from '../random';
import type { Versioning } from '../store';

/** Revisions such as `3-9fb0…`: a generation and 128 bits that only this change of this document has. */
export function revisions(): Versioning {
  return {
    first: (_, previous = 0) => previous + 1,
    next: previous => previous + 1,
    etag: (version, serial) => {
      const change = `${String(serial)}/${String(version)}`;
      const parts = [1, 2, 3, 4].map(seed => hashText(change, seed).toString(16).padStart(8, '0'));
      return `${String(version)}-${parts.join('')}`;
    },
    stamp: ({ values, etag }) => {
      values._rev = etag;
    },
  };
}
