import { RecentCounts } from '../../retry/conflict-rate';
import type { SteadyClock } from '../steady-clock';
import type {
  BeginEntry,
  ChangeEntry,
  ControlEntry,
  Counts,
  ItemEntry,
  NoteEntry,
  NumberedEntry,
  QueueEntry,
  RecordEntry,
  RunEntry,
  TakeEntry,
} from './queue-entries';
import type { Counters, StoredItem } from './queue-store';
import { Timetable } from './timetable';

export interface Item extends StoredItem {
  readonly id: number;
}

export interface Run {
  readonly token: string;
  readonly item: Item;
  /** Of its lease, on the store's clock. */
  readonly endsAt: number;
}

/** All of one record. Never changed, only replaced: who writes the state down has it as it was at one moment. */
export interface Kept {
  readonly record: string;
  readonly revision: number;
  readonly items: readonly Item[];
  readonly run: Run | undefined;
  readonly memory: string | undefined;
  readonly memoryMs: number;
}

/** Most memories to remove in one go: others wait for the processor meanwhile. */
const SWEEP = 1000;

/**
 * What a queue holds. It changes by entries only, so that the same entries lead to the same state in another process.
 * Times are readings of the clock.
 */
export class QueueState {
  /** Of the last entry or item. */
  number = 0;
  fence = 0;
  waiting = 0;
  isPaused = false;
  hold = '';
  heldUntil = -Infinity;
  readonly counters: Record<keyof Counters, number> = noCounts();
  readonly recent = new RecentCounts();
  /** Records that wait and do not run, by when their first item comes. */
  readonly due = new Timetable();
  /** Records that wait, by when their first item was accepted, wall clock. */
  readonly ages = new Timetable();
  /** Records that run, by when their lease ends. */
  readonly leases = new Timetable();
  private readonly records = new Map<string, Kept>();
  /** Records of which only a memory is left, by when that ends. */
  private readonly memories = new Timetable();
  private revisions = 0;

  constructor(private readonly clock: SteadyClock) {}

  get size(): number {
    return this.records.size;
  }

  /** What is known of a record at that time. */
  get(record: string, now: number): Kept {
    const known = this.records.get(record);
    const memoryEnd = this.memories.at(record) ?? Infinity;
    return known !== undefined && memoryEnd > now ? known : nothingOf(record);
  }

  /** Removes memories that have ended. */
  sweep(now: number): void {
    for (let count = 0; count < SWEEP; count++) {
      const first = this.memories.first();
      if (first === undefined || first.at > now) return;
      this.records.delete(first.key);
      this.memories.delete(first.key);
    }
  }

  /** Skips what it holds already. */
  apply(entry: NumberedEntry): void {
    if (entry.n <= this.number) return;
    this.number = entry.n;
    const at = this.clock.fromWall(entry.time).reading;
    if ('taken' in entry) this.applyTake(entry, at);
    else if ('note' in entry) this.applyNote(entry, at);
    else if ('record' in entry) this.applyChange(entry, at);
    else this.applyControl(entry, at);
  }

  begin(entry: BeginEntry): void {
    const at = this.clock.fromWall(entry.time).reading;
    this.number = entry.begin;
    this.fence = entry.fence;
    this.isPaused = entry.paused;
    this.hold = entry.hold;
    this.heldUntil = entry.heldMs > 0 ? at + entry.heldMs : -Infinity;
    this.count(entry.counters);
    for (const [time, settled, conflicts] of entry.recent) {
      this.recent.add(this.clock.fromWall(time).reading, { settled, conflicts });
    }
  }

  load({ state, time, items, run, memory, memoryMs = 0 }: RecordEntry): void {
    const at = this.clock.fromWall(time).reading;
    const before = this.get(state, at);
    const loaded = { items: items.map(itemOf), run: run && runOf(run, at), memory, memoryMs };
    this.set(before, { ...before, ...loaded }, at);
  }

  /** The entries that lead to the state as it is when the first one is asked for. @param name that is kept along */
  *entries(name?: string): Generator<QueueEntry> {
    const kept = [...this.records.values()];
    const begin = this.beginEntry();
    yield name === undefined ? begin : { ...begin, name };
    for (const each of kept) yield this.recordEntry(each);
  }

  /** Adds what another state holds, as if it had come after what this one holds. */
  absorb(other: QueueState): void {
    this.number = Math.max(this.number, other.number);
    this.fence = Math.max(this.fence, other.fence);
    this.isPaused ||= other.isPaused;
    this.count({ ...other.counters });
    for (const [at, counts] of other.recent) this.recent.add(at, counts);
    const now = this.clock.now();
    for (const kept of other.records.values()) this.append(kept, now);
  }

  private append(later: Kept, now: number): void {
    const before = this.get(later.record, now);
    const added = later.items.map(item => ({ ...item, id: ++this.number }));
    const stopped = later.run !== undefined && before.run !== undefined ? [before.run.item] : [];
    const items = [...stopped, ...before.items, ...added];
    const memory = later.memory ?? before.memory;
    const memoryMs = Math.max(later.memoryMs, before.memoryMs);
    this.set(before, { ...before, items, run: later.run ?? before.run, memory, memoryMs }, now);
  }

  private applyChange(entry: ChangeEntry, at: number): void {
    const { record, ends, gone = [], add = [], memory, memoryMs, count } = entry;
    if (count !== undefined) {
      this.count(count);
      this.recent.add(at, count);
    }
    const before = this.get(record, at);
    const run = ends !== undefined && before.run?.token === ends ? undefined : before.run;
    const after = {
      record,
      revision: before.revision,
      items: spliced(before.items, gone, entry.at, add.map(itemOf)),
      run,
      memory: memory ?? before.memory,
      memoryMs,
    };
    this.set(before, after, at);
  }

  private applyTake({ over, taken, leaseMs }: TakeEntry, at: number): void {
    for (const record of over) {
      const before = this.get(record, at);
      if (before.run === undefined) continue;
      const items = [before.run.item, ...before.items];
      this.set(before, { ...before, items, run: undefined }, at);
    }
    for (const [record, id, token, fence] of taken) {
      this.fence = Math.max(this.fence, fence);
      const before = this.get(record, at);
      const item = before.items.find(waiting => waiting.id === id);
      if (item === undefined) continue;
      const items = before.items.filter(waiting => waiting !== item);
      const delivered = { ...item, deliveries: item.deliveries + 1 };
      this.set(
        before,
        { ...before, items, run: { token, item: delivered, endsAt: at + leaseMs } },
        at,
      );
    }
  }

  private applyNote({ record, token, note, leaseMs }: NoteEntry, at: number): void {
    const before = this.get(record, at);
    if (before.run?.token !== token) return;
    const run = { token, item: { ...before.run.item, note }, endsAt: at + leaseMs };
    this.set(before, { ...before, run }, at);
  }

  private applyControl({ paused, hold, heldMs = 0, flush }: ControlEntry, at: number): void {
    if (paused !== undefined) this.isPaused = paused;
    if (hold !== undefined) {
      this.hold = hold;
      this.heldUntil = heldMs > 0 ? at + heldMs : -Infinity;
    }
    if (flush !== true) return;
    this.heldUntil = -Infinity;
    for (const kept of this.records.values()) {
      if (kept.items.every(({ dueAt }) => dueAt === 0)) continue;
      const items = kept.items.map(item => ({ ...item, dueAt: 0 }));
      this.set(kept, { ...kept, items }, at);
    }
  }

  private count(counts: Partial<Counts>): void {
    for (const name of COUNTER_NAMES) {
      const count = counts[name];
      if (count !== undefined) this.counters[name] += count;
    }
  }

  private set(before: Kept, after: Kept, at: number): void {
    const { record, items, run, memory } = after;
    const isIdle = items.length === 0 && run === undefined;
    const known = this.records.get(record);
    this.waiting += items.length - (known?.items.length ?? 0);
    if (isIdle && memory === undefined) this.records.delete(record);
    else {
      const revision = this.revisionOf(before, after);
      const { memoryMs } = after;
      this.records.set(record, { record, revision, items, run, memory, memoryMs });
    }
    this.place(known, after);
    if (run === undefined) this.leases.delete(record);
    else this.leases.set(record, run.endsAt);
    if (isIdle && memory !== undefined) this.memories.set(record, at + after.memoryMs);
    else this.memories.delete(record);
  }

  private revisionOf(before: Kept, { items, memory }: Kept): number {
    if (items.length === 0 && memory === undefined) return 0;
    const isSame = items === before.items && memory === before.memory;
    return isSame ? before.revision : ++this.revisions;
  }

  private place(known: Kept | undefined, { record, items, run }: Kept): void {
    const head = items[0];
    if (head === undefined) this.ages.delete(record);
    else this.ages.set(record, head.acceptedAt);
    if (head === undefined || run !== undefined) this.due.delete(record);
    else if (!isSamePlace(known?.items[0], head) || this.due.at(record) === undefined) {
      this.due.set(record, this.comesAt(head));
    }
  }

  /** Whose clock goes ahead of ours does not wait for that. */
  private comesAt({ dueAt, acceptedAt }: Item): number {
    const now = this.clock.now();
    const due = dueAt === 0 ? now : this.clock.readingAt(dueAt);
    return due > now ? due : Math.min(this.clock.readingAt(acceptedAt), now);
  }

  private beginEntry(): BeginEntry {
    const { clock, recent } = this;
    const now = clock.now();
    return {
      begin: this.number,
      time: clock.toWall(now),
      fence: this.fence,
      paused: this.isPaused,
      hold: this.hold,
      heldMs: Math.max(0, this.heldUntil - now),
      counters: { ...this.counters },
      recent: [...recent].map(([at, { settled, conflicts }]) => [
        clock.toWall(at),
        settled,
        conflicts,
      ]),
    };
  }

  private recordEntry({ record, items, run, memory, memoryMs }: Kept): RecordEntry {
    const now = this.clock.now();
    const end = this.memories.at(record);
    return {
      state: record,
      time: this.clock.toWall(now),
      items: items.map(item => itemEntry(item.id, item)),
      ...(run && {
        run: {
          token: run.token,
          item: itemEntry(run.item.id, run.item),
          leaseMs: run.endsAt - now,
        },
      }),
      ...(memory !== undefined && { memory, memoryMs: end === undefined ? memoryMs : end - now }),
    };
  }
}

export function itemEntry(
  id: number,
  { text, acceptedAt, dueAt, deliveries, note }: StoredItem,
): ItemEntry {
  if (note === undefined) return [id, text, acceptedAt, dueAt, deliveries];
  return [id, text, acceptedAt, dueAt, deliveries, note];
}

function itemOf([id, text, acceptedAt, dueAt, deliveries, note]: ItemEntry): Item {
  return { id, text, dueAt, acceptedAt, deliveries, note };
}

function runOf({ token, item, leaseMs }: RunEntry, at: number): Run {
  return { token, item: itemOf(item), endsAt: at + leaseMs };
}

function nothingOf(record: string): Kept {
  return { record, revision: 0, items: [], run: undefined, memory: undefined, memoryMs: 0 };
}

/** The same list where nothing goes or comes. */
function spliced(
  items: readonly Item[],
  gone: readonly number[],
  at: number | undefined,
  add: readonly Item[],
): readonly Item[] {
  if (gone.length === 0 && add.length === 0) return items;
  if (items.length === 0) return add;
  const left = gone.length === 0 ? items : items.filter(({ id }) => !gone.includes(id));
  const start = at ?? left.length;
  return [...left.slice(0, start), ...add, ...left.slice(start)];
}

function isSamePlace(before: Item | undefined, after: Item): boolean {
  return before?.dueAt === after.dueAt && before.acceptedAt === after.acceptedAt;
}

function noCounts(): Record<keyof Counters, number> {
  return {
    accepted: 0,
    merged: 0,
    superseded: 0,
    done: 0,
    again: 0,
    givenUp: 0,
    settled: 0,
    conflicts: 0,
  };
}

const COUNTER_NAMES: readonly (keyof Counters)[] = [
  'accepted',
  'merged',
  'superseded',
  'done',
  'again',
  'givenUp',
  'settled',
  'conflicts',
];
