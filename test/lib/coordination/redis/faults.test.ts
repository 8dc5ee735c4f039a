import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest';
import { freePort } from '../../../../scripts/lib/free-port.mjs';
import { createRedisLocks } from '../../../../lib/coordination/redis/locks';
import { createRedisSeenEvents } from '../../../../lib/coordination/redis/seen-events';
import type { AcquireOptions, Lease, RecordLocks } from '../../../../lib/coordination/lock';
import { RedisConnection } from '../../../../lib/coordination/redis/connection';
import { systemTime } from '../../../../lib/retry/time';
import { openConnection, openLocks } from '../../../support/redis/open';
import { hasRedis, RedisServer } from '../../../support/redis/server';
import { TcpProxy } from '../../../support/redis/tcp-proxy';
import { hold } from './holding-process';

const KEY = 'http://mes/orders(1)';
const PATIENT: AcquireOptions = { leaseMs: 30_000, waitMs: 600_000 };

async function held(locks: RecordLocks, options: Partial<AcquireOptions> = {}): Promise<Lease> {
  const result = await locks.acquire(KEY, { ...PATIENT, ...options });
  if (!result.granted) throw new Error(`not acquired: ${result.reason}`);
  return result;
}

const settles = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 240_000, interval: 5 });

describe.skipIf(!hasRedis)('with real faults', () => {
  let folder: string;
  let program: string;
  let server: RedisServer;
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redis-faults-'));
    program = join(folder, 'holding.cjs');
    const { name } = hold;
    const contents = `import { ${name} } from './holding-process'; const [,, port, key, lease] = process.argv; void ${name}(Number(port), key, Number(lease));`;
    const stdin = { contents, resolveDir: import.meta.dirname };
    await build({ stdin, outfile: program, bundle: true, platform: 'node', format: 'cjs' });
    process.on('unhandledRejection', onUnhandled);
  });
  afterAll(() => {
    process.off('unhandledRejection', onUnhandled);
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    server = await RedisServer.start();
  });
  afterEach(async () => {
    await server.end();
    expect(unhandled).toEqual([]);
  });

  /** A process of its own that wants the lock; resolves once it has said what is asked for. */
  async function other(
    leaseMs: number,
    until: 'waits' | 'holds',
  ): Promise<ChildProcess & { said: () => string }> {
    const child = spawn(process.execPath, [program, String(server.port), KEY, String(leaseMs)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await settles(() => expect(output).toContain(until));
    return Object.assign(child, { said: () => output });
  }

  async function kill(child: ChildProcess): Promise<void> {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  it('holds across processes, first come, first served, with growing fences', async () => {
    const [a, b, c] = [
      await openLocks(server.settings()),
      await openLocks(server.settings()),
      await openLocks(server.settings()),
    ];
    const lease = await held(a);
    const order: string[] = [];
    const onWait = vi.fn();
    const second = held(b, { onWait }).then(next => (order.push('b'), next));
    await settles(() => expect(onWait).toHaveBeenCalled());
    const third = held(c, { onWait }).then(next => (order.push('c'), next));
    await settles(() => expect(onWait).toHaveBeenCalledTimes(2));
    await lease.release();
    const fromB = await second;
    await fromB.release();
    const fromC = await third;
    expect(order).toEqual(['b', 'c']);
    expect([lease.fence, fromB.fence, fromC.fence]).toEqual(
      [lease.fence, fromB.fence, fromC.fence].sort((x, y) => x - y),
    );
    expect(new Set([lease.fence, fromB.fence, fromC.fence]).size).toBe(3);
    await fromC.release();
  });

  it('between instances a busy one does not keep the lock for ever', async () => {
    const [a, b] = [await openLocks(server.settings()), await openLocks(server.settings())];
    const order: string[] = [];
    const work = async (locks: RecordLocks, name: string): Promise<void> => {
      const lease = await held(locks);
      order.push(name);
      await lease.release();
    };
    const first = await held(a);
    const mine = Array.from({ length: 40 }, () => work(a, 'a'));
    const onWait = vi.fn();
    const theirs = held(b, { onWait }).then(lease => (order.push('b'), lease.release()));
    await settles(() => expect(onWait).toHaveBeenCalled());
    await first.release();
    await Promise.all([...mine, theirs]);
    expect(order.indexOf('b')).toBeLessThan(20);
  });

  it('kill -9 of the holder: the next one comes when the lease ends', async () => {
    const holder = await other(1500, 'holds');
    const locks = await openLocks(server.settings());
    const next = held(locks);
    await kill(holder);
    const lease = await next;
    expect(lease.fence).toBeGreaterThan(Number(/holds (\d+)/.exec(holder.said())?.[1]));
    await lease.release();
  });

  it('kill -9 of the one who waits first: the next one comes', async () => {
    const locks = await openLocks(server.settings());
    const lease = await held(locks);
    const waiter = await other(30_000, 'waits');
    const patient = await openLocks(server.settings());
    const next = held(patient);
    await kill(waiter);
    await lease.release();
    await (await next).release();
  });

  it('SIGSTOP of the holder: when it goes on it knows at once that its lease is over', async () => {
    const holder = await other(300, 'holds');
    holder.kill('SIGSTOP');
    const locks = await openLocks(server.settings());
    const lease = await held(locks);
    holder.kill('SIGCONT');
    await settles(() => expect(holder.said()).toContain('lost'));
    expect(await lease.extend(30_000)).toBe(true);
    await lease.release();
  });

  it('SIGSTOP of Redis: shows it, grants nothing, goes on by itself', async () => {
    const locks = await openLocks(server.settings());
    const lease = await held(locks);
    server.signal('SIGSTOP');
    onTestFinished(() => server.signal('SIGCONT'));
    const result = await locks.acquire('other', { ...PATIENT, waitMs: 50 });
    expect(result).toMatchObject({ granted: false, reason: 'unavailable' });
    expect(locks.connection.state).toMatchObject({ kind: 'disconnected', why: expect.any(String) });
    expect(lease.signal.aborted).toBe(false);
    const waiting = locks.acquire('other', PATIENT);
    server.signal('SIGCONT');
    const next = await waiting;
    expect(next.granted).toBe(true);
    await settles(() => expect(locks.connection.state.kind).toBe('connected'));
  });

  it.each([
    ['without its data, what it does not know any more is lost', [], false],
    [
      'with an append-only file, what was held is held',
      ['--appendonly', 'yes', '--appendfsync', 'always'],
      true,
    ],
  ])('a restart of Redis: %s', async (_, args, isKept) => {
    const own = await RedisServer.forTest(...args);
    const locks = await openLocks(own.settings());
    const lease = await held(locks, { leaseMs: 60_000 });
    await own.kill();
    await own.start();
    await settles(() => expect(locks.connection.state.kind).toBe('connected'));
    const other = await openLocks(own.settings());
    const result = await other.acquire(KEY, { leaseMs: 60_000, waitMs: 0 });
    expect(result.granted).toBe(!isKept);
    if (result.granted) expect(result.fence).toBeGreaterThan(lease.fence);
    expect(await lease.extend(60_000)).toBe(isKept);
    expect(lease.signal.aborted).toBe(!isKept);
  });

  it('connections that are cut: what was held is held, and given back late where it must be', async () => {
    const proxy = await TcpProxy.forTest(server.port);
    const locks = await openLocks(server.settings({ port: proxy.port }));
    const lease = await held(locks);
    proxy.cut();
    await settles(() => expect(locks.connection.state.kind).toBe('disconnected'));
    const released = lease.release();
    await released;
    await settles(() => expect(locks.connection.state.kind).toBe('connected'));
    const other = await openLocks(server.settings());
    await (await held(other)).release();
  });

  it('a connection that is frozen is given up and made anew', async () => {
    const proxy = await TcpProxy.forTest(server.port);
    const locks = await openLocks(server.settings({ port: proxy.port }));
    await (await held(locks)).release();
    proxy.freeze();
    const waiting = held(locks);
    await settles(() => expect(locks.connection.state.kind).toBe('disconnected'));
    // Only new connections work from now on: the old one stays as it is.
    proxy.heal();
    await (await waiting).release();
  });

  it('answers that are lost: asks again with the same token and has the lock', async () => {
    const proxy = await TcpProxy.forTest(server.port);
    const locks = await openLocks(server.settings({ port: proxy.port }));
    await (await held(locks)).release();
    proxy.dropReplies();
    const waiting = held(locks, { leaseMs: 600_000 });
    const redis = server.client();
    await settles(async () => expect(await redis.exists(`ru:lock:${KEY}`)).toBe(1));
    await settles(() => expect(locks.connection.state.kind).toBe('disconnected'));
    proxy.heal();
    const lease = await waiting;
    expect(await redis.get(`ru:lock:${KEY}`)).toBe(lease.token);
    await lease.release();
  });

  it('an outage ends as busy where that is the setting, also for all who wait', async () => {
    const locks = await openLocks(server.settings(), { outage: 'busy' });
    await held(locks);
    const waiting = locks.acquire(KEY, PATIENT);
    await server.kill();
    expect(await locks.acquire('other', PATIENT)).toMatchObject({ reason: 'unavailable' });
    await settles(() => expect(locks.connection.state.kind).toBe('disconnected'));
    locks.close();
    expect(await waiting).toMatchObject({ granted: false });
  });

  it('an outage lets them go on without the lock where that is the setting, still one at a time here', async () => {
    const locks = await openLocks(server.settings(), { outage: 'without' });
    await server.kill();
    const lease = await held(locks);
    expect(lease.isUnprotected).toBe(true);
    expect(locks.find(KEY, lease.token)).toBe(lease);
    expect(await locks.acquire(KEY, { ...PATIENT, waitMs: 0 })).toMatchObject({
      reason: 'timeout',
    });
    const next = held(locks);
    await lease.release();
    await server.start();
    await (await next).release();
    await settles(async () => {
      const again = await held(locks);
      await again.release();
      expect(again.isUnprotected).toBeUndefined();
    });
  });

  it('seen events in an outage are refused, and known again after it', async () => {
    const connection = await openConnection(server.settings());
    const events = createRedisSeenEvents(connection);
    const event = { id: 'E-1', windowMs: 60_000, claimMs: 60_000 };
    await server.kill();
    await expect(events.check(event)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await server.start();
    await settles(async () => expect(await events.check(event)).toBeDefined());
    expect(await events.check(event)).toMatchObject({ first: false });
  });

  it('a lost answer to the check does not make an event its own duplicate', async () => {
    const proxy = await TcpProxy.forTest(server.port);
    const connection = await openConnection(server.settings({ port: proxy.port }));
    const events = createRedisSeenEvents({
      prefix: 'ru:',
      run: async (script, keys, args) => {
        await connection.run(script, keys, args);
        return connection.run(script, keys, args);
      },
      listen: () => () => undefined,
      onConnected: () => () => undefined,
    });
    expect(await events.check({ id: 'E-1', windowMs: 60_000, claimMs: 60_000 })).toMatchObject({
      first: true,
    });
  });

  it('closes at once with Redis gone, and with one that never was there', async () => {
    const locks = await openLocks(server.settings());
    await held(locks);
    await server.kill();
    locks.close();
    await locks.settled();
    locks.connection.close();
    expect(locks.size).toBe(0);
    const gone = await RedisConnection.open(server.settings({ port: await freePort() }), {
      time: systemTime,
    });
    const nowhere = createRedisLocks({ runner: gone, time: systemTime, outage: 'wait' });
    const waiting = nowhere.acquire(KEY, PATIENT);
    nowhere.close();
    gone.close();
    expect(await waiting).toMatchObject({ reason: 'closed' });
  });
});
