import type { ApiFamily } from '../../lib/api/family';
import type { RecordApi } from './engine-record';
import type { Reply } from './scripted-server';

/** How long a cache is given to catch up, milliseconds. */
export const STALE_MS = 2_000;

/** An API behind a cache that says so. */
export const CACHED: Partial<ApiFamily> = {
  cachedReads: {
    isCached: ({ headers }) => headers['x-cache-status'] === 'HIT',
    staleMs: STALE_MS,
  },
};

/** The record as it is now, as a cache would go on showing it. */
export function cachedNow(api: RecordApi): Reply {
  const headers = { etag: api.version, 'x-cache-status': 'HIT' };
  return { status: 200, headers, body: { ...api.values } };
}
