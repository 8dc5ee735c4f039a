import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { freePort } from '../../../../scripts/lib/free-port.mjs';
import { inRoot } from '../../../../scripts/lib/root.mjs';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import { loadClient } from '../../../../lib/coordination/redis/client';
import type { Finding } from '../../../../lib/coordination/redis/findings';
import { QUEUE_KEYS } from '../../../../lib/coordination/redis/queue-lua';
import { SWEEP } from '../../../../lib/coordination/redis/queue-scripts';
import { createRedisQueueStore } from '../../../../lib/coordination/redis/queue-store';
import { createRedisSeenEvents } from '../../../../lib/coordination/redis/seen-events';
import { parseAddress } from '../../../../lib/coordination/redis/settings';
import { InputError } from '../../../../lib/errors';
import { HOUR_MS } from '../../../../lib/monitor/counter-store';
import { emptyRow } from '../../../../lib/monitor/counts';
import { createRedisCounters } from '../../../../lib/monitor/redis-counters';
import { createRedisDeadLetters } from '../../../../lib/review/store/redis-store';
import { openConnection, openLocks } from '../../../support/redis/open';
import { hasRedis, RedisServer, TLS_ARGS, TRUSTING } from '../../../support/redis/server';
import { DONE, SETTINGS, updateOf } from '../contract/record-queue';
import { fateOf } from '../queue/fate';

const NOW = { leaseMs: 30_000, waitMs: 0 };
const PATIENT = { leaseMs: 30_000, waitMs: 600_000 };
const EVENT = { id: 'E-1', windowMs: 60_000, claimMs: 60_000 };

const settles = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 240_000, interval: 5 });

describe('an address', () => {
  it.each([
    ['redis.example.com', 'redis.example.com', 6379, 0, false],
    [' redis.example.com:7000 ', 'redis.example.com', 7000, 0, false],
    ['redis://redis.example.com:7000/3', 'redis.example.com', 7000, 3, false],
    ['rediss://redis.example.com', 'redis.example.com', 6379, 0, true],
    ['valkeys://[::1]:7000/', '::1', 7000, 0, true],
  ])('%s', (text, host, port, database, isTls) => {
    expect(parseAddress(text)).toEqual({ host, port, database, isTls });
  });

  it.each(['', 'http://redis', 'redis://u:secret@host', 'redis://host/a', 'host:port', 'a b'])(
    '"%s" is refused without being shown',
    text => {
      const parse = (): unknown => parseAddress(text);
      expect(parse).toThrow(InputError);
      expect(parse).toThrow(/^Address (?!.*secret)/);
    },
  );
});

it('a client that is not installed: says with which command it is', async () => {
  const missing = loadClient(() => Promise.reject(new Error("Cannot find package 'ioredis'")));
  await expect(missing).rejects.toMatchObject({
    code: 'STORE_CLIENT_MISSING',
    message: expect.stringContaining('npm install ioredis@6'),
  });
});

describe.skipIf(!hasRedis)('a server that', () => {
  it('wants another password: an error that names the fields, and never the password', async () => {
    const server = await RedisServer.forTest('--requirepass', 'right');
    for (const password of ['hunter2', undefined]) {
      const locks = await openLocks(server.settings({ password }));
      const refused = { code: 'STORE_SIGN_IN_FAILED', message: expect.stringMatching(/Password/) };
      await expect(locks.acquire('key', NOW)).rejects.toMatchObject(refused);
      const events = createRedisSeenEvents(locks.connection);
      await expect(events.check(EVENT)).rejects.toMatchObject(refused);
      await expect(events.check(EVENT)).rejects.not.toThrow(/hunter2/);
      expect(locks.connection.state.kind).toBe('disconnected');
    }
    const locks = await openLocks(server.settings({ password: 'right' }));
    expect(await locks.acquire('key', NOW)).toMatchObject({ granted: true });
  });

  it('lets a user of its access list in; one without scripts is told what is missing', async () => {
    const server = await RedisServer.forTest();
    const admin = server.client();
    await admin.call(
      'ACL',
      'SETUSER',
      'flows',
      'on',
      '>pw',
      '~ru:*',
      '&ru:*',
      '+@all',
      '-@dangerous',
    );
    await admin.call(
      'ACL',
      'SETUSER',
      'poor',
      'on',
      '>pw',
      '~ru:*',
      '&ru:*',
      '+@all',
      '-@scripting',
    );
    const locks = await openLocks(server.settings({ user: 'flows', password: 'pw' }));
    expect(await locks.acquire('key', NOW)).toMatchObject({ granted: true });
    const poor = await openConnection(server.settings({ user: 'poor', password: 'pw' }));
    const refused = { code: 'STORE_NOT_PERMITTED', message: expect.stringMatching(/EVALSHA/) };
    await expect(createRedisSeenEvents(poor).check(EVENT)).rejects.toMatchObject(refused);
    await expect(poor.probe()).rejects.toMatchObject({ code: 'STORE_NOT_PERMITTED' });
    // Keys that are not permitted are another program's.
    const shared = await locks
      .acquire('LOCK:ORDER:1', { ...NOW, isShared: true })
      .catch((error: unknown) => error);
    expect(shared).toMatchObject({ code: 'STORE_NOT_PERMITTED' });
  });

  it('evicts keys and keeps no file: both are found, with the fix', async () => {
    const server = await RedisServer.forTest(
      '--maxmemory',
      '50mb',
      '--maxmemory-policy',
      'allkeys-lru',
    );
    const found = vi.fn<(findings: readonly Finding[]) => void>();
    const connection = await openConnection(server.settings(), { onFindings: found });
    await settles(() => expect(found).toHaveBeenCalled());
    expect(found.mock.calls[0]?.[0].map(({ kind }) => kind)).toEqual(['evicts', 'forgets']);
    const [evicts, forgets] = await connection.probe();
    expect(evicts?.message).toMatch(/allkeys-lru.*noeviction/);
    expect(forgets?.message).toMatch(/appendonly yes/);
  });

  it('is well set up: nothing is found', async () => {
    const server = await RedisServer.forTest('--appendonly', 'yes', '--maxmemory', '50mb');
    const connection = await openConnection(server.settings());
    expect(await connection.probe()).toEqual([]);
  });

  it('has no memory left: an error that says so', async () => {
    const server = await RedisServer.forTest();
    const connection = await openConnection(server.settings());
    await connection.probe();
    await server.client().config('SET', 'maxmemory', '1');
    await expect(createRedisSeenEvents(connection).check(EVENT)).rejects.toMatchObject({
      code: 'STORE_MEMORY_FULL',
    });
  });

  it('has no memory left: what waits in a queue is handed out, written and settled all the same', async () => {
    const server = await RedisServer.forTest();
    const connection = await openConnection(server.settings());
    const queue = createRecordQueue(
      createRedisQueueStore({ runner: connection, name: 'q' }),
      SETTINGS,
    );
    await queue.pause();
    await queue.put(updateOf({ changes: { a: 1 } }));
    await queue.put(updateOf({ changes: { a: 1 }, record: 's' }));
    await server.client().config('SET', 'maxmemory', '1');
    const full = { code: 'STORE_MEMORY_FULL' };
    await expect(queue.put(updateOf({ changes: { a: 2 }, record: 't' }))).rejects.toMatchObject(
      full,
    );
    await queue.resume();
    const { taken } = await queue.take(10);
    expect(taken.map(({ ticket }) => ticket.record)).toEqual(['r', 's']);
    for (const { ticket } of taken) {
      expect(await queue.beforeWrite(ticket, fateOf('1'))).toBe(true);
    }
    const [first, second] = taken.map(({ ticket }) => ticket);
    expect(first && (await queue.settle(first, DONE))).toEqual({ state: 'done' });
    const again = { kind: 'again', metConflict: false, dueAt: 0, fate: undefined } as const;
    expect(second && (await queue.settle(second, again))).toEqual({ state: 'queued' });
    await queue.flush();
    expect((await queue.take(10)).taken).toHaveLength(1);
  });

  it('permits no more than the documentation asks for: queue, lock, event, dead letters and counters work', async () => {
    const server = await RedisServer.forTest();
    const text = await readFile(inRoot('docs/security.md'), 'utf8');
    const [, listed = ''] =
      /needs, for keys and channels[^:]*: (.*?); for example/.exec(text) ?? [];
    const commands = [...listed.matchAll(/`([A-Z]+)`/g)].map(([, name = '']) => `+${name}`);
    expect(commands.length).toBeGreaterThan(20);
    const rights = ['on', '>secret', '~ru:*', '&ru:*', '-@all', ...commands];
    await server.client().acl('SETUSER', 'flows', ...rights);
    const connection = await openConnection(server.settings({ user: 'flows', password: 'secret' }));
    const store = createRedisQueueStore({ runner: connection, name: 'q' });
    const queue = createRecordQueue(store, { ...SETTINGS, limit: 2, whenFull: 'oldest' });
    await queue.pause();
    for (const record of ['r', 's', 't']) await queue.put(updateOf({ record, changes: { a: 1 } }));
    await queue.resume();
    await queue.flush();
    for (const { ticket } of (await queue.take(10)).taken) {
      expect(await queue.beforeWrite(ticket, fateOf('1'))).toBe(true);
      expect(await queue.settle(ticket, DONE)).toEqual({ state: 'done' });
    }
    await connection.run(
      SWEEP,
      QUEUE_KEYS.map(key => `ru:updates:q:${key}`),
      [],
    );
    const locks = await openLocks(server.settings({ user: 'flows', password: 'secret' }));
    const lease = await locks.acquire('r', NOW);
    if (lease.granted) await lease.release();
    expect(lease.granted).toBe(true);
    const events = createRedisSeenEvents(connection);
    expect(await events.check(EVENT)).toMatchObject({ first: true });
    const letters = createRedisDeadLetters({ runner: connection, name: 'l' });
    // More than are told of one by one have gone in the end.
    for (let n = 0; n <= 1_000; n++) {
      const letter = { id: `L${String(n)}`, head: '[]', limits: undefined };
      const put = await letters.put({ ...letter, revision: 0, text: '{}' });
      if (put.kind !== 'changed') throw new Error(`It is ${put.kind}`);
      if (n === 0) expect((await letters.heads(undefined, 10)).heads).toHaveLength(1);
      await letters.put({ ...letter, revision: put.revision, text: undefined });
    }
    expect(await letters.get('L0')).toMatchObject({ text: undefined });
    expect((await letters.heads(undefined, 10)).entries).toBe(0);
    const time = { now: () => 1_000 * HOUR_MS };
    const counters = createRedisCounters({ runner: connection, time, name: 'c', run: 'r' });
    await counters.save([{ type: 'orders', hour: 1_000, row: emptyRow(), writers: [] }]);
    expect((await counters.read()).types()).toEqual(['orders']);
  });

  it('forgets its scripts: they are sent again', async () => {
    const server = await RedisServer.forTest();
    const locks = await openLocks(server.settings());
    expect(await locks.acquire('a', NOW)).toMatchObject({ granted: true });
    await server.client().script('FLUSH');
    expect(await locks.acquire('b', NOW)).toMatchObject({ granted: true });
  });

  it('has no database of that number: an error, and nothing is written into another one', async () => {
    const server = await RedisServer.forTest();
    const locks = await openLocks(server.settings({ database: 99 }));
    const refused = { code: 'STORE_DATABASE_UNKNOWN', message: expect.stringMatching(/Database/) };
    for (const key of ['a', 'b']) {
      await expect(locks.acquire(key, NOW)).rejects.toMatchObject(refused);
    }
    expect(locks.connection.state.kind).toBe('disconnected');
    expect(await server.client().dbsize()).toBe(0);
  });

  it('may only be read: nothing is granted, until it may be written', async () => {
    const master = await RedisServer.forTest();
    const server = await RedisServer.forTest('--replicaof', `127.0.0.1 ${master.port}`);
    const locks = await openLocks(server.settings());
    expect(await locks.acquire('a', NOW)).toMatchObject({ reason: 'unavailable' });
    expect(locks.connection.state).toMatchObject({
      kind: 'disconnected',
      why: expect.stringMatching(/READONLY/),
    });
    await server.client().replicaof('NO', 'ONE');
    await settles(() => expect(locks.connection.state.kind).toBe('connected'));
    expect(await locks.acquire('a', NOW)).toMatchObject({ granted: true });
  });

  it('holds keys of another program under our prefix: they are named and left as they are', async () => {
    const server = await RedisServer.forTest();
    const redis = server.client();
    await redis.set('ru:event:E-1', 'theirs');
    await redis.hset('ru:lock:b', 'field', 'theirs');
    await redis.set('ru:queue:ru:lock:c', 'theirs');
    const locks = await openLocks(server.settings());
    const foreign = { code: 'STORE_KEY_FOREIGN', message: expect.stringMatching(/Key prefix/) };
    await expect(createRedisSeenEvents(locks.connection).check(EVENT)).rejects.toMatchObject(
      foreign,
    );
    // Nobody else fails with them, although all are asked for at once.
    const all = await Promise.allSettled(['b', 'd', 'c'].map(key => locks.acquire(key, NOW)));
    expect(all).toMatchObject([
      { status: 'rejected', reason: foreign },
      { status: 'fulfilled', value: { granted: true } },
      { status: 'rejected', reason: foreign },
    ]);
    await redis.set('ru:fence', 'theirs');
    await expect(locks.acquire('a', NOW)).rejects.toMatchObject(foreign);
    expect(await redis.get('ru:event:E-1')).toBe('theirs');
    expect(await redis.get('ru:fence')).toBe('theirs');
    expect(await redis.hget('ru:lock:b', 'field')).toBe('theirs');
    expect(await redis.get('ru:queue:ru:lock:c')).toBe('theirs');
    expect(locks.size).toBe(1);
  });
});

describe.skipIf(!hasRedis)('over TLS', () => {
  it('with the certificates of the configuration; one that is not trusted is no connection', async () => {
    const tlsPort = await freePort();
    const server = await RedisServer.forTest('--tls-port', String(tlsPort), ...TLS_ARGS);
    const trusted = await openConnection(server.settings({ port: tlsPort, tls: TRUSTING }));
    expect((await trusted.probe()).map(({ kind }) => kind)).toEqual(['forgets']);
    const untrusted = await openConnection(server.settings({ port: tlsPort, tls: {} }));
    await expect(untrusted.probe()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/certificate/),
    });
  });
});

describe.skipIf(!hasRedis)('a lock that other programs know', () => {
  const NAME = 'LOCK:ORDER:4711';
  const shared = { ...PATIENT, isShared: true };

  it('is exactly that key, as text with a time to live, which SET NX respects', async () => {
    const server = await RedisServer.forTest();
    const redis = server.client();
    const locks = await openLocks(server.settings());
    const lease = await locks.acquire(NAME, shared);
    if (!lease.granted) throw new Error(lease.reason);
    expect(await redis.set(NAME, 'theirs', 'PX', 1000, 'NX')).toBeNull();
    expect(await redis.get(NAME)).toBe(lease.token);
    expect(await redis.pttl(NAME)).toBeGreaterThan(0);
    await lease.release();
    expect(await redis.set(NAME, 'theirs', 'PX', 60_000, 'NX')).toBe('OK');
  });

  it('is waited for while another program holds it, and never taken away', async () => {
    const server = await RedisServer.forTest();
    const redis = server.client();
    const forever = vi.fn();
    const locks = await openLocks(server.settings(), { onForever: forever });
    await redis.set(NAME, 'theirs', 'PX', 600_000, 'NX');
    expect(await locks.acquire(NAME, { ...shared, waitMs: 0 })).toMatchObject({
      reason: 'timeout',
    });
    expect(await redis.get(NAME)).toBe('theirs');
    expect(forever).not.toHaveBeenCalled();
    const next = locks.acquire(NAME, shared);
    await redis.del(NAME);
    expect(await next).toMatchObject({ granted: true });
  });

  it('that another program holds without an end is told of once, and respected', async () => {
    const server = await RedisServer.forTest();
    const redis = server.client();
    const forever = vi.fn();
    const locks = await openLocks(server.settings(), { onForever: forever });
    await redis.set(NAME, 'theirs');
    const waiting = locks.acquire(NAME, shared);
    await settles(() => expect(forever).toHaveBeenCalledWith(NAME));
    expect(await locks.acquire(NAME, { ...shared, waitMs: 0 })).toMatchObject({
      reason: 'timeout',
    });
    expect(forever).toHaveBeenCalledOnce();
    expect(await redis.get(NAME)).toBe('theirs');
    await redis.del(NAME);
    expect(await waiting).toMatchObject({ granted: true });
  });

  it('that is taken over by another program after its end is not given back by us', async () => {
    const server = await RedisServer.forTest();
    const redis = server.client();
    const locks = await openLocks(server.settings());
    const lease = await locks.acquire(NAME, shared);
    if (!lease.granted) throw new Error(lease.reason);
    await redis.set(NAME, 'theirs', 'PX', 600_000);
    expect(await lease.release()).toBe(false);
    expect(await redis.get(NAME)).toBe('theirs');
  });
});
