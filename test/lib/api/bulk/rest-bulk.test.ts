import { LosslessNumber } from 'lossless-json';
import { describe, expect, test } from 'vitest';
import {
  SAP_CX_ENDPOINT,
  SAP_CX_LIST,
  type EndpointSettings,
  type ResultSettings,
} from '../../../../lib/api/bulk/settings';
import type { ApiSettings } from '../../../../lib/api/settings';
import { answer } from '../answers';
import { Api } from './bulk-apis';

const OPTIONS = { atomic: false, boundary: 'x' };

type Results = Partial<ResultSettings>;

const rest = (
  endpoint: Partial<EndpointSettings>,
  results: Results = {},
  api: Partial<ApiSettings> = {},
) =>
  new Api('rest', {
    api,
    bulk: {
      endpoint: {
        ...SAP_CX_ENDPOINT,
        ...endpoint,
        results: { ...SAP_CX_ENDPOINT.results, ...results },
      },
    },
  });

test('of an API that nothing is known of, nothing is assumed', () => {
  expect(new Api('rest').bulk).toEqual({});
  expect(new Api('apriso').bulk).toEqual({});
  expect(new Api('sap-cx', { bulk: { list: 'none', endpoint: 'none' } }).bulk).toEqual({});
  const odata = new Api('rest', { api: { keyStyle: 'odata' }, bulk: { batchFormat: 'json' } });
  expect(odata.writes.request(odata.members(1), OPTIONS).url).toBe(
    'https://api.example/svc/$batch',
  );
  expect(new Api('rest', { api: { keyStyle: 'odata' } }).bulk).toEqual({});
});

describe('territory assignments of SAP CX', () => {
  const cx = new Api('sap-cx', {}, 'assignments');

  test('are read by their ids, with the version', () => {
    const { request, count } = cx.reads.request(cx.refs('T001', 'T002', 'T 3&'), ['salesRepId']);
    expect(count).toBe(3);
    expect(request).toMatchObject({
      method: 'GET',
      url: 'https://api.example/svc/assignments?ids=T001,T002,T%203%26&fields=salesRepId,id,etag',
    });
    const all = cx.reads.request(cx.refs('T001'), undefined);
    expect(all.request.url).toBe('https://api.example/svc/assignments?ids=T001');
  });

  test('are told by their ids, and may come from a cache', () => {
    const text =
      '{"assignments":[{"id":"T002","etag":"\\"b\\"","n":9007199254740993},{"id":"T009","etag":"\\"c\\""}]}';
    const page = cx.reads.pageOf(
      answer(200, text, { 'x-cache-status': 'HIT', etag: '"list"', 'content-length': '1' }),
      cx.refs('T001', 'T002'),
    );
    expect([...(page?.found.keys() ?? [])]).toEqual([1]);
    const shown = page?.found.get(1);
    expect(shown && cx.family.versionOf(shown)).toBe('"b"');
    expect(shown && cx.family.cachedReads?.isCached(shown)).toBe(true);
    expect(shown && cx.family.valuesOf(shown)).toMatchObject({ id: 'T002', n: '9007199254740993' });
  });

  test.each([
    ['plain', '1'],
    ['kept digit by digit', '9007199254740993'],
    ['kept as it was spelled', '1.10'],
  ])('have a text of their own, also in a copy: a number %s', (_, n) => {
    const text = `{"assignments":[{"id":"T001","etag":"\\"b\\"","n":${n}}]}`;
    const shown = cx.reads.pageOf(answer(200, text), cx.refs('T001'))?.found.get(0);
    const own = `{"id":"T001","etag":"\\"b\\"","n":${n}}`;
    expect([shown?.text, shown && { ...shown, headers: {} }.text]).toEqual([own, own]);
  });

  test('go as items, with the versions of all in one header', () => {
    const members = ['T001', 'T-é'].map(key =>
      cx.member(key, { changes: { salesRepId: 'R1' }, precondition: { version: '"a"' } }),
    );
    const request = cx.writes.request(members, OPTIONS);
    expect(request.url).toBe('https://api.example/svc/assignments/bulk');
    expect(request.headers).toEqual({
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'X-ETags': String.raw`{"T001":"\"a\"","T-\u00e9":"\"a\""}`,
    });
    expect(JSON.parse(request.headers['X-ETags'] ?? '')).toEqual({ T001: '"a"', 'T-é': '"a"' });
    expect(JSON.parse(request.body ?? '')).toEqual({
      assignments: [
        { salesRepId: 'R1', id: 'T001' },
        { salesRepId: 'R1', id: 'T-é' },
      ],
    });
    const { url } = cx.writes.request(members, { ...OPTIONS, atomic: true });
    expect(url).toBe('https://api.example/svc/assignments/bulk?transaction=true');
  });

  const members = ['T001', 'T002', 'T003', 'T004', 'T005'].map(key => cx.member(key));
  const read = (given: ReturnType<typeof answer>, atomic = false) =>
    cx.writes.answersIn(given, members, { atomic });

  test('are answered one by one', () => {
    const results = [
      { id: 'T002', status: 409, error: 'ETag mismatch - resource modified' },
      { id: 'T001', status: 200, etag: '"z"', name: 'not the record' },
      { id: 'T003', status: 'done' },
      { id: 'T004', status: 200 },
      { id: 'T004', status: 409 },
      { id: 'T099', status: 200 },
    ];
    const told = read(answer(207, { results }, { etag: '"envelope"' }));
    const [ok, stale, ...others] = told.kind === 'members' ? told.members : [];
    if (ok?.kind !== 'answer' || stale?.kind !== 'answer') throw new Error('Not told.');
    expect(cx.family.versionOf(ok.answer)).toBe('"z"');
    expect(cx.family.valuesOf(ok.answer)).toBeUndefined();
    expect(stale.answer.status).toBe(409);
    expect(cx.family.errorOf(stale.answer).message).toBe('ETag mismatch - resource modified');
    expect(others.map(({ kind }) => kind)).toEqual(['untold', 'untold', 'untold']);
  });

  test.each([
    answer(207, '<html>Sign in</html>', { 'content-type': 'text/html' }),
    answer(200, { ok: true }),
    answer(200, '{"results":[{"id":"T001","status":200}'),
    answer(207, { results: { id: 'T001' } }),
    answer(207, { results: [] }),
    answer(409, { error: 'ETag mismatch' }),
  ])('without a list of results the answer is about the whole', given => {
    expect(read(given)).toEqual({ kind: 'whole' });
  });

  test('all or nothing is rolled back by one conflict', () => {
    const whole = answer(409, { error: 'ETag mismatch - resource modified' });
    expect(read(whole, true)).toEqual({ kind: 'rolled-back', cause: undefined, answer: whole });
    const results = [
      { id: 'T003', status: 409 },
      { id: 'T001', status: 200 },
    ];
    expect(read(answer(409, { results }), true)).toMatchObject({ kind: 'rolled-back', cause: 2 });
    expect(read(answer(503, { error: 'later' }), true)).toEqual({ kind: 'whole' });
    const half = read(answer(200, { results: [{ id: 'T001', status: 200 }] }), true);
    expect(half).toMatchObject({ members: Array.from({ length: 5 }, () => ({ kind: 'untold' })) });
  });
});

describe('an endpoint by settings', () => {
  test('takes the version in the item, or as headers of the item', () => {
    const item = rest({ versionTo: 'item', versionName: 'version', changes: 'set', items: '' });
    expect(JSON.parse(item.writes.request([item.member(1)], OPTIONS).body ?? '')).toEqual([
      { set: { name: 'A' }, id: 1, version: '"1"' },
    ]);
    const headers = rest({
      versionTo: 'item-headers',
      versionName: 'headers',
      path: 'v1/bulk',
      below: 'base',
    });
    const request = headers.writes.request([headers.member('x')], OPTIONS);
    expect(request.url).toBe('https://api.example/svc/v1/bulk');
    expect(JSON.parse(request.body ?? '')).toEqual({
      assignments: [{ name: 'A', id: 'x', headers: { 'If-Match': '"1"' } }],
    });
    expect(Object.keys(request.headers)).toEqual(['Accept', 'Content-Type']);
  });

  test('keeps numbers digit by digit', () => {
    const api = rest({});
    const member = api.member(1);
    const body = '{"n":9007199254740993,"d":1.10}';
    const { body: text } = api.writes.request(
      [{ ...member, request: { ...member.request, body } }],
      OPTIONS,
    );
    expect(text).toBe('{"assignments":[{"n":9007199254740993,"d":1.10,"id":1}]}');
  });

  test('takes names in values, and deeper ones, for what they are, and every digit', () => {
    const api = rest({ items: 'data.items', versionTo: 'item', versionName: 'v' });
    const changes = {
      note: 'see "id":7 and "v"',
      inner: { id: 1, v: 2 },
      n: new LosslessNumber('1e400'),
    };
    const { body } = api.writes.request([api.member(1, { changes }), api.member(2)], OPTIONS);
    expect(body).toBe(
      '{"data":{"items":[' +
        '{"note":"see \\"id\\":7 and \\"v\\"","inner":{"id":1,"v":2},"n":1e400,"id":1,"v":"\\"1\\""},' +
        '{"name":"A","id":2,"v":"\\"1\\""}]}}',
    );
  });

  test('refuses what it cannot carry', () => {
    const api = rest({ versionTo: 'item', versionName: 'v' });
    const refusal =
      (...members: Parameters<typeof api.member>[]) =>
      () =>
        api.writes.request(
          members.map(given => api.member(...given)),
          OPTIONS,
        );
    const code = (text: string) => expect.objectContaining({ code: text });
    expect(refusal([1, { changes: { v: 1 } }])).toThrow(code('CHANGES_INVALID'));
    expect(refusal([1, { changes: { id: 1 } }])).toThrow(code('CHANGES_INVALID'));
    expect(refusal([1, { method: 'PUT', read: answer(200, '{}') }])).toThrow(code('BATCH_METHOD'));
    expect(refusal([1, { action: { name: 'x', parameters: {} } }])).toThrow(code('BATCH_METHOD'));
    const header = rest({});
    const many = Array.from({ length: 100 }, (_, at) =>
      header.member(`${String(at)}${'x'.repeat(60)}`),
    );
    expect(() => header.writes.request(many, OPTIONS)).toThrow(code('HEADER_TOO_LONG'));
  });

  test('may answer as Elasticsearch does, or by a map', () => {
    const wrapped = rest({}, { path: 'items', shape: 'wrapped', id: '_id', version: '_v' });
    const items = [
      {
        update: {
          _id: 'b',
          status: 409,
          error: { type: 'version_conflict', reason: 'required seqNo' },
        },
      },
      { update: { _id: 'a', status: 200, _v: 7 } },
      { update: { _id: 'c', status: 200 }, index: {} },
    ];
    const members = ['a', 'b', 'c'].map(key => wrapped.member(key));
    const told = wrapped.writes.answersIn(answer(200, { items }), members, { atomic: false });
    expect(told).toMatchObject({
      members: [
        { answer: { status: 200, headers: { etag: '"7"' }, text: '' } },
        { answer: { status: 409, json: { reason: 'required seqNo' } } },
        { kind: 'untold' },
      ],
    });
    const map = rest({}, { path: '', shape: 'map', error: '' });
    const [one] = [map.member(1)];
    const read = map.writes.answersIn(answer(200, { 1: { status: 422, message: 'no' } }), [one], {
      atomic: false,
    });
    expect(read).toMatchObject({ members: [{ answer: { status: 422, json: { message: 'no' } } }] });
  });

  test('may show the record, and a version that is a field of it', () => {
    const api = rest(
      {},
      { record: 'doc', version: 'rev' },
      { versionFrom: 'field', versionField: 'data.rev', recordPath: 'data' },
    );
    const member = api.member(1, { precondition: { version: '1' } });
    const results = [{ id: 1, status: 200, rev: 5, doc: { name: 'A', n: 1 } }];
    const told = api.writes.answersIn(answer(200, { results }), [member], { atomic: false });
    const [one] = told.kind === 'members' ? told.members : [];
    if (one?.kind !== 'answer') throw new Error('Not told.');
    expect(api.family.versionOf(one.answer)).toBe('5');
    expect(api.family.valuesOf(one.answer)).toEqual({ name: 'A', n: 1, rev: 5 });
  });
});

describe('a list by settings', () => {
  const list = {
    ...SAP_CX_LIST,
    path: 'v2/items',
    below: 'base',
    items: 'data.list',
    next: 'links.next',
    id: 'key.no',
  } as const;

  test('stands where they say, and goes on at its own address only', () => {
    const api = new Api('rest', { api: { query: 'k=1' }, bulk: { list } });
    const { request } = api.reads.request(api.refs(1, 2), ['a']);
    expect(request.url).toBe('https://api.example/svc/v2/items?ids=1,2&fields=a,key,etag&k=1');
    const page = (next: string) =>
      api.reads.pageOf(
        answer(200, { data: { list: [{ key: { no: 2 }, etag: 7 }] }, links: { next } }),
        api.refs(1, 2),
      );
    expect(page('?page=2')?.next?.url).toBe('https://api.example/svc/v2/items?page=2');
    expect(page('https://evil.example/svc/')?.next).toBeUndefined();
    const shown = page('')?.found.get(1);
    expect(shown && api.family.versionOf(shown)).toBe('"7"');
  });

  test('puts a record into its envelope, and its version where the family looks', () => {
    const settings = {
      versionFrom: 'field',
      versionField: 'meta.rev',
      recordPath: 'record',
    } as const;
    const api = new Api('rest', { api: settings, bulk: { list: { ...list, version: 'rev' } } });
    const page = api.reads.pageOf(
      answer(200, { data: { list: [{ key: { no: 1 }, rev: 'r9', n: 1 }] } }),
      api.refs(1),
    );
    const shown = page?.found.get(0);
    expect(shown && api.family.versionOf(shown)).toBe('r9');
    expect(shown && api.family.valuesOf(shown)).toMatchObject({ n: 1 });
  });

  test('is left to a single read for a key that holds the separator', () => {
    const api = new Api('rest', { bulk: { list } });
    const refs = api.refs('a,b', 'c');
    const { request, count } = api.reads.request(refs, undefined);
    expect({ url: request.url, count }).toEqual({
      url: 'https://api.example/svc/items/a%2Cb',
      count: 1,
    });
    const single = answer(200, { n: 1 }, { etag: '"1"' });
    expect(api.reads.pageOf(single, refs.slice(0, 1))?.found.get(0)).toBe(single);
    expect(api.reads.request([...api.refs('x', 'a,b')], undefined).count).toBe(1);
  });

  test('holds as many as the address takes', () => {
    const api = new Api('rest', { bulk: { list, maxAddress: 300 } });
    const refs = api.refs(...Array.from({ length: 100 }, (_, at) => `record-${String(at)}`));
    const { request, count } = api.reads.request(refs, ['a']);
    expect(request.url.length).toBeLessThanOrEqual(300);
    expect(count).toBeGreaterThan(10);
  });
});
