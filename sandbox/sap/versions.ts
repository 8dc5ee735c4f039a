import type { Versioning } from '../store';

/** Microseconds since the epoch; the first record of a sandbox was changed at this time. */
const FIRST_CHANGE = Date.UTC(2025, 1, 8, 10) * 1000;
const SECOND = 1_000_000;

/** Weak ETags from the time of the last change, of which no two are the same. */
export function changeTimes(): Versioning {
  let last = FIRST_CHANGE - SECOND;
  return {
    first: () => (last += SECOND),
    next: () => (last = Math.max(last + 1, Date.now() * 1000)),
    etag: version => `W/"datetimeoffset'${encodeURIComponent(timeText(version))}'"`,
    stamp: ({ values, version }) => {
      values.LastChangeDateTime = new Date(version / 1000).toISOString();
    },
  };
}

/** `2025-02-08T10:00:00.0000000Z`, with a digit for every 100 ns. */
function timeText(micros: number): string {
  const fraction = String(micros % 1000).padStart(3, '0');
  return new Date(micros / 1000).toISOString().replace('Z', `${fraction}0Z`);
}
