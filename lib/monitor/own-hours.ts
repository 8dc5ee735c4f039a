import type { EndedUpdate } from '../outcome/ended-update';
import { OPEN_HOURS } from './counted-runs';
import type { CountedHour } from './counter-store';
import { isConflict } from '../outcome/met-conflict';
import { countInto, emptyRow, endedInConflict } from './counts';

/** Different writers that are counted of a record type in one hour. */
const MOST_WRITERS = 64;

/** What this process has counted of one record type in one hour. */
class OwnHour {
  readonly row = emptyRow();
  readonly met = new Map<string, number>();
  private savedRow = emptyRow();
  private savedMet = new Map<string, number>();
  isSaved = true;

  constructor(
    readonly type: string,
    readonly hour: number,
  ) {}

  add(ended: EndedUpdate): void {
    this.isSaved = false;
    countInto(this.row, ended);
    if (endedInConflict(ended)) this.meet(ended);
  }

  counted(): CountedHour {
    const { type, hour, row, met } = this;
    return { type, hour, row: [...row], writers: listOf(met) };
  }

  /** What has come since it was saved. */
  rest(): CountedHour {
    const { type, hour, savedMet, savedRow } = this;
    const row = this.row.map((count, at) => count - (savedRow[at] ?? 0));
    const met = [...this.met].map(([writer, count]) => [
      writer,
      count - (savedMet.get(writer) ?? 0),
    ]);
    return { type, hour, row, writers: listOf(met as [string, number][]) };
  }

  /** @param counted as it was saved */
  saved({ row, writers }: CountedHour): void {
    this.savedRow = [...row];
    this.savedMet = new Map(writers.map(({ writer, count }) => [writer, count]));
    this.isSaved = row.every((count, at) => count === this.row[at]);
  }

  /** Another store has nothing of it yet. */
  unsaved(): void {
    this.saved({ type: this.type, hour: this.hour, row: emptyRow(), writers: [] });
  }

  private meet({ result: { attempts, conflict } }: EndedUpdate): void {
    for (const attempt of attempts) if (isConflict(attempt)) this.note(attempt.changedBy);
    const last = attempts.at(-1);
    // The conflict of an attempt is told by both.
    const isTold = last !== undefined && isConflict(last) && last.changedBy !== undefined;
    if (!isTold) this.note(conflict?.changedBy);
  }

  private note(writer: string | undefined): void {
    if (writer === undefined) return;
    const count = this.met.get(writer);
    if (count === undefined && this.met.size >= MOST_WRITERS) return;
    this.met.set(writer, (count ?? 0) + 1);
  }
}

function listOf(met: Iterable<readonly [string, number]>): { writer: string; count: number }[] {
  return [...met].map(([writer, count]) => ({ writer, count })).filter(({ count }) => count > 0);
}

/** What this process has counted in the hours that may still be saved: the one under way and those before it. */
export class OwnHours {
  private readonly hours = new Map<number, Map<string, OwnHour>>();
  private latest = -Infinity;
  private ofLatest = new Map<string, OwnHour>();

  add(ended: EndedUpdate, type: string, hour: number): void {
    if (hour !== this.latest) this.begin(hour);
    let own = this.ofLatest.get(type);
    if (own === undefined) this.ofLatest.set(type, (own = new OwnHour(type, hour)));
    own.add(ended);
  }

  /** Hours that have to be saved, as they are now. */
  toSave(): CountedHour[] {
    return this.all()
      .filter(({ isSaved }) => !isSaved)
      .map(own => own.counted());
  }

  saved(hours: readonly CountedHour[]): void {
    for (const counted of hours) this.hours.get(counted.hour)?.get(counted.type)?.saved(counted);
  }

  /** A store that has nothing of it takes the place of the one before. */
  startAnew(): void {
    for (const own of this.all()) own.unsaved();
  }

  /** What is in no store yet. */
  rest(): CountedHour[] {
    return this.all()
      .filter(({ isSaved }) => !isSaved)
      .map(own => own.rest());
  }

  private all(): OwnHour[] {
    return [...this.hours.values()].flatMap(types => [...types.values()]);
  }

  private begin(hour: number): void {
    this.latest = hour;
    this.ofLatest = this.hours.get(hour) ?? new Map<string, OwnHour>();
    this.hours.set(hour, this.ofLatest);
    for (const [at, types] of this.hours) {
      const isSaved = [...types.values()].every(own => own.isSaved);
      if ((at !== hour && isSaved) || at <= hour - OPEN_HOURS) this.hours.delete(at);
    }
  }
}
