import { hashText } from '../random';
import type { Versioning } from '../store';

/** Strong ETags that tell nothing about which is newer; the body shows the same text. */
export function hashedVersions(): Versioning {
  return {
    first: (_, previous = 0) => previous + 1,
    next: previous => previous + 1,
    etag: (version, serial) => {
      const mark = hashText(`${String(serial)}/${String(version)}`, 0);
      return `"${mark.toString(16).padStart(8, '0')}-${String(version)}"`;
    },
    stamp: ({ values, etag }, at) => {
      values.etag = etag;
      values.modifiedAt = at;
    },
  };
}
