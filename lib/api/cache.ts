import type { CachedReads } from './family';

/** How long caches of this kind take to follow a change: 2 to 5 s have been seen. */
const STALE_MS = 2000;

/**
 * What caches write when the record did not come fresh from the API: nginx `HIT`, `STALE`, `UPDATING`, `REVALIDATED`,
 * Squid `TCP_MEM_HIT`, `Hit from cloudfront`, RFC 9211 `edge; hit`. With several caches one is enough.
 */
const CACHED = /hit|stale|updating|revalidated/i;

/** What most caches call it. */
const USUAL_HEADER = 'x-cache-status';

/**
 * What a cache in front of any API says of itself: by Age, which no answer fresh from the API has (RFC 9111 section 5.1),
 * and by a header of its own.
 * @param header empty: the usual one
 */
export function cachedReads(header = ''): CachedReads {
  const name = header === '' ? USUAL_HEADER : header.toLowerCase();
  return {
    isCached: ({ headers }) => CACHED.test(headers[name] ?? '') || Number(headers.age ?? 0) > 0,
    staleMs: STALE_MS,
  };
}
