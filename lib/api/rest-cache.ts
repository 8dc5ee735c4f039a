import type { CachedReads } from './family';

/** How long caches of this kind take to follow a change: 2 to 5 s have been seen. */
const SETTLE_MS = 2000;

/**
 * What caches write when the record did not come fresh from the API: nginx `HIT`, `STALE`, `UPDATING`, `REVALIDATED`,
 * Squid `TCP_MEM_HIT`, `Hit from cloudfront`, RFC 9211 `edge; hit`. With several caches one is enough.
 */
const CACHED = /hit|stale|updating|revalidated/i;

/** Undefined without a header to look at. */
export function cachedReads(header: string): CachedReads | undefined {
  if (header === '') return undefined;
  const name = header.toLowerCase();
  return {
    isCached: ({ headers }) => CACHED.test(headers[name] ?? ''),
    settleMs: SETTLE_MS,
  };
}
