import type { JournalOwner, Replayed } from '../journal/owner';
import type { SteadyClock } from '../steady-clock';
import {
  readQueueEntry,
  type NumberedEntry,
  type QueueEntry,
  type TakeEntry,
} from './queue-entries';
import { itemEntry, QueueState, type Item, type Kept } from './queue-state';
import type {
  ChangeResult,
  Slot,
  SlotChange,
  StoredItem,
  StoreState,
  TakenItem,
  TakeOptions,
  TakeResult,
} from './queue-store';

/** What was done, and what saves it. */
interface Done<T> {
  readonly answer: T;
  readonly entries: readonly NumberedEntry[];
}

type Refusal = Exclude<ChangeResult, { readonly kind: 'changed' }>;

type TakenEntry = TakeEntry['taken'][number];

/** A queue in memory. What is returned as entries is to be saved. */
export class QueueMemory implements JournalOwner {
  readonly kind = 'update-queue';
  readonly version = 1;
  /** Another one after another process had the file: what was done here before may not be in it. */
  generation = 0;
  private live: QueueState;
  private loading: QueueState;
  /** What is in memory was read from the file or written to it. */
  private isFiles = false;
  /** What the file says that the queue is called. */
  nameInFile: string | undefined;
  private batch = { endsAt: -Infinity, count: 0 };

  /** @param name of the queue, where its file does not tell */
  constructor(
    private readonly clock: SteadyClock,
    private readonly name?: string,
  ) {
    this.live = new QueueState(clock);
    this.loading = this.live;
  }

  look(record: string): Slot {
    const now = this.clock.now();
    this.live.sweep(now);
    return slotOf(this.live.get(record, now));
  }

  change(change: SlotChange): Done<Refusal | undefined> {
    const now = this.clock.now();
    this.live.sweep(now);
    const kept = this.live.get(change.record, now);
    const refusal = this.refusal(change, kept);
    if (refusal !== undefined) return { answer: refusal, entries: [] };
    const { record, ends, at = kept.items.length, remove, memory, memoryMs, count } = change;
    const gone = kept.items.slice(at, at + remove).map(({ id }) => id);
    const add = change.add.map(item => itemEntry(++this.live.number, item));
    // Written out: every update in the queue goes through here, and spreads cost a visible share of it.
    const entry = this.applied({
      n: this.live.number + 1,
      time: this.clock.toWall(now),
      record,
      ends,
      gone: gone.length > 0 ? gone : undefined,
      at: at + gone.length < kept.items.length ? at : undefined,
      add: add.length > 0 ? add : undefined,
      memory,
      memoryMs,
      count,
    });
    return { answer: undefined, entries: [entry] };
  }

  take(options: TakeOptions): Done<TakeResult> {
    const { live } = this;
    const now = this.clock.now();
    live.sweep(now);
    const entries: NumberedEntry[] = [];
    const over = live.leases.firsts(Infinity, now);
    if (over.length > 0) entries.push(this.takes(now, { over, taken: [], leaseMs: 0 }));
    const records = live.due.firsts(this.roomFor(options, now), now);
    const taken = records.map((record, n) => this.started(record, options.tokens[n] ?? '', now));
    const { leaseMs } = options;
    if (taken.length > 0) entries.push(this.takes(now, { over: [], taken, leaseMs }));
    this.countBatch(taken.length, options, now);
    const state = this.state();
    const nextAt = this.nextAt(options, now);
    const answer = {
      taken: taken.map(([record, , token, fence]) => this.takenItem(record, token, fence, now)),
      // Wall times that are read apart may round apart.
      nextAt: nextAt && (nextAt > now ? this.clock.toWall(nextAt) : state.now),
      state,
    };
    return { answer, entries };
  }

  note(record: string, token: string, note: string, leaseMs: number): Done<boolean> {
    const now = this.clock.now();
    if (this.live.get(record, now).run?.token !== token) return { answer: false, entries: [] };
    return {
      answer: true,
      entries: [this.applied({ ...this.numbered(now), record, token, note, leaseMs })],
    };
  }

  setPaused(paused: boolean): NumberedEntry {
    return this.applied({ ...this.numbered(this.clock.now()), paused });
  }

  /** @param heldUntil wall clock */
  setHold(before: string, hold: string, heldUntil: number): Done<boolean> {
    if (this.live.hold !== before) return { answer: false, entries: [] };
    const now = this.clock.now();
    const heldMs = Math.max(0, this.clock.readingAt(heldUntil) - now);
    return { answer: true, entries: [this.applied({ ...this.numbered(now), hold, heldMs })] };
  }

  flush(): NumberedEntry {
    return this.applied({ ...this.numbered(this.clock.now()), flush: true });
  }

  oldest(most: number): readonly string[] {
    return this.live.ages.firsts(most);
  }

  state(): StoreState {
    const { clock, live } = this;
    const now = clock.now();
    const { waiting, counters, isPaused, hold, heldUntil } = live;
    const due = live.due.first()?.at;
    return {
      now: clock.toWall(now),
      waiting,
      inFlight: live.leases.size,
      oldestAt: live.ages.first()?.at,
      dueAt: due && clock.toWall(due),
      counters: { ...counters },
      recent: live.recent.sum(now),
      isPaused,
      hold,
      heldUntil: heldUntil === -Infinity ? 0 : clock.toWall(heldUntil),
    };
  }

  onLoading(): void {
    this.loading = new QueueState(this.clock);
  }

  replay(value: unknown): Replayed {
    const entry = readQueueEntry(value);
    if (entry === undefined) return 'unknown';
    if ('begin' in entry) {
      this.nameInFile = entry.name;
      this.loading.begin(entry);
    } else if ('state' in entry) this.loading.load(entry);
    else this.loading.apply(entry);
    // An earlier version has not kept it.
    const isNameless = 'begin' in entry && entry.name !== this.name && this.name !== undefined;
    return isNameless || this.clock.fromWall(entry.time).isFuture ? 'corrected' : 'used';
  }

  /** What came in while no file could be read comes after what the file holds. */
  onLoaded(): void {
    if (this.isFiles) this.generation++;
    else this.loading.absorb(this.live);
    this.live = this.loading;
    this.isFiles = true;
  }

  living(): Iterable<QueueEntry> {
    this.isFiles = true;
    return this.live.entries(this.name);
  }

  count(): number {
    return this.live.size + 1;
  }

  private numbered(now: number): { readonly n: number; readonly time: number } {
    return { n: this.live.number + 1, time: this.clock.toWall(now) };
  }

  private applied<E extends NumberedEntry>(entry: E): E {
    this.live.apply(entry);
    return entry;
  }

  private takes(now: number, what: Pick<TakeEntry, 'over' | 'taken' | 'leaseMs'>): TakeEntry {
    return this.applied({ ...this.numbered(now), ...what });
  }

  private refusal(
    { ends, revision, limit, add, at, remove }: SlotChange,
    kept: Kept,
  ): Refusal | undefined {
    if (ends !== undefined && kept.run?.token !== ends) return { kind: 'stale' };
    if (revision !== undefined && kept.revision !== revision) {
      return { kind: 'moved', slot: slotOf(kept) };
    }
    const removed = at === undefined ? 0 : Math.min(remove, kept.items.length - at);
    const grows = add.length - removed;
    const isFull = limit !== undefined && grows > 0 && this.live.waiting + grows > limit;
    return isFull ? { kind: 'full' } : undefined;
  }

  /** How many may be handed out now. */
  private roomFor({ tokens, parallel, batch }: TakeOptions, now: number): number {
    const { isPaused, heldUntil, leases } = this.live;
    if (isPaused || heldUntil > now) return 0;
    const ofBatch = batch === undefined ? Infinity : batch.size - this.countOfBatch(now);
    return Math.max(0, Math.min(tokens.length, parallel - leases.size, ofBatch));
  }

  private countOfBatch(now: number): number {
    return now < this.batch.endsAt ? this.batch.count : 0;
  }

  private countBatch(taken: number, { batch }: TakeOptions, now: number): void {
    const count = this.countOfBatch(now) + taken;
    const begins = count === taken;
    if (taken === 0) return;
    this.batch = { count, endsAt: begins ? now + (batch?.pauseMs ?? 0) : this.batch.endsAt };
  }

  private started(record: string, token: string, now: number): TakenEntry {
    const id = this.live.get(record, now).items[0]?.id ?? 0;
    // It grows although the clock is set back, and although the file was lost.
    this.live.fence = Math.max(this.live.fence + 1, this.clock.toWall(now) * 1000);
    return [record, id, token, this.live.fence];
  }

  private takenItem(record: string, token: string, fence: number, now: number): TakenItem {
    const { run } = this.live.get(record, now);
    if (run === undefined) throw new Error('What was taken does not run.');
    return {
      ...storedItem(run.item),
      record,
      token,
      fence,
      expiresAt: this.clock.toWall(run.endsAt),
    };
  }

  private nextAt({ parallel, batch }: TakeOptions, now: number): number | undefined {
    const { live } = this;
    if (live.isPaused) return undefined;
    const leaseEnd = live.leases.first()?.at ?? Infinity;
    const isFull = live.leases.size >= parallel;
    const next = isFull ? leaseEnd : Math.min(leaseEnd, live.due.first()?.at ?? Infinity);
    if (next === Infinity) return undefined;
    const isSpent = batch !== undefined && this.countOfBatch(now) >= batch.size;
    return Math.max(next, live.heldUntil, isSpent ? this.batch.endsAt : now, now);
  }
}

function slotOf({ revision, items, memory, run }: Kept): Slot {
  return {
    revision,
    items: items.map(storedItem),
    memory,
    run: run && { token: run.token, item: storedItem(run.item) },
  };
}

function storedItem({ text, dueAt, acceptedAt, deliveries, note }: Item): StoredItem {
  return { text, dueAt, acceptedAt, deliveries, note };
}
