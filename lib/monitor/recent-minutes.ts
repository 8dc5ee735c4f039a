import type { EndedUpdate } from '../outcome/ended-update';
import { addRow, countInto, emptyRow, type CountRow } from './counts';

export const MINUTE_MS = 60_000;
/** The minute under way and those before it. */
export const RECENT_COUNTED_MINUTES = 60;

/** What was counted of one record type, minute by minute. */
export class RecentMinutes {
  /** By the minute, counted from the epoch, within the last hour. */
  private readonly minutes = new Map<number, CountRow>();
  private latest = -Infinity;
  private row: CountRow = [];

  /** @param minute the minute under way, counted from the epoch */
  add(ended: EndedUpdate, minute: number): void {
    if (minute !== this.latest) this.begin(minute);
    countInto(this.row, ended);
  }

  /** Adds up the last so many minutes. */
  addTo(sum: CountRow, minute: number, minutes: number): void {
    this.each(minute, minutes, row => {
      addRow(sum, row);
    });
  }

  /** Calls back with each of the last so many minutes. */
  each(minute: number, minutes: number, see: (row: CountRow) => void): void {
    for (const [at, row] of this.minutes) if (at > minute - minutes && at <= minute) see(row);
  }

  private begin(minute: number): void {
    for (const at of this.minutes.keys()) {
      // A minute that lies ahead was counted before the clock was set back.
      if (at <= minute - RECENT_COUNTED_MINUTES || at > minute) this.minutes.delete(at);
    }
    const row = this.minutes.get(minute) ?? emptyRow();
    this.minutes.set(minute, row);
    this.latest = minute;
    this.row = row;
  }
}
