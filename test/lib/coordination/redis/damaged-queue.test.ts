import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GivenUp, RecordQueue } from '../../../../lib/coordination/queue/queue';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import { createRedisQueueStore } from '../../../../lib/coordination/redis/queue-store';
import { openConnection } from '../../../support/redis/open';
import { hasRedis, RedisServer } from '../../../support/redis/server';
import { DONE, SETTINGS, updateOf } from '../contract/record-queue';

const LEASE_MS = 300;
const LONG = `long ${'name '.repeat(30)}`;

/** How somebody else may leave what is stored of a record: in the hash of the queue, by the names of the fields of that record. */
type Damage = (hash: Hash, fields: readonly string[]) => Promise<unknown>;

interface Hash {
  readonly client: Redis;
  readonly key: string;
}

const all =
  (text: string): Damage =>
  ({ client, key }, fields) =>
    client.hset(key, Object.fromEntries(fields.map(name => [name, text])));
const cut: Damage = async ({ client, key }, fields) => {
  for (const name of fields) {
    const text = (await client.hget(key, name)) ?? '';
    await client.hset(key, name, text.slice(0, text.length >> 1));
  }
};
const without =
  (start: string): Damage =>
  ({ client, key }, fields) =>
    client.hdel(key, ...fields.filter(name => name.startsWith(start)));

const DAMAGES: readonly (readonly [what: string, damage: Damage])[] = [
  ['is other text', all('hello')],
  ['is empty', all('')],
  ['is JSON', all('{"a":1}')],
  ['is cut in half', cut],
  ['has no mail', without('m')],
  ['has no items', without('i')],
  ['is gone', without('')],
];

describe.skipIf(!hasRedis)('of a queue in Redis, what is stored of a record', () => {
  let server: RedisServer;
  let queues = 0;
  let name: string;
  let queue: RecordQueue;
  let hash: Hash;
  let givenUp: GivenUp[];

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.end());

  beforeEach(async () => {
    name = `queue-${queues++}`;
    const runner = await openConnection(server.settings());
    const dispatch = { ...SETTINGS.dispatch, leaseMs: LEASE_MS };
    const settings = { ...SETTINGS, mode: 'order', tries: 1_000_000, dispatch } as const;
    queue = createRecordQueue(createRedisQueueStore({ runner, name }), settings);
    givenUp = [];
    queue.onGivenUp(one => givenUp.push(one));
    hash = { client: server.client(), key: `ru:updates:${name}:data` };
  });

  async function fieldsOf(before: readonly string[]): Promise<string[]> {
    const names = await hash.client.hkeys(hash.key);
    return names.filter(field => !before.includes(field) && !field.startsWith('#'));
  }

  /** Until nothing is left, however the leases end. */
  async function drained(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    await expect
      .poll(
        async () => {
          for (const { ticket } of (await queue.take(10)).taken) {
            const { state } = await queue.settle(ticket, DONE);
            if (state === 'done') counts[ticket.record] = (counts[ticket.record] ?? 0) + 1;
          }
          const { due, busy } = await listed();
          return due + busy;
        },
        { timeout: 60_000, interval: 20 },
      )
      .toBe(0);
    // What is gone is counted no more: it would hold up others for ever.
    await queue.take(1);
    expect(await queue.stats()).toMatchObject({ waiting: 0, inFlight: 0 });
    return counts;
  }

  async function listed(): Promise<{ readonly due: number; readonly busy: number }> {
    const start = hash.key.slice(0, -'data'.length);
    const [due, busy] = await Promise.all([
      hash.client.zcard(`${start}due`),
      hash.client.zcard(`${start}busy`),
    ]);
    return { due, busy };
  }

  for (const record of ['broken', LONG]) {
    const kind = record === LONG ? 'one with a long name' : 'one';
    it.each(DAMAGES)(
      `${kind} that waits %s: it leaves, the others are handed on`,
      async (_, damage) => {
        await queue.put(updateOf({ record: 'before', changes: { a: 1 } }));
        const before = await hash.client.hkeys(hash.key);
        // Another one behind it, and one that is too long for the mail.
        await queue.put(updateOf({ record, changes: { a: 1 } }));
        await queue.put(updateOf({ record, changes: { a: 'x'.repeat(2000) } }));
        const fields = await fieldsOf(before);
        await queue.put(updateOf({ record: 'after', changes: { a: 1 } }));
        await damage(hash, fields);
        const counts = await drained();
        expect(counts).toMatchObject({ before: 1, after: 1 });
        expect(givenUp.length).toBeGreaterThan(0);
        for (const { unread } of givenUp) expect(unread).toMatchObject({ what: 'update' });
        // The record itself goes on.
        await queue.put(updateOf({ record, changes: { a: 2 } }));
        expect(await drained()).toMatchObject({ [record]: 1 });
      },
    );
  }

  it.each(DAMAGES)('that runs %s: nothing is held up by it', async (_, damage) => {
    await queue.put(updateOf({ record: 'broken', changes: { a: 1 } }));
    expect((await queue.take(1)).taken).toHaveLength(1);
    await queue.put(updateOf({ record: 'broken', changes: { a: 'x'.repeat(2000) } }));
    const fields = await fieldsOf([]);
    await queue.put(updateOf({ record: 'other', changes: { a: 1 } }));
    await damage(hash, fields);
    expect(await drained()).toMatchObject({ other: 1 });
    await queue.put(updateOf({ record: 'broken', changes: { a: 2 } }));
    expect((await drained()).broken).toBe(1);
  });

  it('was noted of what waits and is other text: it is given up as a write that may have been applied', async () => {
    await queue.put(updateOf({ record: 'broken', changes: { a: 1 } }));
    await queue.take(1);
    const { client, key } = hash;
    const mail = (await client.hget(key, 'mbroken')) ?? '';
    const [, list = ''] = mail.split(' ');
    await client.hset(key, `n${list}.0`, 'hello world');
    await drained();
    expect(givenUp).toMatchObject([{ update: { changes: { a: 1 } }, unread: { what: 'fate' } }]);
  });

  it('counts of the whole queue are other text: says that it was changed, not that Redis is away', async () => {
    await queue.put(updateOf({ record: 'r', changes: { a: 1 } }));
    await hash.client.hset(hash.key, '#counts', 'hello');
    const damaged = {
      code: 'STORE_KEY_DAMAGED',
      message: expect.stringMatching(/"ru:".*changed.*backup/),
    };
    await expect(queue.take(1)).rejects.toMatchObject(damaged);
    await expect(queue.put(updateOf({ record: 's' }))).rejects.toMatchObject(damaged);
  });
});
