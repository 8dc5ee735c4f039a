import type { Time } from '../retry/time';

/** By so much two looks at both clocks differ though nobody set one: the wall clock goes in whole milliseconds. */
const WAVER_MS = 2;

/** At both clocks, until two of them agree. */
const MOST_LOOKS = 10;

/**
 * A clock that nobody sets: what lasts a minute on it lasts a minute, also when the computer's clock is put right
 * meanwhile. Its readings mean something in this process only; others get them as times of the wall clock as it goes now.
 */
export class SteadyClock {
  /** From a reading to the wall clock. It stays as long as that one is not set: what is compared must not waver. */
  private offset = Number.NaN;

  constructor(private readonly time: Pick<Time, 'now' | 'monotonic'>) {}

  /** Milliseconds that never go back. */
  now(): number {
    return this.time.monotonic();
  }

  /** Milliseconds since the epoch. */
  toWall(reading: number): number {
    return Math.round(reading + this.toWallMs());
  }

  /** What lies in the future of the wall clock has just happened: a clock was set back since it was written. */
  fromWall(wall: number): { readonly reading: number; readonly isFuture: boolean } {
    const reading = wall - this.toWallMs();
    const now = this.now();
    // Wall times are rounded to the millisecond.
    return { reading: Math.min(reading, now), isFuture: reading >= now + 1 + WAVER_MS };
  }

  /** When that time will be, or was, as the wall clock goes now. */
  readingAt(wall: number): number {
    return wall - this.toWallMs();
  }

  private toWallMs(): number {
    let seen = this.difference();
    for (let looks = 1; looks < MOST_LOOKS && !isSame(seen, this.offset); looks += 1) {
      // Who is held up between the two clocks sees a difference that nobody sees again.
      const again = this.difference();
      if (isSame(seen, again)) this.offset = again;
      seen = again;
    }
    // Held up every time, one has to do with the last.
    if (!isSame(seen, this.offset)) this.offset = seen;
    return this.offset;
  }

  private difference(): number {
    return this.time.now() - this.time.monotonic();
  }
}

function isSame(one: number, other: number): boolean {
  return Math.abs(one - other) < WAVER_MS;
}
