import { describe, expect, test } from 'vitest';
import { USED_MS, type QueueRegister } from '../../../../lib/coordination/queue/queue-register';
import { createRedisQueueRegister } from '../../../../lib/coordination/redis/queue-register';
import { openConnection } from '../../../support/redis/open';
import { hasRedis, RedisServer } from '../../../support/redis/server';

describe.skipIf(!hasRedis)('the register of queues', () => {
  async function start(): Promise<{ server: RedisServer; register: QueueRegister }> {
    const server = await RedisServer.forTest();
    const connection = await openConnection(server.settings());
    return { server, register: createRedisQueueRegister(connection) };
  }

  test('tells each user of a queue what the others of it have said last', async () => {
    const { register } = await start();
    expect(await register.announce('orders', 'a', 'one')).toEqual([]);
    expect(await register.announce('orders', 'b', 'two\nlines')).toEqual(['one']);
    expect(await register.announce('parts', 'c', 'three')).toEqual([]);
    expect(await register.announce('orders', 'a', 'four')).toEqual(['two\nlines']);
    expect(await register.announce('orders', 'b', 'two')).toEqual(['four']);
    expect([...(await register.names())].sort()).toEqual(['orders', 'parts']);
  });

  test('forgets who has left, not the queue', async () => {
    const { register } = await start();
    await register.announce('orders', 'a', 'one');
    await register.leave('orders', 'a');
    expect(await register.users('orders')).toEqual([]);
    expect(await register.announce('orders', 'b', 'two')).toEqual([]);
    expect(await register.names()).toEqual(['orders']);
  });

  test('forgets who says nothing any more, as after a kill', async () => {
    const { server, register } = await start();
    const key = 'ru:updates:orders:users';
    const then = (ms: number): string => String(Date.now() - ms);
    await server.ask(client => client.hset(key, 'killed', `${then(USED_MS + 5000)} one`));
    await server.ask(client => client.hset(key, 'there', `${then(USED_MS - 15_000)} two`));
    await server.ask(client => client.hset(key, 'broken', 'nonsense'));
    expect(await register.users('orders')).toEqual(['two']);
    expect(await server.ask(client => client.hkeys(key))).toEqual(['there']);
  });

  test('leaves a key of another program as it is', async () => {
    const { server, register } = await start();
    await server.ask(client => client.set('ru:queues', 'theirs'));
    const refused = { code: 'STORE_KEY_FOREIGN', message: expect.stringContaining('ru:queues') };
    await expect(register.announce('orders', 'a', 'one')).rejects.toMatchObject(refused);
    expect(await server.ask(client => client.get('ru:queues'))).toBe('theirs');
  });
});
