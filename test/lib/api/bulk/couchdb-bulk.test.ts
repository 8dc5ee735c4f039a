import { expect, test } from 'vitest';
import { answer } from '../answers';
import { Api } from './bulk-apis';

const api = new Api('couchdb', { api: { query: 'r=1' } }, 'db');

test('documents are read by their ids, and gone ones are said to be gone', () => {
  const refs = api.refs('a', 'b', 'c', 7, 'd');
  const { request, count } = api.reads.request(refs, ['x']);
  expect(count).toBe(5);
  expect(request).toMatchObject({
    method: 'POST',
    url: 'https://api.example/svc/db/_all_docs?include_docs=true&r=1',
    body: '{"keys":["a","b","c","7","d"]}',
  });
  const text = `{"total_rows":9,"rows":[
    {"id":"7","key":"7","value":{"rev":"1-x"},"doc":{"_id":"7","_rev":"1-x","n":9007199254740993}},
    {"key":"b","error":"not_found"},
    {"id":"c","key":"c","value":{"rev":"2-y","deleted":true},"doc":null},
    {"id":"a","key":"a","value":{"rev":"3-z"},"doc":{"_id":"a","_rev":"3-z"}}]}`;
  const found = api.reads.pageOf(answer(200, text, { etag: '"list"' }), refs)?.found;
  expect([...(found?.entries() ?? [])].map(([place, { status }]) => [place, status])).toEqual([
    [0, 200],
    [1, 404],
    [2, 404],
    [3, 200],
  ]);
  const shown = found?.get(3);
  expect(shown && api.family.versionOf(shown)).toBe('1-x');
  expect(shown && api.family.valuesOf(shown)).toMatchObject({ n: '9007199254740993' });
  const gone = found?.get(2);
  expect(gone && api.family.errorOf(gone)).toEqual({ code: 'not_found', message: 'deleted' });
});

const written = (key: string | number) =>
  api.member(key, {
    method: 'PUT',
    read: answer(200, `{"_id":"${String(key)}","_rev":"1-a","n":9007199254740993,"__proto__":1}`),
    precondition: { version: '1-a' },
  });

test('documents are written whole, digit by digit, each on its own version', () => {
  const request = api.writes.request([written('a'), written(7)], { atomic: false, boundary: 'x' });
  expect(request.url).toBe('https://api.example/svc/db/_bulk_docs?r=1');
  expect(request.body).toBe(
    '{"docs":[{"_id":"a","_rev":"1-a","n":9007199254740993,"__proto__":1,"name":"A"},{"_id":"7","_rev":"1-a","n":9007199254740993,"__proto__":1,"name":"A"}]}',
  );
  expect(api.writes.canGroup).toBe(false);
});

test('documents of two databases do not go together', () => {
  const other = new Api('couchdb', {}, 'other').member('a', {
    method: 'PUT',
    read: answer(200, '{}'),
  });
  expect(() => api.writes.request([written('a'), other], { atomic: false, boundary: 'x' })).toThrow(
    expect.objectContaining({ code: 'BATCH_MIXED' }),
  );
});

test('each result is an answer of its own', () => {
  const members = ['ok', 'stale', 'denied', 'odd', 'twice', 'missing', 7].map(written);
  const rows = [
    { id: 'stale', error: 'conflict', reason: 'Document update conflict.' },
    { ok: true, id: 'ok', rev: '2-b' },
    { id: 'denied', error: 'forbidden', reason: 'no' },
    { id: 'odd', error: 'internal_server_error', reason: '?' },
    { ok: true, id: 'twice', rev: '2-b' },
    { id: 'twice', error: 'conflict', reason: '?' },
    { ok: true, id: '7', rev: '2-c' },
    { ok: true, id: 'unknown', rev: '2-c' },
  ];
  const read = api.writes.answersIn(answer(201, rows), members, { atomic: false });
  const told = read.kind === 'members' ? read.members : [];
  expect(told.map(one => (one.kind === 'answer' ? one.answer.status : one.kind))).toEqual([
    201,
    409,
    403,
    'untold',
    'untold',
    'untold',
    201,
  ]);
  const [ok, stale] = told;
  expect(ok?.kind === 'answer' && api.family.versionOf(ok.answer)).toBe('2-b');
  expect(ok?.kind === 'answer' && api.family.valuesOf(ok.answer)).toBeUndefined();
  expect(stale?.kind === 'answer' && api.family.errorOf(stale.answer)).toEqual({
    code: 'conflict',
    message: 'Document update conflict.',
  });
});

test.each([
  answer(200, '<html></html>'),
  answer(400, { error: 'bad_request', reason: 'x' }),
  answer(201, { ok: true }),
  answer(201, '[{"ok":true,"id":"a"'),
])('what is no list of results is about the whole', given => {
  expect(api.writes.answersIn(given, [written('a')], { atomic: false })).toEqual({ kind: 'whole' });
  expect(api.reads.pageOf(given, api.refs('a'))).toBeUndefined();
});
