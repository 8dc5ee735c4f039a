import { expect, test } from 'vitest';
import { fetchRecords } from '../../../../lib/update/bulk/fetch-many';
import { BulkEngine } from '../../../support/bulk-engine';
import { BulkRecords, bulkOf, idOf } from '../../../support/bulk-records';

async function start(count: number) {
  const api = await new BulkRecords().start(count);
  const engine = new BulkEngine(api.url);
  const refs = Array.from({ length: count }, (_, n) =>
    engine.family.locate(api.url, 'orders', idOf(n)),
  );
  const context = { ...engine.context, bulk: bulkOf(api.url) };
  const fetchAll = () => fetchRecords(refs, ['status'], context, { parallel: undefined });
  return { api, engine, fetchAll };
}

test('many records come by lists, in the order asked for', async () => {
  const { api, fetchAll } = await start(500);
  const { fetched, calls } = await fetchAll();
  expect(calls).toBe(2);
  expect(fetched.map(one => 'snapshot' in one && one.snapshot.key)).toEqual(
    Array.from({ length: 500 }, (_, n) => idOf(n)),
  );
  expect(fetched[3]).toMatchObject({ snapshot: { version: '"v1"', values: { status: 'Open' } } });
  expect(api.kinds).toEqual(['GET list', 'GET list']);
});

test('one that is gone is not found, and the others come', async () => {
  const { api, fetchAll } = await start(5);
  api.rows.delete(idOf(2));
  const { fetched } = await fetchAll();
  expect(fetched[2]).toMatchObject({ result: { outcome: 'not-found', key: idOf(2) } });
  expect(fetched.filter(one => 'snapshot' in one)).toHaveLength(4);
});

test('a flow that stops', async () => {
  const { api, engine, fetchAll } = await start(5);
  api.lists.push((_request, proceed) => {
    engine.stop.abort(new Error('stop'));
    return proceed();
  });
  await expect(fetchAll()).rejects.toMatchObject({ code: 'STOPPED' });
});
