import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyRow } from '../../../lib/monitor/counts';
import {
  hourOf,
  HOUR_MS,
  type CountedHour,
  type CounterStore,
} from '../../../lib/monitor/counter-store';
import { createInProcessCounters } from '../../../lib/monitor/in-process-counters';
import { createRedisCounters } from '../../../lib/monitor/redis-counters';
import { FakeTime } from '../coordination/fake-time';
import { openConnection } from '../../support/redis/open';
import { hasRedis, RedisServer } from '../../support/redis/server';
import { countersContract } from './counters-contract';

const onTrouble = (trouble: unknown): void => {
  expect(trouble).toBeUndefined();
};

const clock = (now: () => number) => ({ now, monotonic: () => 0 });

/** Of the hour, what the first counter says. */
async function countIn(store: CounterStore, hour: number): Promise<number | undefined> {
  const memory = await store.read();
  for (const [, at, { row }] of memory.since(hour)) if (at === hour) return row[0];
  return undefined;
}

const counted = (hour: number, count: number): CountedHour => ({
  type: 'orders',
  hour,
  row: emptyRow().map((_, at) => (at === 0 ? count : 0)),
  writers: [],
});

describe('counters of this process', () => {
  describe('in memory', () => {
    countersContract((run, now) => createInProcessCounters({ time: clock(now), run, onTrouble }));
  });

  describe('with a journal', () => {
    let folder: string;
    let files = 0;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'counters-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    countersContract((run, now) => {
      const journal = join(folder, `${String(files++)}.jsonl`);
      return createInProcessCounters({ time: clock(now), run, journal, onTrouble });
    });

    it('a run adds to what the runs before it have counted, also in the same hour', async () => {
      const time = new FakeTime();
      const journal = join(folder, 'restarted.jsonl');
      const hour = hourOf(time.now());
      const open = (run: string) =>
        createInProcessCounters({ time, setTimer: time.setTimer, run, journal, onTrouble });
      const first = await open('first');
      await first.save([counted(hour, 3)]);
      await first.save([counted(hour, 4)]);
      await first.close();
      const second = await open('second');
      await second.save([counted(hour, 10)]);
      await second.save([counted(hour, 11)]);
      expect(await countIn(second, hour)).toBe(15);
      await second.close();
      time.pass(5 * HOUR_MS);
      const third = await open('third');
      expect(await countIn(third, hour)).toBe(15);
      await third.save([counted(hour + 5, 1)]);
      expect(await countIn(third, hour)).toBe(15);
      await third.close();
    });

    it('the same run, which opens it anew after a deploy, counts nothing twice', async () => {
      const time = new FakeTime();
      const journal = join(folder, 'deployed.jsonl');
      const hour = hourOf(time.now());
      for (const count of [3, 8]) {
        const store = await createInProcessCounters({
          time,
          setTimer: time.setTimer,
          run: 'the same',
          journal,
          onTrouble,
        });
        await store.save([counted(hour, count)]);
        expect(await countIn(store, hour)).toBe(count);
        await store.close();
      }
    });
  });
});

describe.skipIf(!hasRedis)('counters on Redis', () => {
  let server: RedisServer;
  let names = 0;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.end());

  const open = async (name: string, run: string, now: () => number): Promise<CounterStore> => {
    const runner = await openConnection(server.settings());
    return createRedisCounters({ runner, time: { now }, name, run });
  };

  countersContract((run, now) => open(`endpoint ${String(names++)}`, run, now));

  it('of several Node-RED add up, hour by hour', async () => {
    const now = (): number => Date.UTC(2026, 10, 21, 6);
    const hour = hourOf(now());
    const [one, two] = await Promise.all([open('shared', 'one', now), open('shared', 'two', now)]);
    await one.save([counted(hour, 3)]);
    await two.save([counted(hour, 4), counted(hour - 30, 7)]);
    expect(await countIn(one, hour)).toBe(7);
    await two.save([counted(hour, 5)]);
    expect(await countIn(one, hour)).toBe(8);
    expect(await countIn(one, hour - 30)).toBe(7);
  });

  it('the days go by themselves', async () => {
    const now = (): number => Date.UTC(2026, 10, 21, 6);
    const runner = await openConnection(server.settings());
    const store = createRedisCounters({ runner, time: { now }, name: 'ending', run: 'one' });
    await store.save([counted(hourOf(now()), 3)]);
    const { script } = await import('../../../lib/coordination/redis/script');
    const day = Math.floor(hourOf(now()) / 24);
    const key = `${runner.prefix}counters:ending:${String(day)}`;
    const ttl = await runner.run(script("return redis.call('PTTL', KEYS[1])"), [key], []);
    expect(Number(ttl)).toBeGreaterThan(90 * 24 * HOUR_MS);
  });
});
