import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInProcessQueueStore } from '../../../../lib/coordination/queue/in-process-store';
import type {
  QueuedUpdate,
  QueueMode,
  RecordQueue,
  Taken,
} from '../../../../lib/coordination/queue/queue';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import { isFields, type Fields } from '../../../../lib/record/fields';
import { mergePatch } from '../../../../lib/record/merge';
import { DONE, SETTINGS, updateOf } from '../contract/record-queue';
import { FakeTime } from '../fake-time';
import { fateOf } from './fate';

const LEASE = 10_000;
const RECORDS = ['r', 's'];

/** Names of fields; a nested one is within `o`. */
type Leaf = 'a' | 'b' | 'x' | 'y';

type Step =
  | {
      readonly do: 'put';
      readonly record: string;
      readonly leaves: readonly Leaf[];
      /** Milliseconds before it arrives; undefined: it does not say. */
      readonly ago: number | undefined;
      readonly version: string | undefined;
      readonly keepsPlace: boolean;
      readonly delay: number;
    }
  | { readonly do: 'take' }
  | { readonly do: 'settle'; readonly as: 'done' | 'again' | 'in doubt'; readonly which: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'restart' };

const put = fc.record({
  do: fc.constant('put'),
  record: fc.constantFrom(...RECORDS),
  leaves: fc.uniqueArray(fc.constantFrom<Leaf[]>('a', 'b', 'x', 'y'), { minLength: 1 }),
  ago: fc.option(fc.constantFrom(0, 1, 5, 3000, 60_000), { nil: undefined }),
  version: fc.constantFrom(undefined, '1', '2'),
  keepsPlace: fc.oneof(
    { weight: 9, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  delay: fc.constantFrom(0, 0, 0, 2000),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: put },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take') }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      as: fc.constantFrom('done', 'again', 'in doubt'),
      which: fc.nat(3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(1, 900, LEASE) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
);

/** A put that was accepted: every value of it is its number. */
interface Put {
  readonly number: number;
  readonly record: string;
  readonly leaves: readonly Leaf[];
  readonly version: string | undefined;
  readonly time: number;
  readonly keepsPlace: boolean;
}

function changesOf(leaves: readonly Leaf[], number: number): Fields {
  return leaves
    .map(leaf => patchOf(leaf, number))
    .reduce((all, one) => mergePatch(all, one) as Fields, {});
}

function patchOf(leaf: Leaf, number: number): Fields {
  return leaf === 'x' || leaf === 'y' ? { o: { [leaf]: number } } : { [leaf]: number };
}

/** The numbers that changes or a record hold, by their leaves. */
function leavesIn(values: unknown): [leaf: string, number: number][] {
  if (!isFields(values)) return [];
  return Object.entries(values).flatMap(([name, value]) =>
    isFields(value) ? leavesIn(value) : [[name, value as number] as [string, number]],
  );
}

/** Does what the steps say, plays the API that the updates are written to, and checks the laws on the way. */
class World {
  private readonly time = new FakeTime();
  private readonly puts = new Map<number, Put>();
  private readonly records = new Map<string, Fields>(RECORDS.map(record => [record, {}]));
  private tickets: Taken[] = [];
  /** Numbers of updates that were handed on and not settled. */
  private readonly open = new Set<number>();
  private readonly seen = new Set<string>();
  private count = 0;

  private constructor(
    private readonly mode: QueueMode,
    private readonly journal: string | undefined,
  ) {}

  static async run(mode: QueueMode, steps: readonly Step[], journal?: string): Promise<void> {
    const world = new World(mode, journal);
    world.queue = await world.opened();
    // From now on all event times of the records count.
    if (mode !== 'order') for (const record of RECORDS) await world.begin(record);
    for (const one of steps) {
      await world.step(one);
      await world.checkCounts();
    }
    await world.drain();
    world.checkEnd();
    await world.queue.close();
  }

  private queue!: RecordQueue;

  private async opened(): Promise<RecordQueue> {
    const { time, journal } = this;
    const store = await createInProcessQueueStore({
      time,
      setTimer: time.setTimer,
      onTrouble: trouble => expect(trouble).toBeUndefined(),
      ...(journal !== undefined && { journal }),
    });
    const dispatch = { ...SETTINGS.dispatch, leaseMs: LEASE };
    const settings = { ...SETTINGS, mode: this.mode, tries: 1000, dispatch };
    const queue = createRecordQueue(store, settings, { time, random: () => 0.5 });
    queue.onSuperseded(update => {
      this.left([update]);
    });
    return queue;
  }

  private async begin(record: string): Promise<void> {
    const update = updateOf({ record, changes: { begun: 0 }, eventAt: this.time.now() - 100_000 });
    await this.queue.put(update);
    await this.take();
    for (const { ticket } of this.tickets.splice(0)) await this.queue.settle(ticket, DONE);
  }

  private async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'put':
        return this.put(step);
      case 'take':
        return this.take();
      case 'settle':
        return this.settle(step.as, this.tickets.at(step.which - this.tickets.length));
      case 'pass':
        this.time.pass(step.ms);
        return;
      case 'restart':
        if (this.journal === undefined) return;
        await this.queue.close();
        this.queue = await this.opened();
    }
  }

  private async put(step: Step & { readonly do: 'put' }): Promise<void> {
    const { record, leaves, ago, version, keepsPlace, delay } = step;
    const number = ++this.count;
    // No two arrive at the same moment, so that the time of one without an event time is its own.
    this.time.pass(1);
    const now = this.time.now();
    const eventAt = ago === undefined ? undefined : now - ago;
    const time = this.mode === 'order' ? now : (eventAt ?? now);
    const message = JSON.stringify(number);
    const changes = keepsPlace ? undefined : changesOf(leaves, number);
    const update = updateOf({ record, changes, version, message, eventAt, dueAt: now + delay });
    const result = await this.queue.put(update);
    this.puts.set(number, { number, record, leaves, version, time, keepsPlace });
    if (result.state === 'superseded') {
      this.checkLate(number);
      return;
    }
    expect(result.durable).toBe(this.journal !== undefined);
    this.left(result.superseded);
  }

  private async take(): Promise<void> {
    const { taken } = await this.queue.take(10);
    for (const one of taken) {
      this.checkHandedOn(one);
      this.tickets.push(one);
    }
  }

  private async settle(as: 'done' | 'again' | 'in doubt', taken: Taken | undefined): Promise<void> {
    if (taken === undefined) return;
    this.tickets = this.tickets.filter(other => other !== taken);
    const fate = as === 'in doubt' ? fateOf('7') : undefined;
    const { ticket, update } = taken;
    const written = this.records.get(ticket.record) ?? {};
    const { state } = await this.queue.settle(
      ticket,
      as === 'done' ? DONE : { kind: 'again', metConflict: false, dueAt: undefined, fate },
    );
    if (state === 'late') return;
    for (const number of this.numbersIn(update)) this.open.delete(number);
    if (state !== 'done') return;
    if (update.changes !== undefined) this.checkNewer(ticket.record, update.changes, written);
    this.records.set(ticket.record, mergePatch(written, update.changes ?? {}) as Fields);
    this.left([update]);
  }

  private async drain(): Promise<void> {
    while ((await this.queue.stats()).waiting + (await this.queue.stats()).inFlight > 0) {
      this.time.pass(LEASE);
      this.tickets = [];
      await this.take();
      for (const taken of [...this.tickets]) await this.settle('done', taken);
    }
    await this.checkCounts();
  }

  private numbersIn({ changes, message }: QueuedUpdate): number[] {
    if (changes === undefined) return [Number(message)];
    return leavesIn(changes).map(([, number]) => number);
  }

  private left(updates: readonly QueuedUpdate[]): void {
    for (const { changes, message } of updates) {
      if (changes === undefined) this.seen.add(`place:${message}`);
      for (const [leaf, number] of leavesIn(changes)) this.seen.add(`${leaf}:${number}`);
    }
  }

  private isNewer(a: Put, b: Put): boolean {
    return a.time > b.time || (a.time === b.time && a.number > b.number);
  }

  /** Another put of the record that names the leaf and is newer. */
  private isOvertaken(leaf: string, put: Put): boolean {
    return [...this.puts.values()].some(
      other =>
        other.record === put.record &&
        !other.keepsPlace &&
        other.leaves.includes(leaf as Leaf) &&
        this.isNewer(other, put),
    );
  }

  private checkLate(number: number): void {
    const put = this.putOf(number);
    for (const leaf of put.leaves) expect(this.isOvertaken(leaf, put)).toBe(true);
  }

  /** It says so when it was handed on before and nobody has settled it, and two snapshots are never mixed. */
  private checkHandedOn({ update, deliveries }: Taken): void {
    const numbers = this.numbersIn(update);
    if (numbers.some(number => this.open.has(number))) expect(deliveries).toBeGreaterThan(1);
    for (const number of numbers) {
      if (number === 0) continue;
      this.open.add(number);
      expect(this.putOf(number).version).toBe(update.version);
    }
  }

  private putOf(number: number): Put {
    const put = this.puts.get(number);
    if (put === undefined) throw new Error(`there is no put ${number}`);
    return put;
  }

  private checkNewer(record: string, changes: Fields, written: Fields): void {
    const before = new Map(leavesIn(written));
    for (const [leaf, number] of leavesIn(changes)) {
      const old = before.get(leaf) ?? 0;
      if (old === 0 || number === old) continue;
      expect(this.isNewer(this.putOf(number), this.putOf(old)), `${record}.${leaf}`).toBe(true);
    }
  }

  /** Whatever was accepted is somewhere. */
  private async checkCounts(): Promise<void> {
    const { accepted, merged, superseded, done, givenUp, waiting, inFlight } =
      await this.queue.stats();
    expect(accepted).toBe(merged + superseded + done + givenUp + waiting + inFlight);
    const begun = this.mode === 'order' ? 0 : RECORDS.length;
    expect(accepted).toBe(this.puts.size + begun);
  }

  private checkEnd(): void {
    for (const put of this.puts.values()) {
      if (put.keepsPlace) expect(this.seen).toContain(`place:${put.number}`);
      else for (const leaf of put.leaves) this.checkLeaf(leaf, put);
    }
  }

  /** The newest value of each field is the record's, and every other was handed on, reported or overtaken. */
  private checkLeaf(leaf: Leaf, put: Put): void {
    if (this.isOvertaken(leaf, put)) return;
    const written = new Map(leavesIn(this.records.get(put.record)));
    expect(written.get(leaf), `${put.record}.${leaf}`).toBe(put.number);
    expect(this.seen).toContain(`${leaf}:${put.number}`);
  }
}

const steps = fc.array(step, { maxLength: 40 });

describe('whatever comes in whatever order', () => {
  it.each<QueueMode>(['merge', 'newest', 'order'])(
    'the newest value of each field is written last, and nothing is lost, mixed or repeated unsaid: %s',
    async mode => {
      await fc.assert(
        fc.asyncProperty(steps, all => World.run(mode, all)),
        { numRuns: 300 },
      );
    },
  );

  describe('over restarts', () => {
    let folder: string;
    let files = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'queue-laws-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it.each<QueueMode>(['merge', 'newest', 'order'])('%s', async mode => {
      await fc.assert(
        fc.asyncProperty(steps, all => World.run(mode, all, join(folder, `${files++}.jsonl`))),
        { numRuns: 40 },
      );
    });
  });
});
