import { describe, expect, it } from 'vitest';
import type { UpdateQueueConfig } from '../../nodes/update-queue/config';
import { catcher, inboxes, queueNode, settleNode, storeNode } from '../support/flow-nodes';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { hasRedis, RedisServer } from '../support/redis/server';

useNodeRed();

const DATA = 'ru:updates:queue:data';
const update = (key: string, more: object = {}): Msg => ({ key, payload: { a: 1 }, ...more });

/** A queue that is paused, with updates of these records in it. */
async function deploy(
  server: RedisServer,
  records: readonly string[],
  config: Partial<UpdateQueueConfig> = {},
): Promise<Flow> {
  const flow = await Flow.start([
    storeNode({ keep: 'redis', server: `127.0.0.1:${server.port}`, prefix: 'ru:' }),
    queueNode('queue', [['next'], ['superseded'], ['unsettled']], config),
    settleNode('settle', [['done'], ['again'], ['given-up']]),
    ...inboxes('next', 'superseded', 'unsettled', 'done', 'again', 'given-up'),
    ...catcher(),
  ]);
  flow.send('queue', { queue: { action: 'pause' } });
  for (const key of records) flow.send('queue', update(key));
  await flow.until(() => flow.completionsOf('queue')[records.length], 'all of them');
  return flow;
}

/** Changes what is stored of a record, as another program might. */
async function damage(
  server: RedisServer,
  record: string,
  change: (mail: string) => string,
): Promise<void> {
  await server.ask(async client => {
    const mail = (await client.hget(DATA, `m('${record}')`)) ?? '';
    await client.hset(DATA, `m('${record}')`, change(mail));
  });
}

describe.skipIf(!hasRedis)('what another program has changed in the store of a queue', () => {
  it.each([
    ['all of it', () => 'hello', 'hello'],
    ['the message only', (mail: string) => mail.replace(/\n[^\n]*$/, '\n{"_msgid":'), '{"_msgid":'],
    [
      'the message, which is no object any more',
      (mail: string) => mail.replace(/\n[^\n]*$/, '\n5'),
      '5',
    ],
  ])(
    '%s: leaves by given up as it is, told as an error; others are handed on',
    async (_, change, stored) => {
      const server = await RedisServer.forTest();
      const flow = await deploy(server, ['A', 'B', 'C']);
      await damage(server, 'B', change);
      flow.send('queue', { queue: { action: 'resume' } });
      const handed = await flow.count('next', 2);
      expect(handed.map(({ key }) => key).sort()).toEqual(['A', 'C']);
      const [gone] = await flow.count('unsettled', 1);
      expect(gone).toMatchObject({
        queue: { state: 'given-up', record: "('B')", stored },
        update: {
          outcome: 'exhausted',
          key: "('B')",
          error: {
            code: 'STORED_UPDATE_UNREADABLE',
            message: expect.stringMatching(/record "\('B'\)" in the queue "queue".*by hand/),
          },
        },
      });
      const told = flow.logs
        .map(({ msg }) => String(msg))
        .filter(msg => /\('B'\).*queue/.test(msg));
      expect(told.join()).toContain('cannot be read');
    },
  );

  it('what was noted of a write: the update leaves as uncertain, with what was noted', async () => {
    const server = await RedisServer.forTest();
    const flow = await deploy(server, ['A', 'B']);
    await damage(server, 'B', mail => mail.replace(/^(.*\n\d+ \d+ \d+ )(\d+) - /, '$11 4 {"ba'));
    flow.send('queue', { queue: { action: 'resume' } });
    const [gone] = await flow.count('unsettled', 1);
    expect(gone).toMatchObject({
      key: 'B',
      payload: { a: 1 },
      queue: { state: 'given-up', record: "('B')", note: '{"ba' },
      update: { outcome: 'uncertain', error: { code: 'STORED_UPDATE_UNREADABLE' } },
    });
    expect((await flow.count('next', 1))[0]?.key).toBe('A');
  });

  it('one that newer values take the place of: the newer one is accepted, and the report has it as it is', async () => {
    const server = await RedisServer.forTest();
    const flow = await deploy(server, ['A'], { mode: 'newest' });
    await damage(server, 'A', mail => mail.replace(/\n[^\n]*$/, '\n{"_msgid":'));
    flow.send('queue', update('A', { payload: { a: 2 } }));
    const [old] = await flow.count('superseded', 1);
    expect(old).toMatchObject({
      queue: { state: 'superseded', record: "('A')", stored: '{"_msgid":' },
    });
    // Whoever got an error would send it once more.
    expect(flow.inbox('caught')).toEqual([]);
    flow.send('queue', { queue: { action: 'resume' } });
    expect((await flow.count('next', 1))[0]?.payload).toEqual({ a: 2 });
  });
});
