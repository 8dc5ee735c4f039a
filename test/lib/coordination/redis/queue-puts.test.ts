import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  QueueStore,
  SlotChange,
  StoredItem,
} from '../../../../lib/coordination/queue/queue-store';
import { MOST_IN_MAIL } from '../../../../lib/coordination/redis/queue-lua';
import { createRedisQueueStore } from '../../../../lib/coordination/redis/queue-store';
import { openConnection } from '../../../support/redis/open';
import { hasRedis, RedisServer } from '../../../support/redis/server';

const HOUR = 3_600_000;

/** What stands before the text of an item, with what is left out of it below. */
const STORED_BEFORE = '0 0 1700000000000 0 - ';

interface Opened {
  readonly server: RedisServer;
  readonly store: QueueStore;
  readonly now: number;
}

async function open(): Promise<Opened> {
  const server = await RedisServer.forTest();
  const connection = await openConnection(server.settings());
  const store = createRedisQueueStore({ runner: connection, name: 'q' });
  onTestFinished(() => store.close());
  // What the first change of a queue makes is there.
  await store.change(put('first', item('first')));
  return { server, store, now: (await store.state()).now };
}

function item(text: string, rest: Partial<StoredItem> = {}): StoredItem {
  return { text, dueAt: 0, acceptedAt: 1_700_000_000_000, deliveries: 0, note: undefined, ...rest };
}

function put(record: string, only: StoredItem, limit = 1000): SlotChange {
  return {
    record,
    id: undefined,
    revision: 0,
    at: undefined,
    remove: 0,
    add: [only],
    memory: undefined,
    memoryMs: HOUR,
    limit,
    ends: undefined,
    count: { accepted: 1 },
  };
}

/** Everything that is stored, in the order of its numbers, which are left out. */
async function storedIn(server: RedisServer): Promise<unknown> {
  const [data, due, age] = await server.ask(client =>
    Promise.all([
      client.hgetall('ru:updates:q:data'),
      client.zrange('ru:updates:q:due', '0', '-1', 'WITHSCORES'),
      client.zrange('ru:updates:q:age', '0', '-1', 'WITHSCORES'),
    ]),
  );
  const numbers = [...new Set(JSON.stringify(data).match(/(?<!\d)\d{16}(?!\d)/g))].sort();
  const named = JSON.stringify([Object.entries(data).sort(), due, age]);
  return JSON.parse(
    named.replace(/(?<!\d)\d{16}(?!\d)/g, number => `number ${String(numbers.indexOf(number))}`),
  ) as unknown;
}

describe.skipIf(!hasRedis)('puts of new records in one turn', () => {
  it('leave what each of them leaves as a change like any other', async () => {
    const [short, long] = [await open(), await open()];
    const items = (now: number): StoredItem[] => [
      item('plain'),
      item('later', { dueAt: now - (now % HOUR) + 2 * HOUR }),
      item('due before it came', { dueAt: 5 }),
      item('x'.repeat(MOST_IN_MAIL - STORED_BEFORE.length)),
      item('x'.repeat(MOST_IN_MAIL - STORED_BEFORE.length + 1)),
      item('noted', { note: 'note', deliveries: 3 }),
    ];
    const putAll = async (
      { store, now }: Opened,
      limitOf: (n: number) => number,
    ): Promise<void> => {
      const puts = items(now).map((each, n) =>
        store.change(put(`r${String(n)}`, each, limitOf(n))),
      );
      for (const { kind } of await Promise.all(puts)) expect(kind).toBe('changed');
    };
    await putAll(short, () => 1000);
    // What is asked of them differs: so they do not go the short way.
    await putAll(long, n => 1000 + n);
    expect(await storedIn(short.server)).toEqual(await storedIn(long.server));
    expect(await short.store.state()).toMatchObject({ waiting: 7, counters: { accepted: 7 } });
  });

  it('are accepted by the store’s clock where another one goes ahead', async () => {
    const { store, now } = await open();
    await store.change(put('r', item('ahead', { acceptedAt: now + HOUR })));
    const { taken } = await store.take(takeOf(10));
    expect(taken.map(({ record }) => record)).toEqual(['first', 'r']);
  });

  it('of the same record: the second one finds the first', async () => {
    const { store } = await open();
    const [one, two] = [item('one'), item('two')];
    const puts = [store.change(put('r', one)), store.change(put('r', two))];
    const kinds = (await Promise.all(puts)).map(({ kind }) => kind);
    expect(kinds).toEqual(['changed', 'moved']);
    expect((await store.look('r')).items).toEqual([one]);
  });

  it('beyond the limit are refused one by one', async () => {
    const { store } = await open();
    const puts = ['r', 's', 't'].map(record => store.change(put(record, item(record), 3)));
    const kinds = (await Promise.all(puts)).map(({ kind }) => kind);
    expect(kinds).toEqual(['changed', 'changed', 'full']);
    expect(await store.state()).toMatchObject({ waiting: 3, counters: { accepted: 3 } });
  });

  it('are handed out by the take that goes with them', async () => {
    const { store } = await open();
    const puts = ['r', 's'].map(record => store.change(put(record, item(record))));
    const { taken, state } = await store.take(takeOf(10));
    for (const { kind } of await Promise.all(puts)) expect(kind).toBe('changed');
    expect(taken.map(({ text }) => text).sort()).toEqual(['first', 'r', 's']);
    expect(state).toMatchObject({ waiting: 0, inFlight: 3, counters: { accepted: 3 } });
  });

  it('with a hold: the state says since when the oldest waits', async () => {
    const { store, now } = await open();
    await store.setHold('', 'a hold', now + HOUR);
    const result = await store.change(put('r', item('r')));
    expect(result).toMatchObject({
      kind: 'changed',
      state: { hold: 'a hold', heldUntil: now + HOUR, oldestAt: 1_700_000_000_000 },
    });
  });
});

function takeOf(most: number): Parameters<QueueStore['take']>[0] {
  const tokens = Array.from({ length: most }, () => randomUUID());
  return { tokens, parallel: 100, leaseMs: HOUR, batch: undefined };
}
