import { expect, onTestFinished, test } from 'vitest';
import { orderId, startSandbox } from '../../../sandbox';
import { Engine } from '../../support/engine';

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
