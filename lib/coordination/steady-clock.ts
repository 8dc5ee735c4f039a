import type { Time } from '../retry/time';

/**
 * A clock that nobody sets: what lasts a minute on it lasts a minute, also when the computer's clock is put right
 * meanwhile. Its readings mean something in this process only; others get them as times of the wall clock as it goes now.
 */
export class SteadyClock {
  constructor(private readonly time: Pick<Time, 'now' | 'monotonic'>) {}

  /** Milliseconds that never go back. */
  now(): number {
    return this.time.monotonic();
  }

  /** Milliseconds since the epoch. */
  toWall(reading: number): number {
    return Math.round(reading + this.drift());
  }

  /** What lies in the future of the wall clock has just happened: a clock was set back since it was written. */
  fromWall(wall: number): { readonly reading: number; readonly isFuture: boolean } {
    const reading = wall - this.drift();
    const now = this.now();
    // Wall times are rounded to the millisecond.
    return { reading: Math.min(reading, now), isFuture: reading >= now + 1 };
  }

  /** When that time will be, or was, as the wall clock goes now. */
  readingAt(wall: number): number {
    return wall - this.drift();
  }

  private drift(): number {
    return this.time.now() - this.time.monotonic();
  }
}
