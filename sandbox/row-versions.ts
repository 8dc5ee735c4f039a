import type { Versioning } from './store';

/** Version of the first record; seeded order SO-2025-0145 thereby starts at `W/"468026"`. */
const FIRST_ROW_VERSION = 467_882;

/** Weak ETags from one counter for the whole database, as SQL Server's rowversion. */
export function rowVersions(): Versioning {
  let next = FIRST_ROW_VERSION;
  const take = (): number => next++;
  return {
    first: take,
    next: take,
    etag: version => `W/"${String(version)}"`,
    stamp: ({ values, version }, at) => {
      values.versionnumber = version;
      values.modifiedon = at;
    },
  };
}

/** Strong ETags `"v7"` from a counter in each record, which the body shows as `version` too. */
export function recordVersions(): Versioning {
  return {
    first: ({ version }, previous = 0) => (typeof version === 'number' ? version : previous + 1),
    next: previous => previous + 1,
    etag: version => `"v${String(version)}"`,
    stamp: ({ values, version }, at) => {
      values.version = version;
      values.modifiedAt = at;
    },
  };
}
