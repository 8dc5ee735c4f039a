/** Updates that are over, and those of them that met a conflict. */
export interface SettledCounts {
  readonly settled: number;
  readonly conflicts: number;
}

/** Of the settled updates, from 0 to 1. There is contention above `from`, until it falls below `to`. */
export interface ConflictRates {
  readonly from: number;
  readonly to: number;
}

/** So many have to be settled before a rate means something. */
const LEAST_SETTLED = 20;

/** 0 to 1; nothing settled: 0. */
export function conflictRate({ settled, conflicts }: SettledCounts): number {
  return settled === 0 ? 0 : conflicts / settled;
}

/** Whether many updates meet conflicts. Between the two rates it stays as it was. */
export function isContended(
  recent: SettledCounts,
  rates: ConflictRates,
  wasContended: boolean,
): boolean {
  const rate = conflictRate(recent);
  if (wasContended) return rate > 0 && rate >= rates.to;
  return recent.settled >= LEAST_SETTLED && rate > rates.from;
}

/** How far back is counted: the minute under way and the four before. */
export const RECENT_MINUTES = 5;

const MINUTE_MS = 60_000;

/** Updates settled in the minute under way and those before it. Times: milliseconds of one steady clock. */
export class RecentCounts {
  private readonly minutes = new Map<number, SettledCounts>();

  add(at: number, { settled = 0, conflicts = 0 }: Partial<SettledCounts>): void {
    if (settled === 0 && conflicts === 0) return;
    const minute = Math.floor(at / MINUTE_MS);
    const before = this.minutes.get(minute) ?? { settled: 0, conflicts: 0 };
    this.minutes.set(minute, {
      settled: before.settled + settled,
      conflicts: before.conflicts + conflicts,
    });
    this.forget(minute);
  }

  sum(now: number): SettledCounts {
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
  *[Symbol.iterator](): Generator<readonly [at: number, counts: SettledCounts]> {
    for (const [minute, counts] of this.minutes) yield [minute * MINUTE_MS, counts];
  }

  private forget(minute: number): void {
    for (const known of this.minutes.keys()) {
      if (known <= minute - RECENT_MINUTES) this.minutes.delete(known);
    }
  }
}
