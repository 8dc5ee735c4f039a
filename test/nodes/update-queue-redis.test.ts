import { describe, expect, it } from 'vitest';
import type { RecordStoreConfig } from '../../nodes/record-store/config';
import type { UpdateQueueConfig } from '../../nodes/update-queue/config';
import {
  catcher,
  dedupeNode,
  inboxes,
  queueNode,
  settleNode,
  storeNode,
  type FlowNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { hasRedis, RedisServer } from '../support/redis/server';
import { nothingUnhandled } from '../support/redis/unhandled';

useNodeRed();

const KEPT = ['--appendonly', 'yes', '--appendfsync', 'always'];

const storeAt = (server: RedisServer, config: Partial<RecordStoreConfig> = {}): FlowNode =>
  storeNode({ keep: 'redis', server: `127.0.0.1:${server.port}`, prefix: 'ru:', ...config });

function nodes(store: FlowNode, config: Partial<UpdateQueueConfig> = {}): FlowNode[] {
  return [
    store,
    queueNode('queue', [['next'], ['superseded'], ['unsettled']], config),
    settleNode('settle', [['done'], ['again'], ['given-up']]),
    ...inboxes('next', 'superseded', 'unsettled', 'done', 'again', 'given-up'),
    ...catcher(),
  ];
}

const update = (key: string, more: object = {}): Msg => ({ key, payload: { a: 1 }, ...more });
const UPDATED = { update: { outcome: 'updated', attempts: [] } as never };

const connected = (flow: Flow, times: number): Promise<unknown> =>
  flow.until(
    () => flow.logs.filter(({ msg }) => String(msg).includes('Connected'))[times - 1],
    'the connection',
  );

/** What a Catch node gets. */
async function refused(flow: Flow, msg: Msg): Promise<Msg> {
  const { at, msg: caught } = await flow.pass('queue', msg);
  expect(at).toBe('caught');
  return caught;
}

describe.skipIf(!hasRedis)('update-queue on Redis', () => {
  nothingUnhandled();

  it('in an outage: red, what comes goes to the Catch node whole, what is out is settled once it is back', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const flow = await Flow.start(nodes(storeAt(server)));
    flow.send('queue', update('A'));
    const [out] = await flow.count('next', 1);
    await server.kill();
    const status = await flow.shows('queue', 'shared.status.store-disconnected');
    expect(status).toMatchObject({ fill: 'red', shape: 'ring' });
    const sent = update('B', { topic: 't', deep: { list: [1, { x: null }] } });
    const caught = await refused(flow, sent);
    expect(caught).toMatchObject(sent);
    expect(caught.error?.code).toBe('STORE_UNAVAILABLE');
    flow.send('settle', { ...out, ...UPDATED });
    const before = flow.statuses.length;
    await server.start();
    await flow.count('done', 1);
    await connected(flow, 2);
    flow.send('queue', update('C'));
    expect((await flow.count('next', 2))[1]?.key).toBe('C');
    expect(flow.inbox('next')).toHaveLength(2);
    const since = flow.statuses.slice(before).filter(({ id }) => id === 'queue');
    expect(since.some(({ status: { fill } }) => fill !== 'red')).toBe(true);
  });

  it('that is not there at the start: goes on with what is left as soon as it is, without a message', async () => {
    const server = await RedisServer.forTest(...KEPT);
    const first = await Flow.start(nodes(storeAt(server), { lease: 1 }));
    first.send('queue', update('A'));
    await first.count('next', 1);
    await first.end();
    await server.kill();

    const second = await Flow.start(nodes(storeAt(server), { lease: 1 }));
    await second.shows('queue', 'shared.status.store-disconnected');
    expect(second.inbox('next')).toEqual([]);
    await server.start();
    const [again] = await second.count('next', 1);
    expect(again?.key).toBe('A');
    // On a busy machine the first one may have handed it on again before it ended.
    expect((again?.queue as { readonly deliveries: number }).deliveries).toBeGreaterThan(1);
  });

  it('stops within a second with Redis gone, also while it is asked', async () => {
    const server = await RedisServer.forTest();
    const flow = await Flow.start(nodes(storeAt(server)));
    flow.send('queue', update('A'));
    await flow.count('next', 1);
    await server.kill();
    flow.send('queue', update('B'));
    expect(await flow.stopsWithin(1000)).toBe(true);
  });

  it.each([
    ['without an append-only file each update says that it may be lost, and one warning', [], 1],
    ['with one nothing says so', KEPT, 0],
  ])('%s', async (_what, args, count) => {
    const server = await RedisServer.forTest(...args);
    const flow = await Flow.start(nodes(storeAt(server)));
    for (const key of ['A', 'B']) flow.send('queue', update(key));
    for (const { queue } of await flow.count('next', 2)) {
      expect((queue as { durable?: boolean }).durable).toBe(count > 0 ? false : undefined);
    }
    await flow.until(() => flow.completionsOf('queue')[1], 'both');
    const told = flow.warnings.filter(text => text.includes('may lose what it accepts'));
    expect(told).toHaveLength(count);
  });

  it('one that deletes keys when it is full is warned about, with the fix', async () => {
    const full = ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'];
    const server = await RedisServer.forTest(...KEPT, ...full);
    const flow = await Flow.start(nodes(storeAt(server)));
    const warning = await flow.until(
      () => flow.warnings.find(text => text.includes('allkeys-lru')),
      'the warning',
    );
    expect(warning).toMatch(/waiting updates.*noeviction/);
  });

  it.each<[string, Parameters<RedisServer['ask']>[0] | undefined, Record<string, string>]>([
    ['STORE_SIGN_IN_FAILED', undefined, { user: 'flows', password: 'hunter2' }],
    [
      'STORE_NOT_PERMITTED',
      client => client.call('ACL', 'SETUSER', 'flows', '-@scripting'),
      { user: 'flows', password: 'pw' },
    ],
    [
      'STORE_KEY_FOREIGN',
      client => client.set('ru:updates:queue:data', 'theirs'),
      { user: 'flows', password: 'pw' },
    ],
    [
      'STORE_VERSION_NEWER',
      client => client.hset('ru:updates:queue:data', '#switches', '2 later'),
      { user: 'flows', password: 'pw' },
    ],
  ])('%s for every message, which goes to the Catch node whole', async (code, prepare, secrets) => {
    const server = await RedisServer.forTest(...KEPT);
    const rights = ['on', '>pw', '~*', '&*', '+@all'];
    await server.ask(client => client.call('ACL', 'SETUSER', 'flows', ...rights));
    if (prepare !== undefined) await server.ask(prepare);
    const flow = await Flow.start(nodes(storeAt(server)), { store: secrets });
    for (const key of ['A', 'B']) {
      const caught = await refused(flow, update(key, { topic: 't' }));
      expect(caught.error?.code).toBe(code);
      expect(caught).toMatchObject(update(key, { topic: 't' }));
    }
    expect(JSON.stringify([flow.logs, flow.statuses])).not.toContain('hunter2');
  });
});

describe('a store that several nodes share', () => {
  it('two queues, events and a second node of one queue: each has its own, and what is shared is', async () => {
    const flow = await Flow.start([
      storeNode({ keep: 'memory' }),
      queueNode('queue', [['next'], [], []], { queueName: 'orders' }),
      queueNode('same', [['same-next'], [], []], { queueName: 'orders' }),
      queueNode('other', [['other-next'], [], []]),
      dedupeNode('check', [['first'], ['duplicate']]),
      settleNode('settle', [['done'], [], []]),
      ...inboxes('next', 'same-next', 'other-next', 'first', 'duplicate', 'done'),
      ...catcher(),
    ]);
    flow.send('queue', update('A'));
    const first = await flow.until(
      () => flow.inbox('next')[0] ?? flow.inbox('same-next')[0],
      'the update',
    );
    // The same record waits in the queue that both nodes share, and not in the other one.
    flow.send('same', { key: 'A', payload: { b: 2 } });
    flow.send('other', { key: 'A', payload: { c: 3 } });
    expect((await flow.count('other-next', 1))[0]?.payload).toEqual({ c: 3 });
    expect((await flow.pass('check', { event: { id: 'A' } })).at).toBe('first');
    expect(flow.inbox('next').length + flow.inbox('same-next').length).toBe(1);
    flow.send('settle', { ...first, ...UPDATED });
    const all = (): Msg[] => [...flow.inbox('next'), ...flow.inbox('same-next')];
    await flow.until(() => all()[1], 'the second one');
    expect(all().map(({ payload }) => payload)).toContainEqual({ b: 2 });
  });
});
