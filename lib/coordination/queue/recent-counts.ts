import { RECENT_MINUTES, type Counters } from './queue-store';

type Recent = Pick<Counters, 'settled' | 'conflicts'>;

const MINUTE_MS = 60_000;

/** Tickets settled in the minute under way and those before it. Times: milliseconds of one steady clock. */
export class RecentCounts {
  private readonly minutes = new Map<number, Recent>();

  add(at: number, { settled = 0, conflicts = 0 }: Partial<Recent>): void {
    if (settled === 0 && conflicts === 0) return;
    const minute = Math.floor(at / MINUTE_MS);
    const before = this.minutes.get(minute) ?? { settled: 0, conflicts: 0 };
    this.minutes.set(minute, {
      settled: before.settled + settled,
      conflicts: before.conflicts + conflicts,
    });
    this.forget(minute);
  }

  sum(now: number): Recent {
    this.forget(Math.floor(now / MINUTE_MS));
    let settled = 0;
    let conflicts = 0;
    for (const counts of this.minutes.values()) {
      settled += counts.settled;
      conflicts += counts.conflicts;
    }
    return { settled, conflicts };
  }

  /** The minutes that count, by the time at which each began. */
  *[Symbol.iterator](): Generator<readonly [at: number, counts: Recent]> {
    for (const [minute, counts] of this.minutes) yield [minute * MINUTE_MS, counts];
  }

  private forget(minute: number): void {
    for (const known of this.minutes.keys()) {
      if (known <= minute - RECENT_MINUTES) this.minutes.delete(known);
    }
  }
}
