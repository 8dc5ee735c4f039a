import { expect, it } from 'vitest';
import type { StoredDeadLetter } from '../../lib/review/dead-letter';
import type { ActResult } from '../../lib/review/desk';
import { startRecordApi } from '../support/engine-record';
import {
  catcher,
  deadLetterNode,
  endpoint,
  inboxes,
  queueNode,
  storeNode,
  updateNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
const clock = useFastClock(5);
/** It ends when the test says so. Seconds. */
const LEASE = 120;

it('what nobody has settled in a queue is kept with the fate of its write, and judged by it', async () => {
  const api = await startRecordApi({ values: { stock: 5 } });
  const fields = [{ field: 'stock', valueType: 'add', value: '1', optional: false }] as const;
  const flow = await Flow.start([
    endpoint({ server: 'url', family: 'rest', baseUrl: api.url }),
    storeNode({ keep: 'memory' }),
    queueNode('queue', [['update'], ['other'], ['letters']], {
      mode: 'order',
      lease: LEASE,
      tries: 1,
    }),
    updateNode('update', [['updated'], ['other']], {
      collection: 'orders',
      changesType: 'fields',
      fields: [...fields],
      stamp: 'token',
    }),
    deadLetterNode('letters', [['replayed'], ['settled'], ['answers']]),
    ...inboxes('updated', 'other', 'replayed', 'settled', 'answers'),
    ...catcher(),
  ]);
  flow.send('queue', { key: 'A', payload: {} });
  await flow.count('updated', 1);
  clock.pass(LEASE * 1_000);
  const [told] = await flow.count('answers', 1);
  const { id } = told?.review as { readonly id: string };
  flow.send('letters', { review: { action: 'get', id } });
  const { entry } = (await flow.count('answers', 2))[1]?.payload as StoredDeadLetter;
  expect(entry).toMatchObject({
    outcome: 'uncertain',
    source: { node: 'update' },
    record: { key: 'A', type: 'orders' },
    isComputed: true,
    evidence: { pending: {} },
  });
  expect(api.values.stock).toBe(6);
  flow.send('letters', { review: { action: 'replay', id } });
  const answer = (await flow.count('answers', 3))[2]?.payload as ActResult;
  expect(answer).toMatchObject({ kind: 'settled', update: { outcome: 'already-applied' } });
  expect(api.values.stock).toBe(6);
});
