import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ActResult, ReviewPage } from '../../lib/review/desk';
import { startRecordApi } from '../support/engine-record';
import {
  catcher,
  deadLetterNode,
  endpoint,
  inboxes,
  storeNode,
  updateNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { RedisServer } from '../support/redis/server';

useNodeRed();

let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start('--appendonly', 'yes');
});
afterAll(() => server.end());

it('two lists of one name on Redis are one list: who sees an entry first may settle it', async () => {
  const api = await startRecordApi({ values: { status: 'Open' } });
  const outs = [['replayed'], ['settled'], ['answers']];
  const flow = await Flow.start([
    endpoint({ server: 'url', family: 'rest', baseUrl: api.url }),
    storeNode({ keep: 'redis', server: `redis://127.0.0.1:${server.port}` }),
    updateNode('update', [['updated'], ['one']], { collection: 'orders' }),
    deadLetterNode('one', outs, { listName: 'shared' }),
    deadLetterNode('other', outs, { listName: 'shared' }),
    ...inboxes('updated', 'replayed', 'settled', 'answers'),
    ...catcher(),
  ]);
  api.writes.push({ status: 422, body: { error: { message: 'closed' } } });
  flow.send('update', { key: 'A', payload: { status: 'Done' } });
  const [told] = await flow.count('answers', 1);
  const { id, durable } = told?.review as { readonly id: string; readonly durable?: boolean };
  expect(durable).toBeUndefined();
  flow.send('other', { review: { action: 'list' } });
  expect((await flow.count('answers', 2))[1]?.payload as ReviewPage).toMatchObject({
    totalEntries: 1,
  });
  flow.send('other', { review: { action: 'replay', id } });
  flow.send('one', { review: { action: 'replay', id } });
  const answers = (await flow.count('answers', 4)).slice(2);
  const kinds = answers.map(({ payload }) => (payload as ActResult).kind);
  expect(kinds.sort()).toEqual(['refused', 'settled']);
  expect(api.committed).toHaveLength(1);
});
