import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { freePort } from '../../../../scripts/lib/free-port.mjs';
import type { RedisConnection } from '../../../../lib/coordination/redis/connection';
import { createRedisSeenEvents } from '../../../../lib/coordination/redis/seen-events';
import { openConnection, openLocks } from '../../../support/redis/open';
import { MASTER, RedisPair, sentinelSettings } from '../../../support/redis/sentinels';
import {
  hasRedis,
  RedisServer,
  TLS_ARGS,
  TLS_SETTINGS,
  TRUSTING,
} from '../../../support/redis/server';
import { nothingUnhandled } from '../../../support/redis/unhandled';

const NOW = { leaseMs: 30_000, waitMs: 0 };
const EVENT = { id: 'E-1', windowMs: 600_000, claimMs: 600_000 };

const settles = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 240_000, interval: 5 });

const isConnected = ({ state }: RedisConnection): void => expect(state.kind).toBe('connected');

/** What whoever uses the store is told. */
async function refusal(connection: RedisConnection): Promise<unknown> {
  return createRedisSeenEvents(connection)
    .check(EVENT)
    .catch((error: unknown) => error);
}

describe.skipIf(!hasRedis)('behind sentinels', () => {
  nothingUnhandled();

  it('finds the master, also where the first sentinel is gone', async () => {
    const pair = await RedisPair.forTest();
    const gone = { host: '127.0.0.1', port: await freePort() };
    const sentinels = [gone, ...pair.settings().sentinels];
    const locks = await openLocks(pair.settings({ sentinels, database: 2 }));
    expect(await locks.acquire('a', NOW)).toMatchObject({ granted: true });
    const there = await pair.master.ask(async client => {
      await client.select(2);
      return client.exists('ru:lock:a');
    });
    expect(there).toBe(1);
  });

  it('kill -9 of the master: goes on with the new one by itself, and knows what that had got', async () => {
    const pair = await RedisPair.forTest();
    await pair.isKnown();
    const locks = await openLocks(pair.settings());
    const events = createRedisSeenEvents(locks.connection);
    const before = await locks.acquire('a', NOW);
    expect((await events.check(EVENT)).first).toBe(true);
    await pair.master.ask(client => client.wait(1, 60_000));

    await pair.loseMaster();
    await settles(() => expect(locks.connection.state.kind).toBe('disconnected'));
    const waiting = locks.acquire('b', { ...NOW, waitMs: 600_000 });
    const lease = await waiting;
    if (!lease.granted || !before.granted) throw new Error('not granted');
    expect(lease.fence).toBeGreaterThan(before.fence);
    await settles(() => isConnected(locks.connection));
    expect(await events.check(EVENT)).toMatchObject({ first: false, pending: true });
    expect(await pair.replica.ask(client => client.exists('ru:lock:b'))).toBe(1);
    expect(await before.extend(30_000)).toBe(true);
  });

  it('a master that becomes a replica is left for the new one', async () => {
    const pair = await RedisPair.forTest();
    await pair.isKnown();
    const connection = await openConnection(pair.settings());
    await connection.probe();
    // As an administrator may do it, and without the sentinel: the connection stays.
    await pair.master.ask(client => client.replicaof('127.0.0.1', pair.replica.port));
    expect(await refusal(connection)).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/READONLY/),
    });
    expect(connection.state).toMatchObject({ kind: 'disconnected' });
    await pair.replica.ask(client => client.replicaof('NO', 'ONE'));
    await pair.sentinel.ask(async client => {
      await client.call('SENTINEL', 'REMOVE', MASTER);
      await client.call('SENTINEL', 'MONITOR', MASTER, '127.0.0.1', pair.replica.port, 1);
    });
    await settles(() => isConnected(connection));
    expect(await refusal(connection)).toMatchObject({ first: true });
  });

  it('no sentinel: says so, comes by itself when there is one, and closes at once', async () => {
    const pair = await RedisPair.forTest();
    await pair.sentinel.kill();
    const connection = await openConnection(pair.settings());
    const closing = await openConnection(pair.settings());
    expect(await refusal(connection)).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/no sentinel answers .*127\.0\.0\.1:\d+/),
    });
    expect(connection.state).toMatchObject({ kind: 'disconnected' });
    closing.close();
    expect(await refusal(closing)).toMatchObject({ message: expect.stringMatching(/closed/) });
    await pair.sentinel.start();
    await settles(() => isConnected(connection));
    expect(await refusal(connection)).toMatchObject({ first: true });
    expect(closing.state.kind).not.toBe('connected');
  });

  it('settings that cannot work: errors that name the field', async () => {
    const pair = await RedisPair.forTest('requirepass right');
    const noSentinel = { host: '127.0.0.1', port: pair.master.port };
    const cases = [
      [
        { master: 'nobody', sentinelPassword: 'right' },
        'STORE_MASTER_UNKNOWN',
        /Name of the master/,
      ],
      [{ sentinelPassword: 'hunter2' }, 'STORE_SENTINEL_SIGN_IN_FAILED', /Sentinel password/],
      [{}, 'STORE_SENTINEL_SIGN_IN_FAILED', /Sentinel password/],
      [{ sentinels: [noSentinel] }, 'STORE_SERVER_KIND', /26379/],
      [
        { sentinelPassword: 'right', user: 'nobody', password: 'hunter2' },
        'STORE_SIGN_IN_FAILED',
        /Correct User and Password/,
      ],
      [{ sentinelPassword: 'right', database: 99 }, 'STORE_DATABASE_UNKNOWN', /Database/],
    ] as const;
    for (const [settings, code, message] of cases) {
      const connection = await openConnection(pair.settings(settings));
      const refused = { code, message: expect.stringMatching(message) };
      expect(await refusal(connection)).toMatchObject(refused);
      await expect(connection.probe()).rejects.toMatchObject(refused);
      expect(connection.state.kind).toBe('disconnected');
      expect(JSON.stringify([connection.state, await refusal(connection)])).not.toContain(
        'hunter2',
      );
      connection.close();
    }
    const connection = await openConnection(pair.settings({ sentinelPassword: 'right' }));
    await connection.probe();
  });

  it('a name that the sentinels learn later is tried again', async () => {
    const pair = await RedisPair.forTest();
    await pair.sentinel.ask(client => client.call('SENTINEL', 'REMOVE', MASTER));
    const connection = await openConnection(pair.settings());
    // A busy machine may be asked more than once before the sentinel has answered.
    await settles(async () =>
      expect(await refusal(connection)).toMatchObject({ code: 'STORE_MASTER_UNKNOWN' }),
    );
    await pair.sentinel.ask(client =>
      client.call('SENTINEL', 'MONITOR', MASTER, '127.0.0.1', pair.master.port, 1),
    );
    await settles(() => isConnected(connection));
    expect(await refusal(connection)).toMatchObject({ first: true });
  });

  it('over TLS: sentinel and master alike', async () => {
    const port = await freePort();
    await RedisServer.forTest('--tls-port', String(port), ...TLS_ARGS);
    const sentinelPort = await freePort();
    const sentinel = await RedisServer.startSentinel([
      `tls-port ${sentinelPort}`,
      'tls-replication yes',
      ...TLS_SETTINGS.map(([name, value]) => `${name} "${value}"`),
      `sentinel monitor ${MASTER} 127.0.0.1 ${port} 1`,
    ]);
    onTestFinished(() => sentinel.end());
    const connection = await openConnection(sentinelSettings(sentinelPort, { tls: TRUSTING }));
    await connection.probe();
    const untrusted = await openConnection(sentinelSettings(sentinelPort, { tls: {} }));
    expect(await refusal(untrusted)).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/no sentinel answers.*certificate/),
    });
  });
});
