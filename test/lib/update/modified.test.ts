import { expect, test } from 'vitest';
import type { ApiFamily } from '../../../lib/api/family';
import { Engine } from '../../support/engine';
import { preceded, startRecordApi } from '../../support/engine-record';

const AT_1 = 'Sun, 08 Feb 2026 10:00:01 GMT';
const AT_2 = 'Sun, 08 Feb 2026 10:00:02 GMT';

/** A family that reads the time of the last change and sends it back beside the version. */
function withModified(engine: Engine): Engine {
  const family = engine.family as { -readonly [K in keyof ApiFamily]: ApiFamily[K] };
  const writeRequest = engine.family.writeRequest.bind(engine.family);
  family.modifiedAtOf = ({ headers }) => headers['last-modified'];
  family.writeRequest = plan => {
    const request = writeRequest(plan);
    const modifiedAt = plan.precondition === 'any' ? undefined : plan.precondition.modifiedAt;
    if (modifiedAt === undefined) return request;
    return { ...request, headers: { ...request.headers, 'If-Unmodified-Since': modifiedAt } };
  };
  return engine;
}

/** The record's own answers, with the time of its last change. */
async function startDated(answersWriteWithDate: boolean) {
  const api = await startRecordApi();
  const dated = (_request: unknown, proceed: () => { status: number; headers?: object }) => {
    const reply = proceed();
    const date = api.version === '"v1"' ? AT_1 : AT_2;
    return { ...reply, headers: { ...reply.headers, 'last-modified': date } };
  };
  api.everyRead = dated;
  if (answersWriteWithDate) api.everyWrite = dated;
  return api;
}

test('the time of the last change travels from the read to the write', async () => {
  const api = await startDated(true);
  const { result, record } = await withModified(new Engine(api.url)).update();
  expect(result.outcome).toBe('updated');
  expect(api.written[0]?.headers['if-unmodified-since']).toBe(AT_1);
  expect(record).toMatchObject({ version: '"v2"', modifiedAt: AT_2 });
});

test('after noise the time of the new version is sent', async () => {
  const api = await startDated(true);
  api.writes.push(
    preceded(() => {
      api.noise();
    }),
  );
  await withModified(new Engine(api.url)).update();
  expect(api.written.map(({ headers }) => headers['if-unmodified-since'])).toEqual([AT_1, AT_2]);
});

test('an answer without a time leaves none: the old one belongs to another version', async () => {
  const api = await startDated(false);
  const engine = withModified(new Engine(api.url));
  const { record } = await engine.update();
  expect(record?.version).toBe('"v2"');
  expect(record).not.toHaveProperty('modifiedAt');
  await engine.update({ changes: { note: 'n1' }, snapshot: record });
  expect(api.written[1]?.headers).not.toHaveProperty('if-unmodified-since');
});

test('a forced write carries none', async () => {
  const api = await startDated(true);
  await withModified(new Engine(api.url)).update({ force: true });
  expect(api.written[0]?.headers).not.toHaveProperty('if-unmodified-since');
});

test('no snapshot names a time where the family does not send it back', async () => {
  const api = await startDated(true);
  const { record } = await new Engine(api.url).update();
  expect(record).not.toHaveProperty('modifiedAt');
});

test('case 14: the time of the last change may have an offset without a colon', async () => {
  const values = { status: 'Open', LastModifiedDate: '2026-02-08T10:00:01.000+0000' };
  const api = await startRecordApi({ evidence: 'field', values });
  const sent: unknown[] = [];
  api.everyWrite = ({ headers }) => {
    sent.push(headers['if-unmodified-since']);
    return { status: 204 };
  };
  const rest = { versionFrom: 'last-modified', modifiedField: 'LastModifiedDate' } as const;
  const { result } = await new Engine(api.url, { rest }).update();
  expect(result.outcome).toBe('updated');
  expect(sent).toEqual(['Sun, 08 Feb 2026 10:00:01 GMT']);
});
