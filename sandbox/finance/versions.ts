import type { Versioning } from '../store';

/** Record id of the first record; seeded order SO-2025-0145 thereby gets 5637144576. */
const FIRST_REC_ID = 5_637_144_532;

/**
 * Weak ETags, base64 of record version and record id. The version is 1 at first and then an arbitrary
 * number that neither grows nor repeats: a linear congruential generator of full period.
 */
export function recVersions(): Versioning {
  return {
    first: () => 1,
    next: previous => (Math.imul(previous, 1_664_525) + 1_013_904_223) & 0x7fff_ffff,
    etag: (version, serial) => {
      const text = `'${String(version)},${String(FIRST_REC_ID + serial)};0`;
      return `W/"${Buffer.from(text).toString('base64')}"`;
    },
    stamp: ({ values }, at) => {
      values.ModifiedDateTime = at;
    },
  };
}
