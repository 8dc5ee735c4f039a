// Two Node-RED that share a queue: here two stores on one Redis, of which neither knows anything of the other.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/root.mjs';
import {
  QUEUE_DEFAULTS,
  QUEUE_FIELDS,
  type UpdateQueueConfig,
} from '../../nodes/update-queue/config';
import {
  differencesOf,
  labelOf,
  readUse,
  settingsInUse,
  wordsOf,
  type QueueUse,
} from '../../nodes/update-queue/use';
import { catcher, inboxes, queueNode, storeNode, type FlowNode } from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { hasRedis, RedisServer } from '../support/redis/server';
import { nothingUnhandled } from '../support/redis/unhandled';

useNodeRed();

const NAME = { queueName: 'orders' };

function pair(
  server: RedisServer,
  here: Partial<UpdateQueueConfig>,
  there: Partial<UpdateQueueConfig>,
): FlowNode[] {
  const at = { keep: 'redis', server: `127.0.0.1:${server.port}`, prefix: 'ru:' } as const;
  return [
    storeNode(at),
    storeNode(at, 'store-2'),
    queueNode('here', [['next'], [], []], { ...NAME, ...here }),
    queueNode('there', [['next-2'], [], []], { ...NAME, ...there, store: 'store-2' }),
    ...inboxes('next', 'next-2'),
    ...catcher(),
  ];
}

const told = (flow: Flow): string[] => flow.warnings.filter(text => text.includes('Another Node'));

describe.skipIf(!hasRedis)('settings of one queue in two Node-RED', () => {
  nothingUnhandled();

  it('that differ are told once, each with both values, shown in the status, and change nothing', async () => {
    const server = await RedisServer.forTest();
    const there = { mode: 'order', batchSize: 20 } as const;
    const flow = await Flow.start(pair(server, {}, there));
    const [warning] = await flow.until(
      () => (told(flow).length > 0 ? told(flow) : undefined),
      'it',
    );
    expect(warning).toMatch(/orders/);
    expect(warning).toMatch(
      /Several updates of a record \(.*merge.* here, .*order.* there\)|Several updates of a record \(.*order.* here, .*merge.* there\)/,
    );
    expect(warning).toMatch(/Updates per batch \((12 here, 20|20 here, 12) there\)/);
    const status = await flow.shows('there', 'update-queue.status.differs');
    expect(status).toMatchObject({ fill: 'yellow', shape: 'ring' });
    flow.send('here', { key: 'A', payload: { a: 1 } });
    await flow.until(() => flow.inbox('next')[0] ?? flow.inbox('next-2')[0], 'the update');
    // Where it takes longer than usual, the other one has told it, too.
    expect(new Set(told(flow)).size).toBe(told(flow).length);
  });

  it('that are the same are not', async () => {
    const server = await RedisServer.forTest();
    // Of different nodes, each reads its own messages as it likes.
    const flow = await Flow.start(
      pair(server, { key: 'id' }, { key: 'order.id', batchSize: '12' }),
    );
    await flow.until(
      () => flow.statuses.find(({ status }) => String(status.text).includes('connect')),
      'the connection',
    );
    const users = (): Promise<number> =>
      server.ask(client => client.hlen('ru:updates:orders:users'));
    while ((await users()) < 2) await new Promise(resolve => setTimeout(resolve, 20));
    // Both are heard: what the second one heard of the first comes with the same answer.
    flow.send('there', { key: 'x', order: { id: 'A' }, payload: { a: 1 } });
    await flow.until(() => flow.inbox('next')[0] ?? flow.inbox('next-2')[0], 'the update');
    expect(told(flow)).toEqual([]);
  });

  it('a node that is stopped says so', async () => {
    const server = await RedisServer.forTest();
    const flow = await Flow.start(pair(server, {}, { mode: 'order' }));
    await flow.until(() => told(flow)[0], 'the warning');
    await flow.stop();
    expect(await server.ask(client => client.hlen('ru:updates:orders:users'))).toBe(0);
    expect(await server.ask(client => client.hkeys('ru:queues'))).toEqual(['orders']);
  });

  it('a register that is another program’s is told once, and the queue goes on', async () => {
    const server = await RedisServer.forTest();
    await server.ask(client => client.set('ru:queues', 'theirs'));
    const flow = await Flow.start(pair(server, {}, { mode: 'order' }));
    flow.send('here', { key: 'A', payload: { a: 1 } });
    await flow.until(() => flow.inbox('next')[0] ?? flow.inbox('next-2')[0], 'the update');
    await flow.until(() => flow.warnings.find(text => text.includes('ru:queues')), 'a warning');
  });
});

describe('how a node uses its queue', () => {
  const use = (config: Partial<UpdateQueueConfig> = {}, node = 'a'): QueueUse => ({
    node,
    label: node,
    host: 'h',
    since: '2026-02-08T10:00:00.000Z',
    settings: settingsInUse({ ...QUEUE_DEFAULTS, ...config }),
  });
  const names = (one: QueueUse, other: QueueUse): string[] =>
    differencesOf(one, other).map(({ name }) => name);

  it('compares what counts, as it is', () => {
    expect(names(use(), use({ batchSize: '12' }))).toEqual([]);
    expect(names(use(), use({ batchSize: '13', limit: 5 }))).toEqual(['batchSize', 'limit']);
    // Only with a hold do they count.
    expect(names(use({ hold: false }), use({ hold: false, holdFrom: 99 }))).toEqual([]);
    expect(names(use(), use({ hold: false }))).toEqual(['hold']);
  });

  it('compares what a node makes of its messages with the same node only', () => {
    const other = { key: 'id', eventTime: 'at', eventTimeType: 'msg' } as const;
    expect(names(use(), use(other, 'b'))).toEqual([]);
    expect(names(use(), use(other))).toEqual(['key', 'eventTime', 'eventTimeType']);
  });

  it('takes no harm from what another version has said, or nobody of ours', () => {
    for (const text of ['', 'null', '{}', '[1]', '{"settings":{"mode":1}}', '{"settings":null}']) {
      expect(readUse(text)).toBeUndefined();
    }
    const later = { ...use(), settings: { mode: 'merge', later: 'x' } };
    expect(differencesOf(use(), later)).toEqual([]);
    expect(readUse(JSON.stringify(later))).toEqual(later);
  });

  it('has words for each of its settings, and keeps long ones short', () => {
    const texts = ['update-queue', 'shared'].map(
      name =>
        JSON.parse(readFileSync(inRoot(`locales/en-US/${name}.json`), 'utf8')) as Record<
          string,
          unknown
        >,
    );
    const textAt = (key: string): unknown =>
      texts
        .map(catalogue =>
          key
            .split('.')
            .reduce<unknown>(
              (at, part) => (at as Record<string, unknown> | undefined)?.[part],
              catalogue,
            ),
        )
        .find(text => text !== undefined);
    const all = { ...QUEUE_DEFAULTS, hold: true, peak: true, eventTimeType: 'msg' as const };
    const inUse = Object.keys(settingsInUse(all)) as (keyof typeof QUEUE_FIELDS)[];
    expect(inUse.length).toBeGreaterThan(25);
    for (const name of inUse) expect(textAt(labelOf(name)), name).toBeTypeOf('string');
    for (const name of ['mode', 'batches', 'whenFull'] as const) {
      for (const option of QUEUE_FIELDS[name].options) {
        expect(textAt(wordsOf(name, option) ?? ''), option).toBeTypeOf('string');
      }
    }
    const long = settingsInUse({ ...QUEUE_DEFAULTS, key: 'x'.repeat(5000) });
    expect(JSON.stringify(long).length).toBeLessThan(2000);
  });
});
