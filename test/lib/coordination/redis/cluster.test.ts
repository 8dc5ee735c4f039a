import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { freePort } from '../../../../scripts/lib/free-port.mjs';
import type { RedisConnection } from '../../../../lib/coordination/redis/connection';
import type { Finding } from '../../../../lib/coordination/redis/findings';
import { createRedisLocks } from '../../../../lib/coordination/redis/locks';
import { createRedisSeenEvents } from '../../../../lib/coordination/redis/seen-events';
import { systemTime } from '../../../../lib/retry/time';
import { RedisCluster } from '../../../support/redis/cluster';
import { openConnection, openLocks } from '../../../support/redis/open';
import { hasRedis, RedisServer, TRUSTING } from '../../../support/redis/server';
import { nothingUnhandled } from '../../../support/redis/unhandled';

const NOW = { leaseMs: 30_000, waitMs: 0 };
const PATIENT = { leaseMs: 30_000, waitMs: 600_000 };
const EVENT = { id: 'E-1', windowMs: 600_000, claimMs: 600_000 };

const settles = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 240_000, interval: 5 });

const is = (kind: string, { state }: RedisConnection): void => expect(state.kind).toBe(kind);

describe.skipIf(!hasRedis)('on a cluster', () => {
  nothingUnhandled();
  let cluster: RedisCluster;
  let count = 0;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.end());

  /** A store whose keys nobody else uses. */
  const own = (prefix = `store ${++count}:`): ReturnType<RedisCluster['settings']> =>
    cluster.settings({ prefix });

  describe('a lock that other programs know', () => {
    it.each([
      'LOCK:ORDER:4711',
      'LOCK:{order}:4711',
      'store{',
      'a}b',
      '{}c',
      '}',
      'Größe {} in {mm}',
      '{store 0:}lock:1',
    ])('%s is exactly that key, wherever it lies, and is handed on', async name => {
      const settings = own();
      const [locks, elsewhere] = [await openLocks(settings), await openLocks(settings)];
      const shared = { ...PATIENT, isShared: true };
      const lease = await locks.acquire(name, shared);
      if (!lease.granted) throw new Error(lease.reason);
      const owner = await cluster.ownerOf(name);
      expect(await owner.ask(client => client.get(name))).toBe(lease.token);
      const onWait = vi.fn();
      const next = elsewhere.acquire(name, { ...shared, onWait });
      await settles(() => expect(onWait).toHaveBeenCalled());
      await lease.release();
      const second = await next;
      if (!second.granted) throw new Error(second.reason);
      expect(second.fence).toBeGreaterThan(lease.fence);
      await second.release();
      expect(await owner.ask(client => client.exists(name))).toBe(0);
    });
  });

  it('wakes whoever waits by a message, on whichever server the lock lies', async () => {
    const settings = own();
    const connection = await openConnection(settings);
    const heard = new Set<string>();
    connection.listen(`${connection.prefix}wake:test`, message => heard.add(message));
    // Until the subscription has reached the server.
    await settles(async () => {
      for (const { port } of cluster.servers) {
        const server = cluster.servers.find(one => one.port === port);
        await server?.ask(client => client.publish(`${connection.prefix}wake:test`, String(port)));
      }
      expect(heard.size).toBe(cluster.servers.length);
    });
  });

  it('a store with a hash tag of its own keeps that', async () => {
    const connection = await openConnection(own('{plant}:a:'));
    expect(connection.prefix).toBe('{plant}:a:');
    const events = createRedisSeenEvents(connection);
    const same = { record: 'R', target: 'done', windowMs: 600_000 };
    expect(await events.check({ ...EVENT, same })).toMatchObject({ first: true });
    expect(await events.check({ ...EVENT, id: 'E-2', same })).toMatchObject({ by: 'same-target' });
  });

  it('every master is looked at, and what is found is told once', async () => {
    const settings = own();
    const [someone] = cluster.servers;
    await someone?.ask(async client => {
      await client.config('SET', 'maxmemory', '50mb');
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    });
    onTestFinished(async () => {
      await someone?.ask(client => client.config('SET', 'maxmemory', '0'));
    });
    const found = vi.fn<(findings: readonly Finding[]) => void>();
    const connection = await openConnection(settings, { onFindings: found });
    await settles(() => expect(found).toHaveBeenCalled());
    const kinds = (findings: readonly Finding[] = []): string[] =>
      findings.map(({ kind }) => kind).sort();
    expect(kinds(found.mock.calls[0]?.[0])).toEqual(['evicts', 'forgets']);
    expect(kinds(await connection.probe())).toEqual(['evicts', 'forgets']);
  });

  it('a user of the access list as the documentation has it', async () => {
    const user = [
      'on',
      '>pw',
      '~{flows:}*',
      '&{flows:}*',
      '+@all',
      '-@dangerous',
      '+info',
      '+cluster|slots',
    ];
    for (const server of cluster.servers) {
      await server.ask(client => client.call('ACL', 'SETUSER', 'flows', ...user));
    }
    const settings = cluster.settings({ prefix: 'flows:', user: 'flows', password: 'pw' });
    const locks = await openLocks(settings);
    const elsewhere = await openLocks(settings);
    const lease = await locks.acquire('a', NOW);
    if (!lease.granted) throw new Error(lease.reason);
    const next = elsewhere.acquire('a', PATIENT);
    await lease.release();
    expect(await next).toMatchObject({ granted: true });
    expect(await locks.connection.probe()).toMatchObject([{ kind: 'forgets' }]);
    await expect(locks.acquire('LOCK:1', { ...NOW, isShared: true })).rejects.toMatchObject({
      code: 'STORE_NOT_PERMITTED',
    });
    // The lock and the helper keys beside it.
    for (const server of cluster.servers) {
      await server.ask(client => client.call('ACL', 'SETUSER', 'flows', '~LOCK:*', '~{LOCK:*'));
    }
    const byName = await locks.acquire('LOCK:1', { ...NOW, isShared: true });
    expect(byName).toMatchObject({ granted: true });
  });

  it('settings that cannot work: errors that name the field', async () => {
    const server = await RedisServer.forTest();
    const noCluster = [{ host: '127.0.0.1', port: server.port }];
    const nowhere = [{ host: '127.0.0.1', port: await freePort() }];
    const elsewhere = (
      await Promise.all(
        cluster.servers.map(async one => [one, await cluster.ownerOf('ru:ready')] as const),
      )
    ).find(([one, owner]) => one !== owner)?.[0];
    const cases = [
      [own(), { user: 'nobody', password: 'hunter2' }, 'STORE_SIGN_IN_FAILED', /User and Password/],
      [own(), { nodes: noCluster }, 'STORE_SERVER_KIND', /under Server/],
      [own(), { nodes: nowhere }, 'STORE_UNAVAILABLE', /ECONNREFUSED/],
      [elsewhere?.settings(), {}, 'STORE_SERVER_KIND', /under Server/],
    ] as const;
    for (const [settings, wrong, code, message] of cases) {
      if (settings === undefined) throw new Error('no server');
      const connection = await openConnection({ ...settings, ...wrong });
      const refused = { code, message: expect.stringMatching(message) };
      await expect(createRedisSeenEvents(connection).check(EVENT)).rejects.toMatchObject(refused);
      await expect(connection.probe()).rejects.toMatchObject(refused);
      is('disconnected', connection);
      connection.close();
    }
    await expect(openConnection(own('}'))).rejects.toMatchObject({ code: 'STORE_PREFIX_INVALID' });
  });

  it.each([
    ['that holds the keys of the store', true],
    ['that does not', false],
  ])('kill -9 of a master %s: says so, and goes on by itself', async (_, isOwner) => {
    const locks = await openLocks(own());
    const { connection } = locks;
    expect(await locks.acquire('a', NOW)).toMatchObject({ granted: true });
    const owner = await cluster.ownerOf(`${connection.prefix}ready`);
    const victim = cluster.servers.find(server => (server === owner) === isOwner);
    await victim?.kill();
    onTestFinished(async () => {
      await victim?.start();
      await cluster.isReady();
    });
    await settles(() => is('disconnected', connection));
    // On a busy machine, that nobody answers is noticed first.
    expect(connection.state.why).toMatch(
      isOwner ? /ECONNREFUSED|CLUSTERDOWN|no answer within/ : /CLUSTERDOWN|no answer within/,
    );
    expect(await locks.acquire('b', { ...NOW })).toMatchObject({ reason: 'unavailable' });
    const refused = { code: 'STORE_UNAVAILABLE' };
    await expect(createRedisSeenEvents(connection).check(EVENT)).rejects.toMatchObject(refused);
    const waiting = locks.acquire('c', PATIENT);
    await victim?.start();
    expect(await waiting).toMatchObject({ granted: true });
    await settles(() => is('connected', connection));
  });

  it('SIGSTOP of a master: no answer is told, and it goes on by itself', async () => {
    const locks = await openLocks(own());
    const { connection } = locks;
    expect(await locks.acquire('a', NOW)).toMatchObject({ granted: true });
    const owner = await cluster.ownerOf(`${connection.prefix}ready`);
    owner.signal('SIGSTOP');
    onTestFinished(() => owner.signal('SIGCONT'));
    await settles(() => is('disconnected', connection));
    const waiting = locks.acquire('b', PATIENT);
    owner.signal('SIGCONT');
    expect(await waiting).toMatchObject({ granted: true });
    await settles(() => is('connected', connection));
    await cluster.isReady();
  });

  it('kill -9 of all: says so, and goes on by itself when they are back', async () => {
    const locks = await openLocks(own());
    const { connection } = locks;
    expect(await locks.acquire('a', NOW)).toMatchObject({ granted: true });
    await Promise.all(cluster.servers.map(server => server.kill()));
    await settles(() => is('disconnected', connection));
    const waiting = locks.acquire('b', PATIENT);
    const gone = await openConnection(own());
    await expect(gone.probe()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await Promise.all(cluster.servers.map(server => server.start()));
    expect(await waiting).toMatchObject({ granted: true });
    await settles(() => is('connected', connection));
    await settles(() => is('connected', gone));
    await cluster.isReady();
  });

  it('closes at once with all of them gone, and with some that never were there', async () => {
    const locks = await openLocks(own());
    const nodes = [{ host: '127.0.0.1', port: await freePort() }];
    const never = await openConnection({ ...own(), nodes });
    const nowhere = createRedisLocks({ runner: never, time: systemTime, outage: 'wait' });
    const waiting = [locks.acquire('a', PATIENT), nowhere.acquire('a', PATIENT)];
    await waiting[0];
    for (const server of cluster.servers) server.signal('SIGSTOP');
    onTestFinished(async () => {
      for (const server of cluster.servers) server.signal('SIGCONT');
      await cluster.isReady();
    });
    const more = locks.acquire('b', PATIENT);
    for (const one of [locks, nowhere]) one.close();
    locks.connection.close();
    never.close();
    expect(await more).toMatchObject({ reason: 'closed' });
    expect(await waiting[1]).toMatchObject({ reason: 'closed' });
    await Promise.all([locks.settled(), nowhere.settled()]);
    expect([locks.size, nowhere.size]).toEqual([0, 0]);
  });

  it('keys that move to another server are found there, also in the middle of it', async () => {
    const settings = own();
    const locks = await openLocks(settings);
    const { prefix } = locks.connection;
    const lease = await locks.acquire('a', { ...PATIENT, leaseMs: 600_000 });
    if (!lease.granted) throw new Error(lease.reason);
    const from = await cluster.ownerOf(`${prefix}ready`);
    const to = cluster.servers.find(server => server !== from);
    if (to === undefined) throw new Error('no other server');
    let waiting: Promise<unknown> = Promise.resolve();
    await cluster.move(`${prefix}ready`, from, to, async () => {
      expect(await lease.extend(600_000)).toBe(true);
      // Several keys that are not all there have to wait.
      waiting = locks.acquire('b', PATIENT);
      await locks.connection.probe();
    });
    expect(await waiting).toMatchObject({ granted: true });
    expect(await lease.extend(600_000)).toBe(true);
    await settles(async () => {
      expect(await locks.acquire('c', NOW)).toMatchObject({ granted: true });
    });
    await cluster.move(`${prefix}ready`, to, from, () => Promise.resolve());
  });

  it('a server that keys move to, and that does not answer: nothing is left to end Node-RED', async () => {
    const connection = await openConnection(own());
    await connection.probe();
    const key = `${connection.prefix}ready`;
    const from = await cluster.ownerOf(key);
    const to = cluster.servers.find(server => server !== from);
    if (to === undefined) throw new Error('no other server');
    await cluster.move(key, from, to, async () => {
      to.signal('SIGSTOP');
      await expect(connection.probe()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await settles(() => is('disconnected', connection));
      to.signal('SIGCONT');
      await cluster.isReady();
    });
    await settles(() => is('connected', connection));
    await cluster.move(key, to, from, () => Promise.resolve());
  });
});

describe.skipIf(!hasRedis)('on a cluster of its own', () => {
  nothingUnhandled();

  async function start(options?: { tls: boolean }): Promise<RedisCluster> {
    const cluster = await RedisCluster.start(options);
    onTestFinished(() => cluster.end());
    return cluster;
  }

  it('a master whose replica takes over is left for that', async () => {
    const cluster = await start();
    const locks = await openLocks(cluster.settings());
    const owner = await cluster.ownerOf(`${locks.connection.prefix}ready`);
    await cluster.addReplica(owner);
    const lease = await locks.acquire('a', { ...PATIENT, leaseMs: 600_000 });
    if (!lease.granted) throw new Error(lease.reason);
    await owner.ask(client => client.wait(1, 60_000));
    await owner.kill();
    await settles(() => is('disconnected', locks.connection));
    await settles(() => is('connected', locks.connection));
    expect(await lease.extend(600_000)).toBe(true);
    expect(await locks.acquire('b', NOW)).toMatchObject({ granted: true });
  });

  it('over TLS with the certificates of the configuration; one that is not trusted is no connection', async () => {
    const cluster = await start({ tls: true });
    const locks = await openLocks(cluster.settings({ tls: TRUSTING }));
    expect(await locks.acquire('a', NOW)).toMatchObject({ granted: true });
    await locks.connection.probe();
    const untrusted = await openConnection(cluster.settings({ tls: {} }));
    await expect(untrusted.probe()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/certificate/),
    });
  });
});
