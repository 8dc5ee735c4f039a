// All or nothing, where the answer to the group was lost.
import { expect, test } from 'vitest';
import { BulkEngine } from '../../../support/bulk-engine';
import { BulkRecords, idOf } from '../../../support/bulk-records';

async function start() {
  const api = await new BulkRecords().start(4);
  return { api, engine: new BulkEngine(api.url, { options: { atomic: true } }) };
}

test('a group that cannot go again after its answer was lost may have been written: nobody is told that it was not', async () => {
  const { api, engine } = await start();
  api.batches.push(() => {
    api.change(idOf(2), { status: 'Held' });
    return 'reset';
  });
  const { outcomes, outputs } = await engine.run(engine.members(4));
  expect(outcomes).toEqual(Array(4).fill('uncertain'));
  const { error } = outputs[0]?.result ?? {};
  expect(error?.code).toBe('ROLLED_BACK');
  expect(error?.message).toContain('as far as is known');
  expect(api.kinds.filter(kind => kind === 'POST bulk')).toHaveLength(1);
});

test('a group that was refused, and then by a conflict, was not written', async () => {
  const { api, engine } = await start();
  api.beforeWrite = id => {
    if (id === idOf(2)) api.change(id, { status: 'Held' });
  };
  const { outputs } = await engine.run(engine.members(4));
  expect(outputs[0]?.result.error?.message).toMatch(/Nothing of the group was written\.$/);
});
