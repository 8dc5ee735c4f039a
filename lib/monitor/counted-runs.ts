import type { JournalOwner, Replayed } from '../coordination/journal/owner';
import { isFields } from '../record/fields';
import { addRow, emptyRow, ROW_LENGTH } from './counts';
import { CounterMemory, firstKept } from './counter-memory';
import type { CountedHour } from './counter-store';
import { addedWriters, type HourCounts } from './hourly-counts';

/** An hour as a journal keeps it: `run` is the one that counted it, and empty for what several have. */
export interface CountedRun {
  readonly type: string;
  readonly hour: number;
  readonly run: string;
  readonly row: readonly number[];
  readonly writers: readonly (readonly [writer: string, count: number])[];
}

/** Runs are told apart in the hour under way and those before it: what is saved later than that is not counted. */
export const OPEN_HOURS = 3;

/** The hours of all runs added up. An hour that is not over is known run by run, so that each can replace its own. */
export class CountedRuns implements JournalOwner {
  readonly kind = 'counters';
  readonly version = 1;
  memory = new CounterMemory();
  private open = new Map<string, Map<string, CountedRun>>();

  /** @param thisHour the hour under way */
  constructor(private readonly thisHour: () => number) {}

  onLoading(): void {
    this.memory = new CounterMemory();
    this.open = new Map();
  }

  replay(entry: unknown): Replayed {
    if (!isCountedRun(entry)) return 'unknown';
    this.put(entry);
    return 'used';
  }

  onLoaded(): void {
    this.close();
  }

  save(entry: CountedRun): void {
    this.put(entry);
    this.close();
  }

  *living(): Generator<CountedRun> {
    for (const [type, hour, { row, writers }] of this.memory.since(firstKept(this.thisHour()))) {
      const runs = this.open.get(keyOf({ type, hour }));
      if (runs === undefined) yield { type, hour, run: '', row, writers: pairs(writers) };
      else yield* runs.values();
    }
  }

  count(): number {
    const runs = [...this.open.values()].reduce((sum, { size }) => sum + size - 1, 0);
    return this.memory.size + runs;
  }

  private put(entry: CountedRun): void {
    const { hour, run } = entry;
    if (hour < firstKept(this.thisHour())) return;
    const type = this.memory.nameFor(entry.type);
    const key = keyOf({ type, hour });
    let runs = this.open.get(key);
    if (runs === undefined) this.open.set(key, (runs = new Map<string, CountedRun>()));
    runs.set(`${run} ${entry.type}`, entry);
    this.memory.set(type, hour, sumOf([...runs.values()]));
  }

  /** What has ended is known as a sum only. */
  private close(): void {
    const now = this.thisHour();
    for (const [key, runs] of this.open) {
      const [entry] = runs.values();
      if (entry !== undefined && entry.hour <= now - OPEN_HOURS) this.open.delete(key);
    }
    this.memory.prune(now);
  }
}

function keyOf({ type, hour }: Pick<CountedRun, 'type' | 'hour'>): string {
  return `${String(hour)} ${type}`;
}

export function entryOf({ type, hour, row, writers }: CountedHour, run: string): CountedRun {
  return { type, hour, run, row, writers: pairs(writers) };
}

function pairs(writers: HourCounts['writers']): [string, number][] {
  return writers.map(({ writer, count }) => [writer, count]);
}

/** What several runs have counted, added up. */
export function sumOf(entries: readonly Pick<CountedRun, 'row' | 'writers'>[]): HourCounts {
  const row = emptyRow();
  for (const entry of entries) addRow(row, entry.row);
  const lists = entries.map(({ writers }) => writers.map(([writer, count]) => ({ writer, count })));
  return { row, writers: addedWriters(...lists) };
}

function isCountedRun(value: unknown): value is CountedRun {
  if (!isFields(value)) return false;
  const { type, hour, run } = value;
  const isNamed = typeof type === 'string' && typeof run === 'string' && isCount(hour);
  return isNamed && isCounted(value);
}

/** Whether a text of a store holds counters of this version. */
export function isCounted(value: unknown): value is Pick<CountedRun, 'row' | 'writers'> {
  if (!isFields(value)) return false;
  const { row, writers } = value;
  if (!Array.isArray(row) || row.length !== ROW_LENGTH || !row.every(isCount)) return false;
  return Array.isArray(writers) && writers.every(isPair);
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'string' && isCount(value[1]);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
