import { boundedUtf8Key } from '../coordination/bounded-key';
import type { ScriptRunner } from '../coordination/redis/connection';
import { script } from '../coordination/redis/script';
import type { Time } from '../retry/time';
import { entryOf, isCounted, sumOf, type CountedRun } from './counted-runs';
import { CounterMemory, firstKept } from './counter-memory';
import { hourOf, type CountedHour, type CounterStore } from './counter-store';

export interface RedisCountersOptions {
  readonly runner: ScriptRunner;
  readonly time: Pick<Time, 'now'>;
  /** Counters of the same name are added up, in whatever process. */
  readonly name: string;
  /** Tells this run of Node-RED from every other one. */
  readonly run: string;
}

const DAY_HOURS = 24;
/** A day is gone when all of its hours are older than 90 days. Milliseconds. */
const KEPT_MS = 91 * 24 * 3_600_000;

/** Arguments: milliseconds to keep it, then names and values in turn. */
const SAVE = script(`
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`);

const READ = script("return redis.call('HGETALL', KEYS[1])");

/** So many days are asked for at a time. */
const DAYS_AT_ONCE = 16;

/**
 * Counters that all processes on one Redis share: a hash for each day, with a field for what each run has counted of a
 * record type in an hour. In an outage everything rejects with StoreUnavailable.
 */
export function createRedisCounters(options: RedisCountersOptions): CounterStore {
  return new RedisCounters(options);
}

class RedisCounters implements CounterStore {
  known = new CounterMemory();
  /** Days before this one are read and over: nobody writes them any more. */
  private openDay = -Infinity;

  constructor(private readonly options: RedisCountersOptions) {}

  async save(hours: readonly CountedHour[]): Promise<void> {
    const { run, runner } = this.options;
    const days = groupsOf(hours, ({ hour }) => dayOf(hour));
    for (const [day, ofDay] of days) {
      const fields = ofDay.flatMap(hour => {
        const { row, writers } = entryOf(hour, run);
        const name = JSON.stringify([hour.hour, hour.type, run]);
        return [name, JSON.stringify({ row, writers })];
      });
      await runner.run(SAVE, [this.keyOf(day)], [KEPT_MS, ...fields]);
    }
  }

  async read(): Promise<CounterMemory> {
    const now = hourOf(this.options.time.now());
    const today = dayOf(now);
    const first = Math.max(this.openDay, dayOf(firstKept(now)));
    // A new one until all is read: it must not be taken for what there is when that fails in between.
    const memory = this.openDay === -Infinity ? new CounterMemory() : this.known;
    for (let day = first; day <= today; day += DAYS_AT_ONCE) {
      const days = Array.from(
        { length: Math.min(DAYS_AT_ONCE, today - day + 1) },
        (_, i) => day + i,
      );
      const found = await Promise.all(days.map(one => this.readDay(one)));
      for (const entries of found) put(memory, entries);
    }
    memory.prune(now);
    this.known = memory;
    this.openDay = today - 1;
    return memory;
  }

  async close(): Promise<void> {
    // The connection is the store's.
    return Promise.resolve();
  }

  private async readDay(day: number): Promise<Entry[]> {
    const answer = await this.options.runner.run(READ, [this.keyOf(day)], []);
    const texts = answer as readonly string[];
    return texts.flatMap((name, i) => (i % 2 === 0 ? entryIn(name, texts[i + 1] ?? '') : []));
  }

  private keyOf(day: number): string {
    const { name, runner } = this.options;
    return `${runner.prefix}counters:${boundedUtf8Key(name)}:${String(day)}`;
  }
}

type Entry = Pick<CountedRun, 'type' | 'hour' | 'row' | 'writers'>;

/** The runs of an hour added up, in the place of what was known of it. */
function put(memory: CounterMemory, entries: readonly Entry[]): void {
  const hours = groupsOf(entries, ({ type, hour }) => JSON.stringify([hour, memory.nameFor(type)]));
  for (const [key, runs] of hours) {
    const [hour, type] = JSON.parse(key) as [number, string];
    memory.set(type, hour, sumOf(runs));
  }
}

/** None: it is of another version of this package. */
function entryIn(name: string, text: string): Entry[] {
  try {
    const [hour, type] = JSON.parse(name) as [number, string];
    const counted: unknown = JSON.parse(text);
    return isCounted(counted) ? [{ hour, type, ...counted }] : [];
  } catch {
    return [];
  }
}

function groupsOf<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

function dayOf(hour: number): number {
  return Math.floor(hour / DAY_HOURS);
}
