import { wallClockIn } from '../retry/peak';
import { HOUR_MS } from './counter-store';
import { ratesOf, emptyRow, addRow, type CountRow } from './counts';
import { addedWriters, mostFrequent, type HourCounts } from './hourly-counts';
import type { HeatCell, MonitorReport, WriterCount } from './report';

const WEEKDAYS = 7;
const HOURS = 24;
/** Writers of one hour of the day that are told. */
const MOST_WRITERS = 10;

/**
 * Hours as the clock on the wall shows them. On the day summer time ends one hour of it comes twice, and both count; on the
 * day it begins one is missing. Where a time zone is not whole hours from UTC, an hour counts where it begins.
 */
export class LocalHours {
  private readonly clock: ReturnType<typeof wallClockIn>;
  private readonly cells = new Map<number, CountRow>();
  private readonly writers = Array.from({ length: HOURS }, (): WriterCount[] => []);

  /** @param timeZone an IANA name; throws RangeError for another one */
  constructor(timeZone: string) {
    this.clock = wallClockIn(timeZone);
  }

  /** @param hour hours since the epoch (UTC) */
  add(hour: number, { row, writers }: HourCounts): void {
    const { weekday, minute } = this.clock(hour * HOUR_MS);
    const ofDay = Math.floor(minute / 60);
    const at = weekday * HOURS + ofDay;
    let cell = this.cells.get(at);
    if (cell === undefined) this.cells.set(at, (cell = emptyRow()));
    addRow(cell, row);
    this.writers[ofDay]?.push(...writers);
  }

  shown(): Pick<MonitorReport, 'heatMap' | 'writersByHour' | 'writers'> {
    return {
      heatMap: Array.from({ length: WEEKDAYS }, (_, weekday) =>
        Array.from({ length: HOURS }, (__, hour) => this.cell(weekday * HOURS + hour)),
      ),
      writersByHour: this.writers.map(topOf),
      writers: topOf(this.writers.flat()),
    };
  }

  private cell(at: number): HeatCell {
    const { updates, conflicts, conflictRate } = ratesOf(this.cells.get(at) ?? []);
    return { updates, conflicts, rate: conflictRate };
  }
}

function topOf(writers: readonly WriterCount[]): WriterCount[] {
  return mostFrequent(addedWriters(writers), MOST_WRITERS);
}
