import { expect, onTestFinished, test } from 'vitest';
import { orderId, startSandbox } from '../../../sandbox';
import { Engine } from '../../support/engine';
import { startRecordApi } from '../../support/engine-record';

test('Dataverse gets only what differs, and a field that was left out is not taken for refused', async () => {
  const sandbox = await startSandbox({ load: 'quiet' });
  onTestFinished(() => sandbox.close());
  const id = orderId(1);
  const before = sandbox.orders.get(id);
  const engine = new Engine(sandbox.url, {
    family: 'dataverse',
    basePath: '/api/data/v9.0',
    collection: 'salesorders',
    key: id,
  });
  const { result } = await engine.update({
    changes: { orderstatus: 'Processing', shippingmethodcode: before?.values.shippingmethodcode },
  });
  expect(result).toMatchObject({ outcome: 'updated', verified: true });
  expect(result.error).toBeUndefined();
  expect(Object.keys(sandbox.orders.history(id).at(-1)?.fields ?? {})).toEqual(['orderstatus']);
});

test('a snapshot that the flow altered leaves no change out', async () => {
  const api = await startRecordApi();
  const engine = new Engine(api.url, { familyPart: { sendsOnlyDifferences: true } });
  const snapshot = engine.snapshot(api.version, { ...api.values, status: 'Done' });
  const changes = { status: 'Done', note: 'n1' };
  const { result } = await engine.update({ changes, snapshot });
  expect(result.outcome).toBe('updated');
  expect(api.values).toMatchObject(changes);
});
