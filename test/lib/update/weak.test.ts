import { expect, test } from 'vitest';
import { Engine } from '../../support/engine';
import { startRecordApi, type RecordApi } from '../../support/engine-record';

/** How long a file of mod_dav counts as just changed, in milliseconds. */
const JUST_CHANGED_MS = 1_000;

/**
 * A server of files as Apache's mod_dav is one: PUT only, a weak ETag while the file was changed within the last second,
 * and If-Match compared strongly, which no weak ETag stands (RFC 9110 section 13.1.1).
 */
async function startDav(): Promise<{ readonly api: RecordApi; readonly engine: Engine }> {
  let changedAt = Number.NEGATIVE_INFINITY;
  let commits = 0;
  const isWeak = (): boolean => {
    if (api.history.length !== commits) {
      commits = api.history.length;
      changedAt = engine.time.now();
    }
    return engine.time.now() - changedAt < JUST_CHANGED_MS;
  };
  const api = await startRecordApi({
    answers: 'version',
    etag: n => `${isWeak() ? 'W/' : ''}"v${String(n)}"`,
  });
  api.everyWrite = ({ headers }, proceed) =>
    headers['if-match']?.startsWith('W/') === true ? { status: 412 } : proceed();
  const engine = new Engine(api.url);
  return { api, engine };
}

test('case U22: a file that was changed a moment ago is written once its ETag is strong', async () => {
  const { api, engine } = await startDav();
  api.change({ owner: 'o1' });
  const { result } = await engine.update({ method: 'PUT' });
  expect(result).toMatchObject({ outcome: 'updated', verified: true });
  expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['W/"v2"', '"v2"']);
  expect(engine.time.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(1_000);
});

test('case U22: two updates in a row, the second on the version that the first one answered', async () => {
  const { api, engine } = await startDav();
  const first = await engine.update({ method: 'PUT' });
  expect(first.record?.version).toBe('W/"v2"');
  const changes = { status: 'Closed' };
  const second = await engine.update({ method: 'PUT', changes, snapshot: first.record });
  expect([first.result.outcome, second.result.outcome]).toEqual(['updated', 'updated']);
  expect(api.committed.map(({ values }) => values.status)).toEqual(['Done', 'Closed']);
});

test('case U22: the change of somebody else in that second is still a conflict', async () => {
  const { api, engine } = await startDav();
  const first = await engine.update({ method: 'PUT' });
  api.change({ status: 'Cancelled' });
  const changes = { status: 'Closed' };
  const second = await engine.update({ method: 'PUT', changes, snapshot: first.record });
  expect(second.result.outcome).toBe('conflict');
  expect(api.committed).toHaveLength(1);
});

test('case U22: an ETag that stays weak is named as such', async () => {
  const api = await startRecordApi({ etag: n => `W/"v${String(n)}"` });
  api.everyWrite = { status: 412 };
  const { result } = await new Engine(api.url).update();
  expect(result).toMatchObject({
    outcome: 'unsupported',
    error: { code: 'VERSION_NOT_PROGRESSING' },
  });
  expect(result.error?.message).toMatch(/weak/);
  expect(api.written).toHaveLength(1);
});

test('case U22: a wired loop goes on with the strong ETag', async () => {
  const { api, engine } = await startDav();
  api.change({ owner: 'o1' });
  const { result, record } = await engine.update({ method: 'PUT', mode: 'once' });
  expect(result).toMatchObject({ outcome: 'retry', cause: 'noise' });
  expect(record?.version).toBe('"v2"');
});
