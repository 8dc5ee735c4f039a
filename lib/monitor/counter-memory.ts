import { HourlyCounts, KEPT_HOURS, type HourCounts } from './hourly-counts';

/** Record types that are counted apart; what comes after them is counted together. */
export const MOST_TYPES = 50;
export const OTHER_TYPES = '(other types)';

/** The hours of all record types of one endpoint. */
export class CounterMemory {
  private readonly series = new Map<string, HourlyCounts>();

  /** The name under which a record type is counted. */
  nameFor(type: string): string {
    return this.series.has(type) || this.series.size < MOST_TYPES ? type : OTHER_TYPES;
  }

  types(): string[] {
    return [...this.series.keys()].sort();
  }

  /** In the place of what was known of that hour. */
  set(type: string, hour: number, counts: HourCounts): void {
    this.seriesOf(type).set(hour, counts);
  }

  /** From that hour on; undefined: of all record types. */
  *since(
    first: number,
    type?: string,
  ): Generator<readonly [type: string, hour: number, counts: HourCounts]> {
    for (const [name, hours] of this.series) {
      if (type !== undefined && name !== type) continue;
      for (const [hour, counts] of hours.since(first)) yield [name, hour, counts];
    }
  }

  /** Forgets what is older than 90 days. @param now the hour under way */
  prune(now: number): void {
    for (const [type, hours] of this.series) {
      if (hours.prune(now)) this.series.delete(type);
    }
  }

  /** Of how many hours something is known, each record type by itself. */
  get size(): number {
    return [...this.series.values()].reduce((sum, { size }) => sum + size, 0);
  }

  get bytes(): number {
    return [...this.series.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private seriesOf(type: string): HourlyCounts {
    let hours = this.series.get(type);
    if (hours === undefined) this.series.set(type, (hours = new HourlyCounts()));
    return hours;
  }
}

/** The first hour that is kept. @param now the hour under way */
export function firstKept(now: number): number {
  return now - KEPT_HOURS + 1;
}
