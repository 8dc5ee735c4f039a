import { expect, test } from 'vitest';
import { Engine } from '../../support/engine';
import { startScriptedServer } from '../../support/scripted-server';

/** A service as CAP 10 is: Decimal and Int64 are text in every answer, whatever a client asks for. */
async function startOrders() {
  let total = '12.50';
  let count = '7';
  let n = 1;
  return startScriptedServer(({ method, body }) => {
    if (method !== 'GET') {
      const sent = JSON.parse(body) as { total?: number | string; count?: number | string };
      total = Number(sent.total ?? total).toFixed(2);
      count = String(sent.count ?? count);
      n += 1;
    }
    return {
      status: 200,
      body: { '@odata.etag': `W/"${String(n)}"`, ID: 1, total, count, name: 'A' },
    };
  });
}

const fieldTypes = { total: { type: 'decimal' }, count: { type: 'integer' } } as const;

test.each([{ total: 12.5 }, { total: '12.5' }, { count: 7 }, { total: 12.5, count: '7' }])(
  'case U13: %j that is in place is unchanged, by its declared type',
  async changes => {
    const server = await startOrders();
    const engine = new Engine(server.url, { family: 'odata' });
    const { result } = await engine.update({ changes, fieldTypes });
    expect(result).toMatchObject({ outcome: 'unchanged', verified: true });
    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  },
);

test('case U13: a number that is written comes back as text, and was stored all the same', async () => {
  const server = await startOrders();
  const engine = new Engine(server.url, { family: 'odata' });
  const changes = { total: 13.5, count: 8 };
  const { result, record } = await engine.update({ changes, fieldTypes });
  expect(result).toMatchObject({ outcome: 'updated', verified: true });
  expect(result).not.toHaveProperty('error');
  expect(record?.values).toMatchObject({ total: '13.50', count: '8' });
  const again = await engine.update({ changes, fieldTypes, snapshot: record });
  expect(again.result.outcome).toBe('unchanged');
});

test('case U13: where no type is declared, the result names the setting', async () => {
  const server = await startOrders();
  const engine = new Engine(server.url, { family: 'odata' });
  const { result } = await engine.update({ changes: { total: 13.5 } });
  expect(result).toMatchObject({ outcome: 'updated', error: { code: 'STORED_DIFFERENTLY' } });
  expect(result.error?.message).toContain('"Compare as"');
});

test('case U13: somebody else who sets another field is no conflict', async () => {
  const server = await startOrders();
  const engine = new Engine(server.url, { family: 'odata' });
  const snapshot = engine.snapshot('W/"0"', { ID: 1, total: 12.5, count: 7, name: 'before' });
  const { result } = await engine.update({ changes: { total: 14 }, fieldTypes, snapshot });
  expect(result.outcome).toBe('updated');
});
