import { emptyRow, ROW_LENGTH, type CountRow } from './counts';
import { packed, unpacked } from './packed';
import type { WriterCount } from './report';

/** How long counters are kept. */
export const KEPT_DAYS = 90;
export const KEPT_HOURS = KEPT_DAYS * 24;

/** Of the writers of an hour, those that were met most often. */
const WRITERS = 3;
/** Different names of writers that one record type knows at a time. */
const MOST_NAMES = 64;
/** Numbers of an hour: its counters, and for each writer the place of his name and a count. */
const WIDTH = ROW_LENGTH + 2 * WRITERS;
/** Hours that lie together: what nobody counts costs nothing. */
const BLOCK_HOURS = 48;

/** What was counted in one hour. */
export interface HourCounts {
  readonly row: CountRow;
  readonly writers: readonly WriterCount[];
}

/**
 * The hours of one record type, by hours since the epoch (UTC). In at most 200 KB: numbers take 16 bits, so that counts
 * above 4,095 in an hour are kept to four digits.
 */
export class HourlyCounts {
  private readonly blocks = new Map<number, Uint16Array>();
  /** By place; place 0 stands for nobody. */
  private names: (string | undefined)[] = [undefined];
  private known = 0;

  /** Of how many hours something is known. */
  get size(): number {
    return this.known;
  }

  /** In the place of what was known of that hour. */
  set(hour: number, { row, writers }: HourCounts): void {
    const numbers = this.place(hour);
    if (isEmpty(numbers)) this.known++;
    for (let at = 0; at < ROW_LENGTH; at++) numbers[at] = packed(row[at] ?? 0);
    const most = mostFrequent(writers, WRITERS);
    for (let i = 0; i < WRITERS; i++) {
      const { writer, count } = most[i] ?? { writer: undefined, count: 0 };
      numbers[ROW_LENGTH + 2 * i] = 0;
      numbers[ROW_LENGTH + 2 * i + 1] = packed(count);
      numbers[ROW_LENGTH + 2 * i] = writer === undefined ? 0 : this.nameAt(writer);
    }
  }

  /** Hours of which something is known, from that one on. */
  *since(first: number): Generator<readonly [hour: number, counts: HourCounts]> {
    for (const [block, numbers] of this.blocks) {
      for (let i = 0; i < BLOCK_HOURS; i++) {
        const hour = block * BLOCK_HOURS + i;
        if (hour < first) continue;
        const counts = this.read(numbers.subarray(i * WIDTH, (i + 1) * WIDTH));
        if (counts !== undefined) yield [hour, counts];
      }
    }
  }

  /** Forgets what is older than `KEPT_HOURS`; true: nothing is left. @param now the hour under way */
  prune(now: number): boolean {
    for (const block of this.blocks.keys()) {
      if ((block + 1) * BLOCK_HOURS <= now - KEPT_HOURS + 1) this.forget(block);
    }
    return this.blocks.size === 0;
  }

  /** What it takes, without the few objects around it. */
  get bytes(): number {
    const numbers = this.blocks.size * BLOCK_HOURS * WIDTH * Uint16Array.BYTES_PER_ELEMENT;
    return numbers + this.names.reduce((sum, name = '') => sum + 2 * name.length, 0);
  }

  private forget(block: number): void {
    const first = block * BLOCK_HOURS;
    for (const [hour] of this.since(first)) if (hour < first + BLOCK_HOURS) this.known--;
    this.blocks.delete(block);
  }

  private place(hour: number): Uint16Array {
    const block = Math.floor(hour / BLOCK_HOURS);
    let numbers = this.blocks.get(block);
    if (numbers === undefined) {
      this.blocks.set(block, (numbers = new Uint16Array(BLOCK_HOURS * WIDTH)));
    }
    const at = (hour - block * BLOCK_HOURS) * WIDTH;
    return numbers.subarray(at, at + WIDTH);
  }

  private read(numbers: Uint16Array): HourCounts | undefined {
    if (isEmpty(numbers)) return undefined;
    const row = emptyRow().map((_, at) => unpacked(numbers[at] ?? 0));
    const writers: WriterCount[] = [];
    for (let at = ROW_LENGTH; at < WIDTH; at += 2) {
      const writer = this.names[numbers[at] ?? 0];
      if (writer !== undefined) writers.push({ writer, count: unpacked(numbers[at + 1] ?? 0) });
    }
    return { row, writers };
  }

  /** 0: there is no place for another name. */
  private nameAt(writer: string): number {
    const known = this.names.indexOf(writer);
    if (known > 0) return known;
    if (this.names.length <= MOST_NAMES) return this.names.push(writer) - 1;
    const free = this.freePlace();
    if (free > 0) this.names[free] = writer;
    return free;
  }

  /** The place of a name that no hour holds any more; 0: there is none. */
  private freePlace(): number {
    const used = new Set<number>([0]);
    for (const numbers of this.blocks.values()) {
      for (let hour = 0; hour < BLOCK_HOURS; hour++) {
        for (let at = ROW_LENGTH; at < WIDTH; at += 2) used.add(numbers[hour * WIDTH + at] ?? 0);
      }
    }
    return Math.max(
      0,
      this.names.findIndex((_, place) => !used.has(place)),
    );
  }
}

function isEmpty(numbers: Uint16Array): boolean {
  return numbers.every(number => number === 0);
}

/** The first ones, by how often they were met. */
export function mostFrequent(writers: readonly WriterCount[], most: number): WriterCount[] {
  return writers.toSorted((a, b) => b.count - a.count).slice(0, most);
}

/** Counts of the same writers added up. */
export function addedWriters(
  ...lists: readonly (readonly WriterCount[])[]
): readonly WriterCount[] {
  const counts = new Map<string, number>();
  for (const { writer, count } of lists.flat()) {
    counts.set(writer, (counts.get(writer) ?? 0) + count);
  }
  return [...counts].map(([writer, count]) => ({ writer, count }));
}
