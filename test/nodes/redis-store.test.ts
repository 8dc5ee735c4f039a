import helper from 'node-red-node-test-helper';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest';
import type { RecordStoreConfig } from '../../nodes/record-store/config';
import { orderId } from '../../sandbox/ids';
import type { Sandbox } from '../../sandbox/index';
import {
  bulkNode,
  catcher,
  dedupeNode,
  inboxes,
  lockNode,
  queueNode,
  releaseNode,
  settleNode,
  storeNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { ORDER, ordersAt, requestCount, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { RedisCluster } from '../support/redis/cluster';
import { openLocks } from '../support/redis/open';
import { MASTER, RedisPair } from '../support/redis/sentinels';
import { hasRedis, RedisServer } from '../support/redis/server';

useNodeRed();

describe.skipIf(!hasRedis)('a store on Redis', () => {
  let server: RedisServer;
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);

  beforeAll(() => process.on('unhandledRejection', onUnhandled));
  afterAll(() => process.off('unhandledRejection', onUnhandled));
  beforeEach(async () => {
    server = await RedisServer.start();
  });
  afterEach(async () => {
    await server.end();
    expect(unhandled).toEqual([]);
  });

  const redisStore = (config: Partial<RecordStoreConfig> = {}): FlowNode =>
    storeNode({ keep: 'redis', server: `127.0.0.1:${server.port}`, prefix: 'ru:', ...config });

  function events(config: Partial<RecordStoreConfig> = {}): FlowNode[] {
    return [
      redisStore(config),
      dedupeNode('check', [['first'], ['duplicate']]),
      dedupeNode('confirm', [['done']], { action: 'confirm' }),
      ...inboxes('first', 'duplicate', 'done'),
      ...catcher(),
    ];
  }

  const event = (id: string): Msg => ({ event: { id } });

  async function deployLocks(
    store: Partial<RecordStoreConfig> = {},
    lock: Parameters<typeof lockNode>[2] = {},
  ): Promise<{ flow: Flow; sandbox: Sandbox }> {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      redisStore(store),
      { ...ordersAt(sandbox), store: 'store' } as FlowNode,
      lockNode('acquire', [['acquired'], ['not-acquired']], lock),
      releaseNode('release', [['released']]),
      updateNode('update', [['updated'], ['not-updated']]),
      bulkNode('bulk', [['updated'], ['not-updated'], []]),
      ...inboxes('acquired', 'not-acquired', 'released', 'updated', 'not-updated'),
      ...catcher(),
    ]);
    return { flow, sandbox };
  }

  const OVER = 'bulk-update.status.progress';
  const WITHOUT_LOCK = `${OVER} · bulk-update.status.without-lock`;
  const ONLY_OTHERS = `${OVER} · bulk-update.status.others`;
  const change = (): Msg => ({ key: ORDER, payload: { description: 'x' } });

  describe('for queues', () => {
    const queued = (config: Partial<RecordStoreConfig> = {}): FlowNode[] => [
      redisStore(config),
      queueNode('queue', [['next'], ['superseded'], ['unsettled']]),
      settleNode('settle', [['done'], ['again'], ['given-up']]),
      ...inboxes('next', 'superseded', 'unsettled', 'done', 'again', 'given-up'),
      ...catcher(),
    ];
    const update = (key: string): Msg => ({ key, payload: { a: 1 } });

    it('an outage is shown red, nothing is accepted, settle waits, and all goes on by itself', async () => {
      const flow = await Flow.start(queued());
      flow.send('queue', update('A'));
      const [next] = await flow.count('next', 1);
      await server.kill();
      const status = await flow.shows('queue', 'shared.status.store-disconnected');
      expect(status).toMatchObject({ fill: 'red', shape: 'ring' });
      flow.send('queue', update('B'));
      expect((await flow.count('caught', 1))[0]?.error?.code).toBe('STORE_UNAVAILABLE');
      const outcome = { outcome: 'updated', attempts: [] };
      flow.send('settle', { ...next, update: outcome as never });
      await server.start();
      // What the server kept nothing of is over; it went on by itself all the same.
      await flow.shows('settle', 'update-queue.status.late');
      flow.send('queue', update('C'));
      expect((await flow.count('next', 2))[1]?.key).toBe('C');
      expect(flow.inbox('caught')).toHaveLength(1);
    });

    it('a password that was changed meanwhile is an outage, too, and is put nowhere', async () => {
      await server.client().acl('SETUSER', 'flows', 'on', '>hunter2', '~*', '+@all');
      const flow = await Flow.start(queued(), { store: { user: 'flows', password: 'hunter2' } });
      flow.send('queue', update('A'));
      await flow.count('next', 1);
      await server.client().acl('SETUSER', 'flows', 'resetpass', '>hunter3');
      await server.client().client('KILL', 'USER', 'flows');
      await flow.shows('queue', 'shared.status.store-disconnected');
      const code = async (): Promise<string | undefined> =>
        (await flow.pass('queue', update('B'))).msg.error?.code;
      while ((await code()) !== 'STORE_SIGN_IN_FAILED');
      expect(flow.statuses.at(-1)?.status.text).toBe('shared.status.store-disconnected');
      await server.client().acl('SETUSER', 'flows', 'resetpass', '>hunter2');
      await flow.until(
        () => flow.logs.filter(({ msg }) => String(msg).includes('Connected'))[1],
        'the second connection',
      );
      flow.send('queue', update('C'));
      await flow.until(() => flow.inbox('next').find(({ key }) => key === 'C'), 'the update of C');
      expect(JSON.stringify([flow.logs, flow.errors, flow.statuses])).not.toContain('hunter');
    });

    it('stops within a second with Redis gone', async () => {
      const flow = await Flow.start(queued());
      flow.send('queue', update('A'));
      await flow.count('next', 1);
      await server.kill();
      expect(await flow.stopsWithin(1000)).toBe(true);
    });
  });

  describe('for seen events', () => {
    it('what was confirmed before a restart is known after it', async () => {
      const flow = await Flow.start(events());
      const { at, msg } = await flow.pass('check', event('E-1'));
      expect(at).toBe('first');
      await flow.pass('confirm', msg);
      await flow.end();

      const after = await Flow.start(events());
      const again = await after.pass('check', event('E-1'));
      expect(again).toMatchObject({ at: 'duplicate', msg: { event: { pending: false } } });
      expect((await after.pass('check', event('E-2'))).at).toBe('first');
    });

    it('in an outage: shows it red, refuses to the Catch node, and recovers by itself', async () => {
      const flow = await Flow.start(events());
      expect((await flow.pass('check', event('E-1'))).at).toBe('first');
      await server.kill();
      const status = await flow.shows('check', 'shared.status.store-disconnected');
      expect(status).toMatchObject({ fill: 'red', shape: 'ring' });
      const { at, msg } = await flow.pass('check', event('E-2'));
      expect([at, msg.error?.code]).toEqual(['caught', 'STORE_UNAVAILABLE']);
      expect(flow.statuses.filter(({ status: { text } }) => text?.endsWith('.error'))).toEqual([]);

      await server.start();
      await flow.until(
        () => flow.logs.filter(({ msg }) => String(msg).includes('Connected'))[1],
        'the second connection',
      );
      expect((await flow.pass('check', event('E-2'))).at).toBe('first');
    });

    it('stops within a second with Redis gone', async () => {
      const flow = await Flow.start(events());
      await flow.pass('check', event('E-1'));
      await server.kill();
      expect(await flow.stopsWithin(1000)).toBe(true);
    });

    it.each([
      [{ server: '' }, 'STORE_ADDRESS_INVALID'],
      [{ server: 'redis://user:hunter2@host' }, 'STORE_ADDRESS_INVALID'],
      [{ prefix: '' }, 'STORE_PREFIX_INVALID'],
      [{ tls: 'gone' }, 'CONFIG_NODE_MISSING'],
      [{ server: 'a:6379, b:6379' }, 'STORE_ADDRESS_INVALID'],
      [{ mode: 'sentinel', server: 'a', master: '' }, 'STORE_MASTER_UNKNOWN'],
      [{ mode: 'sentinel', server: 'a/2', master: 'm' }, 'STORE_ADDRESS_INVALID'],
      [{ mode: 'sentinel', server: 'a', master: 'm', database: -1 }, 'NUMBER_INVALID'],
      [{ mode: 'sentinel', server: 'u:hunter2@a', master: 'm' }, 'STORE_ADDRESS_INVALID'],
      [{ mode: 'cluster', server: 'a\nredis://b:7000/1' }, 'STORE_ADDRESS_INVALID'],
      [{ mode: 'cluster', server: ' ,\n' }, 'STORE_ADDRESS_INVALID'],
      [{ mode: 'cluster', server: 'a', prefix: '}' }, 'STORE_PREFIX_INVALID'],
    ] as [Partial<RecordStoreConfig>, string][])(
      'settings that cannot work, %j: an error for every event',
      async (config, code) => {
        const flow = await Flow.start(events(config));
        for (const id of ['E-1', 'E-2']) {
          const { at, msg } = await flow.pass('check', event(id));
          expect([at, msg.error?.code]).toEqual(['caught', code]);
        }
        expect(JSON.stringify([flow.logs, flow.errors])).not.toContain('hunter2');
      },
    );

    it('a wrong password: says so, and puts it nowhere', async () => {
      const guarded = await RedisServer.forTest('--requirepass', 'right');
      const nodes = events({ server: `127.0.0.1:${guarded.port}` });
      const flow = await Flow.start(nodes, { store: { password: 'hunter2' } });
      const { at, msg } = await flow.pass('check', event('E-1'));
      expect([at, msg.error?.code]).toEqual(['caught', 'STORE_SIGN_IN_FAILED']);
      expect(JSON.stringify([flow.logs, flow.errors, flow.statuses])).not.toContain('hunter2');
    });
  });

  describe('for locks', () => {
    it('an update waits for another instance that holds the record', async () => {
      const { flow, sandbox } = await deployLocks();
      const held = await flow.pass('acquire', { key: ORDER });
      expect(held.at).toBe('acquired');
      const elsewhere = await openLocks(server.settings());
      const { url = '', fence = Infinity } = held.msg.lock ?? {};
      const waiting = elsewhere.acquire(url, { leaseMs: 30_000, waitMs: 600_000 });
      await flow.pass('release', held.msg);
      const lease = await waiting;
      if (!lease.granted) throw new Error(lease.reason);
      expect(lease.fence).toBeGreaterThan(fence);

      const before = requestCount(sandbox);
      flow.send('update', change());
      const [latest] = await flow.count('updated', 0);
      expect(latest).toBeUndefined();
      await flow.until(
        () => flow.statuses.find(({ id }) => id === 'update')?.status,
        'the update to begin',
      );
      expect(requestCount(sandbox)).toBe(before);
      await lease.release();
      const [updated] = await flow.count('updated', 1);
      expect(updated?.update).toMatchObject({ outcome: 'updated' });
      expect(updated?.update).not.toHaveProperty('unlocked');
    });

    it('what is held elsewhere for too long is not acquired', async () => {
      const { flow } = await deployLocks({}, { wait: 0 });
      const { msg } = await flow.pass('acquire', { key: ORDER });
      const { url = '' } = msg.lock ?? {};
      await flow.pass('release', msg);
      const elsewhere = await openLocks(server.settings());
      await elsewhere.acquire(url, { leaseMs: 30_000, waitMs: 600_000 });
      const busy = await flow.pass('acquire', { key: ORDER });
      expect(busy.at).toBe('not-acquired');
      expect(busy.msg.update).toMatchObject({ outcome: 'busy', error: { code: 'LOCK_TIMEOUT' } });
    });

    it('a name that other programs know: exactly that key; an update does not lock again under it', async () => {
      const { flow } = await deployLocks({}, { lockBy: 'name', wait: 0 });
      const redis = server.client();
      const { msg } = await flow.pass('acquire', change());
      expect(await redis.get(`LOCK:ORDER:${ORDER}`)).toBe(msg.lock?.token);
      expect(msg.lock).toMatchObject({ name: `LOCK:ORDER:${ORDER}` });
      const updated = await flow.pass('update', msg);
      expect(updated.at).toBe('updated');
      await flow.pass('release', updated.msg);
      expect(await redis.exists(`LOCK:ORDER:${ORDER}`)).toBe(0);
      await redis.set(`LOCK:ORDER:${ORDER}`, 'theirs');
      expect((await flow.pass('acquire', change())).at).toBe('not-acquired');
      expect(await redis.get(`LOCK:ORDER:${ORDER}`)).toBe('theirs');
      expect(flow.warnings.join('\n')).toMatch(/LOCK:ORDER:.*time to live/);
    });

    it('a name that asks for what the key does not have is an error that names it', async () => {
      const { flow } = await deployLocks({}, { lockBy: 'name', lockName: 'L:{plant}:{id}' });
      const { at, msg } = await flow.pass('acquire', change());
      expect([at, msg.error?.code]).toEqual(['caught', 'LOCK_NAME_INVALID']);
      expect(msg.error?.message).toContain('{plant}');
    });

    it('an outage, where locks go on: the update is done, and says that it had no lock', async () => {
      const { flow } = await deployLocks({ outage: 'without' });
      await server.kill();
      const { at, msg } = await flow.pass('update', change());
      expect(at).toBe('updated');
      expect(msg.update).toMatchObject({ outcome: 'updated', unlocked: true });
      await flow.shows('update', 'shared.status.without-lock');
      const held = await flow.pass('acquire', { key: ORDER });
      expect(held.msg.lock).toMatchObject({ unlocked: true });
      await flow.pass('release', held.msg);
    });

    it('an outage, where locks end as busy: nothing is sent, and the result says why', async () => {
      const { flow, sandbox } = await deployLocks({ outage: 'busy' });
      await server.kill();
      const before = requestCount(sandbox);
      for (const node of ['update', 'acquire']) {
        const { at, msg } = await flow.pass(node, change());
        expect(at).toMatch(/^not-/);
        const error = { code: 'STORE_UNAVAILABLE' };
        expect(msg.update).toMatchObject({ outcome: 'busy', error });
      }
      expect(requestCount(sandbox)).toBe(before);
    });

    it.each([
      ['without', 'updated', { outcome: 'updated', unlocked: true }],
      ['busy', 'not-updated', { outcome: 'busy', error: { code: 'STORE_UNAVAILABLE' } }],
    ] as const)(
      'an outage, where locks are set to "%s": each record of a list says so',
      async (outage, out, result) => {
        const { flow } = await deployLocks({ outage });
        await server.kill();
        const list = [1, 2].map(n => ({ key: orderId(n), changes: { description: 'x' } }));
        flow.send('bulk', { payload: list });
        const over = await flow.count(out, 2);
        for (const msg of over) expect(msg.update).toMatchObject(result);
        await flow.shows('bulk', outage === 'busy' ? ONLY_OTHERS : WITHOUT_LOCK);
      },
    );

    it('an outage, where locks wait: the update is done once Redis is back', async () => {
      const { flow } = await deployLocks();
      await server.kill();
      flow.send('update', change());
      await flow.until(
        () => flow.logs.find(({ msg }) => String(msg).includes('is lost')),
        'the outage',
      );
      expect(flow.inbox('updated')).toHaveLength(0);
      await server.start();
      const [updated] = await flow.count('updated', 1);
      expect(updated?.update).toMatchObject({ outcome: 'updated' });
    });
  });

  describe('saved before there were sentinels and clusters', () => {
    it('is one server', async () => {
      const added = ['mode', 'master', 'database'];
      const has = Object.entries(redisStore()).filter(([name]) => !added.includes(name));
      const [, ...others] = events();
      const flow = await Flow.start([Object.fromEntries(has) as FlowNode, ...others]);
      expect((await flow.pass('check', event('E-1'))).at).toBe('first');
      expect(await server.client().exists('ru:event:E-1')).toBe(1);
    });
  });

  describe('behind sentinels', () => {
    const behind = ({ sentinel }: RedisPair, rest: Partial<RecordStoreConfig> = {}) =>
      ({
        mode: 'sentinel',
        server: `127.0.0.1:1\n redis://127.0.0.1:${sentinel.port} ,`,
        master: MASTER,
        ...rest,
      }) as const;

    it('a message passes, also after kill -9 of the master', async () => {
      const pair = await RedisPair.forTest();
      await pair.isKnown();
      const flow = await Flow.start(events(behind(pair)));
      expect((await flow.pass('check', event('E-1'))).at).toBe('first');
      await pair.loseMaster();
      await flow.shows('check', 'shared.status.store-disconnected');
      await flow.until(
        () => flow.logs.filter(({ msg }) => String(msg).includes('Connected'))[1],
        'the new master',
      );
      expect((await flow.pass('check', event('E-2'))).at).toBe('first');
    });

    it('a password of the sentinels is a credential, and goes to the deployed ones only', async () => {
      const pair = await RedisPair.forTest('requirepass right');
      const nodes = events(behind(pair, { database: 3 }));
      const flow = await Flow.start(nodes, { store: { sentinelPassword: 'right' } });
      expect((await flow.pass('check', event('E-1'))).at).toBe('first');
      const post = async (config: Partial<RecordStoreConfig>, credentials: object = {}) => {
        const body = { config: { ...redisStore(config) }, credentials };
        return helper.request().post('/record-updates/store/store/test').send(body);
      };
      expect((await post(behind(pair))).status).toBe(200);
      for (const changed of [
        { server: '127.0.0.1:1' },
        { master: 'other' },
        { mode: 'cluster' },
      ] as const) {
        const answer = await post(behind(pair, changed));
        expect(answer.body).toMatchObject({ error: { code: 'SECRET_NEEDED' } });
      }
      const wrong = await post(behind(pair), { sentinelPassword: 'hunter2' });
      expect(wrong.body).toMatchObject({ error: { code: 'STORE_SENTINEL_SIGN_IN_FAILED' } });
      const unknown = await post(behind(pair, { master: 'other' }), { sentinelPassword: 'right' });
      expect(unknown.body).toMatchObject({ error: { code: 'STORE_MASTER_UNKNOWN' } });
      expect(JSON.stringify([wrong.body, flow.logs])).not.toContain('hunter2');
    });
  });

  it('on a cluster: events, locks and the Test button', async () => {
    const cluster = await RedisCluster.start();
    onTestFinished(() => cluster.end());
    const addresses = cluster.servers.map(({ port }) => `127.0.0.1:${port}`).join(', ');
    const config = { mode: 'cluster', server: addresses } as const;
    const { flow } = await deployLocks(config, { lockBy: 'name', wait: 0 });
    const { at, msg } = await flow.pass('acquire', change());
    expect([at, msg.lock?.name]).toEqual(['acquired', `LOCK:ORDER:${ORDER}`]);
    await flow.pass('release', msg);
    const body = { config: { ...redisStore(config) }, credentials: {} };
    const answer = await helper.request().post('/record-updates/store/store/test').send(body);
    expect(answer.body).toEqual({ ok: true, findings: [{ kind: 'forgets', values: {} }] });
    await cluster.servers[0]?.kill();
    await flow.shows('acquire', 'shared.status.store-disconnected');
  });

  describe('its Test button', () => {
    const post = async (config: Partial<RecordStoreConfig>, credentials: object = {}) => {
      const body = { config: { ...redisStore(config) }, credentials };
      return helper.request().post('/record-updates/store/store/test').send(body);
    };

    it('connects with the settings of the dialog and tells what it finds', async () => {
      await Flow.start([]);
      const answer = await post({});
      expect([answer.status, answer.body]).toEqual([
        200,
        { ok: true, findings: [{ kind: 'forgets', values: {} }] },
      ]);
    });

    it('says what is wrong', async () => {
      await Flow.start([]);
      const cases: [Partial<RecordStoreConfig>, string][] = [
        [{ server: '' }, 'STORE_ADDRESS_INVALID'],
        [{ server: '127.0.0.1:1' }, 'STORE_UNAVAILABLE'],
      ];
      for (const [config, code] of cases) {
        const answer = await post(config);
        expect([answer.status, (answer.body as { error: { code: string } }).error.code]).toEqual([
          400,
          code,
        ]);
      }
    });

    it('sends a stored password to the deployed server only', async () => {
      const guarded = await RedisServer.forTest('--requirepass', 'right');
      const store = { server: `127.0.0.1:${guarded.port}` };
      await Flow.start([redisStore(store)], { store: { password: 'right' } });
      expect((await post(store)).status).toBe(200);
      const elsewhere = await post({});
      expect(elsewhere.body).toMatchObject({ error: { code: 'SECRET_NEEDED' } });
      expect((await post({}, { password: '' })).status).toBe(200);
    });
  });
});

it('an endpoint whose store is not deployed: an error for every update', async () => {
  const sandbox = await startPractice();
  const flow = await Flow.start([
    { ...ordersAt(sandbox), store: 'gone' } as FlowNode,
    updateNode('update', [['updated'], ['not-updated']]),
    ...inboxes('updated', 'not-updated'),
    ...catcher(),
  ]);
  const { at, msg } = await flow.pass('update', { key: ORDER, payload: { description: 'x' } });
  expect([at, msg.error?.code]).toEqual(['caught', 'STORE_MISSING']);
});

it('two endpoints with one store in this process share its locks', async () => {
  const sandbox = await startPractice();
  const other = { ...ordersAt(sandbox), id: 'other', store: 'store' } as FlowNode;
  const flow = await Flow.start([
    storeNode({ keep: 'memory' }),
    { ...ordersAt(sandbox), store: 'store' } as FlowNode,
    other,
    lockNode('acquire', [['acquired'], ['not-acquired']]),
    lockNode('second', [['acquired'], ['not-acquired']], { endpoint: 'other', wait: 0 }),
    ...inboxes('acquired', 'not-acquired'),
  ]);
  expect((await flow.pass('acquire', { key: ORDER })).at).toBe('acquired');
  expect((await flow.pass('second', { key: ORDER })).at).toBe('not-acquired');
});
