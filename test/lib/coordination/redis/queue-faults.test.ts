import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { RecordQueue, Taken } from '../../../../lib/coordination/queue/queue';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import type { RedisConnection } from '../../../../lib/coordination/redis/connection';
import { createRedisQueueStore } from '../../../../lib/coordination/redis/queue-store';
import type { OneServer } from '../../../../lib/coordination/redis/settings';
import { openConnection } from '../../../support/redis/open';
import { hasRedis, RedisServer } from '../../../support/redis/server';
import { TcpProxy } from '../../../support/redis/tcp-proxy';
import { nothingUnhandled } from '../../../support/redis/unhandled';
import { DONE, SETTINGS, updateOf } from '../contract/record-queue';

const KEPT = ['--appendonly', 'yes', '--appendfsync', 'always'];
const AWAY = { code: 'STORE_UNAVAILABLE' };
const DATA = 'ru:updates:q:data';

const settles = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 240_000, interval: 10 });

interface Opened {
  readonly queue: RecordQueue;
  readonly connection: RedisConnection;
}

async function open(settings: OneServer, parallel = 100): Promise<Opened> {
  const connection = await openConnection(settings);
  const store = createRedisQueueStore({ runner: connection, name: 'q' });
  onTestFinished(() => store.close());
  const dispatch = { ...SETTINGS.dispatch, parallel };
  return { queue: createRecordQueue(store, { ...SETTINGS, dispatch }), connection };
}

async function viaProxy(): Promise<Opened & { proxy: TcpProxy; server: RedisServer }> {
  const server = await RedisServer.forTest(...KEPT);
  const proxy = await TcpProxy.forTest(server.port);
  const opened = await open(server.settings({ port: proxy.port }));
  await opened.queue.stats();
  return { ...opened, proxy, server };
}

async function takeOne({ queue }: Opened): Promise<Taken> {
  const [taken] = (await queue.take(1)).taken;
  if (taken === undefined) throw new Error('there is nothing to take');
  return taken;
}

async function isLost({ connection }: Opened): Promise<void> {
  const check = (): void => expect(connection.state.kind).toBe('disconnected');
  await vi.waitFor(check, { timeout: 240_000, interval: 10 });
}

describe.skipIf(!hasRedis)('a queue on Redis, with real faults', () => {
  nothingUnhandled();

  it.each([
    ['keeps what was accepted and what runs, with an append-only file', KEPT, true],
    ['loses both without one, and has said so with each update', [], false],
  ])('a restart of Redis %s', async (_what, args, isKept) => {
    const server = await RedisServer.forTest(...args);
    const opened = await open(server.settings());
    const { queue } = opened;
    for (const record of ['r', 's']) {
      const put = await queue.put(updateOf({ record, changes: { a: 1 } }));
      expect(put).toMatchObject({ state: 'queued', durable: isKept });
    }
    const { ticket } = await takeOne(opened);
    await server.kill();
    await expect(queue.put(updateOf())).rejects.toMatchObject(AWAY);
    await server.start();
    const stats = await settles(() => queue.stats());
    const left = isKept ? 1 : 0;
    expect(stats).toMatchObject({ waiting: left, inFlight: left, accepted: 2 * left });
    expect(await queue.settle(ticket, DONE)).toEqual({ state: isKept ? 'done' : 'late' });
    await queue.put(updateOf({ record: ticket.record }));
    const { taken } = await queue.take(10);
    const again = taken.find(one => one.ticket.record === ticket.record);
    expect(again?.ticket.fence).toBeGreaterThan(ticket.fence);
  });

  it('SIGSTOP of Redis: refuses, and goes on by itself; what it was told is done once', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const opened = await open(server.settings());
    const { queue } = opened;
    await queue.stats();
    server.signal('SIGSTOP');
    onTestFinished(() => {
      server.signal('SIGCONT');
    });
    await expect(queue.put(updateOf())).rejects.toMatchObject(AWAY);
    expect(opened.connection.state.kind).toBe('disconnected');
    server.signal('SIGCONT');
    const { waiting } = await settles(() => queue.stats());
    expect(waiting).toBeLessThanOrEqual(1);
    await queue.put(updateOf({ record: 's' }));
    expect((await queue.take(10)).taken).toHaveLength(waiting + 1);
  });

  it('connections that are cut: a ticket that is out is settled after that', async () => {
    const opened = await viaProxy();
    const { queue, proxy } = opened;
    await queue.put(updateOf());
    const { ticket } = await takeOne(opened);
    proxy.cut();
    await isLost(opened);
    expect(await settles(() => queue.settle(ticket, DONE))).toEqual({ state: 'done' });
    expect(await queue.stats()).toMatchObject({ waiting: 0, inFlight: 0, done: 1 });
  });

  it('a frozen connection: refuses, and goes on by itself; what never got there is not there', async () => {
    const opened = await viaProxy();
    const { queue, proxy } = opened;
    proxy.freeze();
    await expect(queue.put(updateOf())).rejects.toMatchObject(AWAY);
    await isLost(opened);
    proxy.heal();
    expect(await settles(() => queue.stats())).toMatchObject({ accepted: 0 });
    await queue.put(updateOf());
    await takeOne(opened);
  });

  it('answers that are lost: what was accepted is there once, what was taken comes back', async () => {
    const opened = await viaProxy();
    const { queue, proxy, server } = opened;
    // Redis knows the scripts by then: the first of their answers asks for them.
    await queue.put(updateOf({ record: 'first' }));
    await queue.settle((await takeOne(opened)).ticket, DONE);
    proxy.dropReplies();
    await expect(queue.put(updateOf())).rejects.toMatchObject(AWAY);
    const other = await open(server.settings());
    expect(await other.queue.stats()).toMatchObject({ accepted: 2, waiting: 1 });
    proxy.heal();
    const { ticket } = await settles(() => takeOne(opened));
    proxy.dropReplies();
    await expect(queue.settle(ticket, DONE)).rejects.toMatchObject(AWAY);
    expect(await other.queue.stats()).toMatchObject({ done: 2, inFlight: 0 });
    proxy.heal();
    // It was settled already, and nobody else has it.
    expect(await settles(() => queue.settle(ticket, DONE))).toEqual({ state: 'late' });
    expect(await other.queue.stats()).toMatchObject({ done: 2 });
  });

  it('an answer about the append-only file that comes too late is asked for again: what lasts is not called lost', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const proxy = await TcpProxy.forTest(server.port);
    // The client itself asks once before.
    proxy.delayAnswerTo('$4\r\ninfo\r\n', 1, 1200);
    const { queue } = await open(server.settings({ port: proxy.port }));
    const put = await settles(() => queue.put(updateOf()));
    expect(put).toMatchObject({ durable: true });
  });

  it('after a new connection nothing is called lost before the server has said so', async () => {
    const opened = await viaProxy();
    const { queue, proxy } = opened;
    await queue.put(updateOf());
    for (let n = 0; n < 5; n++) {
      proxy.cut();
      await isLost(opened);
      const puts = Array.from({ length: 5 }, (_, i) =>
        settles(() => queue.put(updateOf({ record: `${n} ${i}` }))),
      );
      for (const put of await Promise.all(puts)) expect(put).toMatchObject({ durable: true });
    }
  });

  it('many who get no answer at the same time end one connection, once', async () => {
    const { queue, proxy } = await viaProxy();
    const warned = vi.fn();
    process.on('warning', warned);
    proxy.freeze();
    const stats = Array.from({ length: 30 }, () => queue.stats());
    for (const asked of await Promise.allSettled(stats)) expect(asked.status).toBe('rejected');
    proxy.heal();
    await settles(() => queue.stats());
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
  });

  it('scripts that are forgotten are sent again', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const opened = await open(server.settings());
    await opened.queue.put(updateOf());
    await server.ask(client => client.script('FLUSH'));
    await opened.queue.settle((await takeOne(opened)).ticket, DONE);
    expect(await opened.queue.stats()).toMatchObject({ done: 1 });
  });

  it('no memory left: nothing more is accepted, and what runs can be ended', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const opened = await open(server.settings());
    const { queue } = opened;
    await queue.put(updateOf());
    const { ticket } = await takeOne(opened);
    await server.ask(client => client.config('SET', 'maxmemory', '1'));
    const full = { code: 'STORE_MEMORY_FULL', message: expect.stringMatching(/maxmemory/) };
    await expect(queue.put(updateOf({ record: 's' }))).rejects.toMatchObject(full);
    expect(await queue.settle(ticket, DONE)).toEqual({ state: 'done' });
    expect(await queue.stats()).toMatchObject({ accepted: 1, waiting: 0 });
  });

  it.each(['data', 'due', 'ids0'])(
    'a key of another program (%s): named, and left as it is',
    async name => {
      const server = await RedisServer.forTest(...KEPT);
      const key = `ru:updates:q:${name}`;
      await server.ask(client => client.set(key, 'theirs'));
      const { queue } = await open(server.settings());
      const foreign = { code: 'STORE_KEY_FOREIGN', message: expect.stringMatching(/Key prefix/) };
      await expect(queue.put(updateOf())).rejects.toMatchObject(foreign);
      await expect(queue.take(1)).rejects.toMatchObject(foreign);
      await expect(queue.stats()).rejects.toMatchObject(foreign);
      expect(await server.ask(client => client.get(key))).toBe('theirs');
      expect(await server.ask(client => client.dbsize())).toBe(1);
    },
  );

  it('a queue that a later version of this package wrote: named, and left as it is', async () => {
    const server = await RedisServer.forTest(...KEPT);
    await server.ask(client => client.hset(DATA, '#switches', '2 whatever comes'));
    const { queue } = await open(server.settings());
    const newer = { code: 'STORE_VERSION_NEWER', message: expect.stringContaining(DATA) };
    await expect(queue.put(updateOf())).rejects.toMatchObject(newer);
    await expect(queue.take(1)).rejects.toMatchObject(newer);
    await expect(queue.pause()).rejects.toMatchObject(newer);
    expect(await server.ask(client => client.hlen(DATA))).toBe(1);
  });

  it.each<[string, string, Partial<OneServer>]>([
    ['STORE_SIGN_IN_FAILED', 'another password', { user: 'poor', password: 'hunter2' }],
    ['STORE_NOT_PERMITTED', 'a user without scripts', { user: 'poor', password: 'pw' }],
  ])('%s with %s', async (code, _what, access) => {
    const server = await RedisServer.forTest(...KEPT);
    const rights = ['on', '>pw', '~*', '&*', '+@all', '-@scripting'];
    await server.ask(client => client.call('ACL', 'SETUSER', 'poor', ...rights));
    const { queue } = await open(server.settings(access));
    await expect(queue.put(updateOf())).rejects.toMatchObject({ code });
    await expect(queue.take(1)).rejects.toMatchObject({ code });
  });
});
