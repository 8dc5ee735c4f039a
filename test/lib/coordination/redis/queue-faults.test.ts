import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { RecordQueue, Taken } from '../../../../lib/coordination/queue/queue';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import type { RedisConnection } from '../../../../lib/coordination/redis/connection';
import { faultOf, StoreUnavailable } from '../../../../lib/coordination/redis/faults';
import { STEP } from '../../../../lib/coordination/redis/queue-scripts';
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

/** What is taken as soon as there may be something. */
function takesOnWork(queue: RecordQueue): ReturnType<RecordQueue['take']>[] {
  const takes: ReturnType<RecordQueue['take']>[] = [];
  const stop = queue.onWork(() => {
    const take = queue.take(1);
    take.catch(() => undefined);
    takes.push(take);
  });
  onTestFinished(stop);
  return takes;
}

async function isLost({ connection }: Opened): Promise<void> {
  const check = (): void => expect(connection.state.kind).toBe('disconnected');
  await vi.waitFor(check, { timeout: 240_000, interval: 10 });
}

async function comesBack(connection: RedisConnection): Promise<void> {
  await vi.waitFor(
    () => {
      expect(connection.state.kind).toBe('connected');
    },
    { timeout: 240_000, interval: 10 },
  );
}

/** How many a server has carried out, scripts among them. */
async function commandsIn(server: RedisServer): Promise<string | undefined> {
  const info = await server.ask(client => client.info('commandstats'));
  return /cmdstat_evalsha:calls=(\d+)/.exec(info)?.[1];
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

  it('an answer that is lost once: asked for again, done once', async () => {
    const opened = await viaProxy();
    const { queue, connection } = opened;
    const run = connection.run.bind(connection);
    let lost = 0;
    vi.spyOn(connection, 'run').mockImplementation(async (script, keys, args) => {
      const answer = await run(script, keys, args);
      if (script !== STEP || args[0] === '' || args[1] === '1') return answer;
      lost += 1;
      throw new StoreUnavailable('the answer is lost');
    });
    const puts = ['r', 's', 't'].map(record => queue.put(updateOf({ record, changes: { a: 1 } })));
    for (const put of await Promise.all(puts)) expect(put).toMatchObject({ state: 'queued' });
    expect(lost).toBe(1);
    const { taken } = await queue.take(10);
    const settled = await Promise.all(taken.map(({ ticket }) => queue.settle(ticket, DONE)));
    expect(settled).toEqual(Array(3).fill({ state: 'done' }));
    expect(lost).toBe(2);
    const stats = { accepted: 3, done: 3, waiting: 0, inFlight: 0 };
    expect(await queue.stats()).toMatchObject(stats);
  });

  it('what is settled and what is taken after it go together; where the answer is lost, both are done once', async () => {
    const opened = await viaProxy();
    const { queue, connection } = opened;
    for (const record of ['r', 's']) await queue.put(updateOf({ record, changes: { a: 1 } }));
    const { ticket } = await takeOne(opened);
    const run = connection.run.bind(connection);
    let lost = 0;
    const spy = vi.spyOn(connection, 'run').mockImplementation(async (script, keys, args) => {
      const answer = await run(script, keys, args);
      if (script !== STEP || args[1] === '1') return answer;
      lost += 1;
      throw new StoreUnavailable('the answer is lost');
    });
    const takes = takesOnWork(queue);
    expect(await queue.settle(ticket, DONE)).toEqual({ state: 'done' });
    expect(takes).toHaveLength(1);
    const { taken } = (await takes[0]) ?? { taken: [] };
    expect(taken).toMatchObject([{ ticket: { record: 's' }, deliveries: 1 }]);
    // The step, and the same once more.
    expect([lost, spy.mock.calls.length]).toEqual([1, 2]);
    expect(await queue.stats()).toMatchObject({ done: 1, waiting: 0, inFlight: 1 });
  });

  it('a take that fails does not fail what is settled before it, and is told itself', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const opened = await open(server.settings());
    const { queue } = opened;
    await queue.put(updateOf({ record: 'r' }));
    const { ticket } = await takeOne(opened);
    await queue.put(updateOf({ record: 's' }));
    // What only a take needs.
    const due = DATA.replace(/data$/, 'due');
    await server.ask(client => client.multi().rename(due, 'aside').set(due, 'theirs').exec());
    const takes = takesOnWork(queue);
    expect(await queue.settle(ticket, DONE)).toEqual({ state: 'done' });
    await expect(takes[0]).rejects.toMatchObject({ code: 'STORE_KEY_FOREIGN' });
    await server.ask(client => client.rename('aside', due));
    expect(await queue.stats()).toMatchObject({ done: 1, waiting: 1, inFlight: 0 });
  });

  it('what comes after its repetition is not done again', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const { queue, connection } = await open(server.settings());
    const run = vi.spyOn(connection, 'run');
    await queue.put(updateOf({ changes: { a: 1 } }));
    const [script, keys, args] = run.mock.lastCall as Parameters<RedisConnection['run']>;
    await queue.settle((await takeOne({ queue, connection })).ticket, DONE);
    await expect(connection.run(script, keys, args)).rejects.toThrow(/asked again already/);
    expect(await queue.stats()).toMatchObject({ accepted: 1, waiting: 0 });
  });

  it('what is stored of one record is broken: it fails for nobody, and leaves as what it is', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const { queue } = await open(server.settings());
    await queue.put(updateOf({ record: 'r' }));
    await server.ask(client => client.hset(DATA, 'ms', 'broken'));
    const puts = ['r', 's', 't'].map(record => queue.put(updateOf({ record })));
    const settled = await Promise.allSettled(puts);
    expect(settled.map(({ status }) => status)).toEqual(Array(3).fill('fulfilled'));
    expect(await queue.stats()).toMatchObject({ accepted: 4, waiting: 4 });
    const told = vi.fn();
    queue.onGivenUp(told);
    const { taken } = await queue.take(10);
    expect(taken.map(({ ticket }) => ticket.record)).toEqual(['r', 't']);
    const stored = { what: 'update', text: 'broken' };
    expect(told).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ unread: stored }));
    expect((await queue.take(10)).taken.map(({ ticket }) => ticket.record)).toEqual(['s']);
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

  it('no memory left: what waits is handed out although it is asked for with what is refused', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const { queue } = await open(server.settings());
    await queue.put(updateOf());
    await server.ask(client => client.config('SET', 'maxmemory', '1'));
    const takes = takesOnWork(queue);
    const put = queue.put(updateOf({ record: 's' }));
    await expect(put).rejects.toMatchObject({ code: 'STORE_MEMORY_FULL' });
    expect((await takes[0])?.taken).toHaveLength(1);
    expect(await queue.stats()).toMatchObject({ accepted: 1, waiting: 0, inFlight: 1 });
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

  it.each([
    ['a later', '3', 'STORE_VERSION_NEWER'],
    ['an earlier', '1', 'STORE_VERSION_OLDER'],
  ])(
    'a queue that %s version of this package wrote: named, and left as it is',
    async (_when, format, code) => {
      const server = await RedisServer.forTest(...KEPT);
      await server.ask(client => client.hset(DATA, '#switches', `${format} 0 0 0 0 0`));
      const { queue } = await open(server.settings());
      const other = { code, message: expect.stringContaining(DATA) };
      await expect(queue.put(updateOf())).rejects.toMatchObject(other);
      await expect(queue.take(1)).rejects.toMatchObject(other);
      await expect(queue.pause()).rejects.toMatchObject(other);
      expect(await server.ask(client => client.hlen(DATA))).toBe(1);
    },
  );

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

  it('STORE_NOT_PERMITTED where Redis has no command of that name any more for a script', async () => {
    const server = await RedisServer.forTest(...KEPT, '--rename-command', 'HMGET', '');
    const { queue } = await open(server.settings());
    const refused = {
      code: 'STORE_NOT_PERMITTED',
      message: expect.stringMatching(/HMGET|command/),
    };
    await expect(queue.put(updateOf())).rejects.toMatchObject(refused);
  });

  it('where Redis answers but serves nobody, it says so, and what to do; and goes on by itself', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const { queue, connection } = await open(server.settings());
    await queue.put(updateOf());
    expect(connection.state.kind).toBe('connected');
    await server.ask(client => client.config('SET', 'min-replicas-to-write', '1'));
    await expect(queue.put(updateOf())).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/cannot serve now.*NOREPLICAS.*min-replicas-to-write/),
    });
    const lost = connection.state;
    expect(lost).toMatchObject({
      kind: 'disconnected',
      why: expect.stringContaining('NOREPLICAS'),
    });
    const asked = Number(await commandsIn(server));
    // It is the same outage as long as it lasts, and is looked at now and then.
    await settles(async () => expect(Number(await commandsIn(server))).toBeGreaterThan(asked + 2));
    expect(connection.state).toEqual(lost);
    await server.ask(client => client.config('SET', 'min-replicas-to-write', '0'));
    // Nobody has to ask for anything.
    await comesBack(connection);
    await queue.put(updateOf());
  });

  it('where a script of somebody keeps Redis busy, the status says so until that has ended', async () => {
    const server = await RedisServer.forTest(...KEPT, '--lua-time-limit', '20');
    const { queue, connection } = await open(server.settings());
    await queue.put(updateOf());
    const [theirs, admin] = [server.client(), server.client()];
    // Who comes later is told nothing but that.
    await admin.ping();
    const ended = theirs.eval('while true do end', 0).catch(() => undefined);
    await settles(async () => {
      await queue.put(updateOf()).catch(() => undefined);
      expect(connection.state).toMatchObject({
        kind: 'disconnected',
        why: expect.stringContaining('BUSY'),
      });
    });
    await admin.call('SCRIPT', 'KILL');
    await ended;
    await comesBack(connection);
    await queue.put(updateOf());
  });

  it.each([
    ['MISCONF Redis is configured to save RDB snapshots', /its log says why/],
    ["READONLY You can't write against a read only replica.", /address of the master/],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", /master/],
    ['CLUSTERDOWN The cluster is down', /part of the cluster/],
    ['LOADING Redis is loading the dataset in memory', /wait/],
    ['BUSY Redis is busy running a script.', /SCRIPT KILL/],
  ])('%s', (said, fix) => {
    const { message } = faultOf(said, 'ru:');
    expect(message).toContain(said.replace(/\.$/, ''));
    expect(message).toMatch(fix);
    expect(message).not.toContain('address and network');
  });
});
