import { expect, test } from 'vitest';
import { Engine } from '../../support/engine';
import { startRecordApi } from '../../support/engine-record';

test('case U29: a 201 to an update names the setting for APIs that answer so, before anything is deleted', async () => {
  const api = await startRecordApi();
  api.writes.push((_request, proceed) => ({ ...proceed(), status: 201 }));
  const { result } = await new Engine(api.url).update();
  expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'UNEXPECTED_CREATE' } });
  const message = result.error?.message ?? '';
  const setting = message.indexOf('201 answers an update');
  expect(setting).toBeGreaterThan(-1);
  expect(message.indexOf('delete')).toBeGreaterThan(setting);
});

test('case U30: a write that something on the way sends twice is no update lost, and none told as unwritten', async () => {
  const api = await startRecordApi();
  api.writes.push((_request, proceed) => {
    proceed();
    return proceed();
  });
  const { result } = await new Engine(api.url).update({ method: 'PUT' });
  expect(result).toMatchObject({ outcome: 'unchanged', verified: true });
  expect(result.error?.message ?? '').not.toMatch(/nothing was written/i);
  expect(api.committed).toHaveLength(1);
});
