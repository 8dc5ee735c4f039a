import { describe, expect, test } from 'vitest';
import type { BatchMember } from '../../../../lib/api/bulk/bulk-api';
import type { FamilyId } from '../../../../lib/api/family-ids';
import { answer } from '../answers';
import { Api } from './bulk-apis';

const OPTIONS = { atomic: false, boundary: 'x1' };
const MULTIPART = { 'content-type': 'multipart/mixed; boundary=r' };

const withText = (member: BatchMember, request: Partial<BatchMember['request']>): BatchMember => ({
  ...member,
  request: { ...member.request, ...request },
});

/** A part of an answer, as services write them. */
const part = (status: number, id?: string, body = '', headers = ''): string =>
  `--r\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n${id === undefined ? '' : `Content-ID: ${id}\r\n`}\r\nHTTP/1.1 ${String(status)} X\r\n${headers}\r\n${body}\r\n`;

/** Of a change set that succeeded. */
const set = (...parts: readonly string[]): string =>
  `--r\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n${parts.map(text => text.replace('--r', '--c')).join('')}--c--\r\n`;

const multipart = (...parts: readonly string[]) =>
  answer(200, `${parts.join('')}--r--\r\n`, MULTIPART);

describe('a multipart batch', () => {
  test('has a change set for each record, and every condition in its part', () => {
    const api = new Api('dataverse', {}, 'salesorders');
    const id = '7a1b2c3d-0000-4000-8000-000000000145';
    const { method, url, headers, body } = api.writes.request([api.member(id)], OPTIONS);
    expect({ method, url }).toEqual({ method: 'POST', url: 'https://api.example/svc/$batch' });
    expect(headers).toEqual({
      Accept: 'multipart/mixed',
      'Content-Type': 'multipart/mixed;boundary=batch_x1',
      'OData-Version': '4.0',
      'OData-MaxVersion': '4.0',
      Prefer: 'odata.continue-on-error',
    });
    expect(body?.split('\r\n')).toEqual([
      '--batch_x1',
      'Content-Type: multipart/mixed;boundary=changeset_1_x1',
      '',
      '--changeset_1_x1',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      'Content-ID: 1',
      '',
      `PATCH salesorders(${id})?$select=name HTTP/1.1`,
      'Accept: application/json;odata.metadata=minimal',
      'OData-Version: 4.0',
      'OData-MaxVersion: 4.0',
      'Content-Type: application/json',
      'Prefer: return=representation',
      'If-Match: "1"',
      'Content-Length: 12',
      '',
      '{"name":"A"}',
      '--changeset_1_x1--',
      '',
      '--batch_x1--',
      '',
    ]);
  });

  test('has one change set for all when it is all or nothing', () => {
    const api = new Api('finance-operations');
    const members = ['A', 'B'].map(Key => api.member({ dataAreaId: 'usmf', Key }));
    const { body } = api.writes.request(members, { ...OPTIONS, atomic: true });
    expect(body?.match(/^Content-Type: multipart.*$/gm)).toHaveLength(1);
    expect(body?.match(/^--changeset_1_x1/gm)).toHaveLength(3);
  });

  test('of V2 keeps MERGE, names the id where V2 looks for it, and says what to do after an error', () => {
    const api = new Api('sap-gateway', { api: { query: 'sap-client=100' } });
    const request = api.writes.request([api.member('A', { method: 'MERGE' })], OPTIONS);
    expect(request.url).toBe('https://api.example/svc/$batch?sap-client=100');
    expect(request.headers.Prefer).toBe('odata.continue-on-error');
    expect(request.body).toContain("\r\nMERGE items('A')?sap-client=100 HTTP/1.1\r\n");
    expect(request.body?.match(/^Content-ID: 1\r$/gm)).toHaveLength(2);
  });
});

test('a JSON batch has ids as text, a group for each record, and bodies digit by digit', () => {
  const api = new Api('odata');
  const body = '{"n":9007199254740993,"t":"\\r\\n--batch_x1","d":1.10}'.replace('batch_x1', 'b');
  const { headers, body: text = '' } = api.writes.request(
    [withText(api.member(1), { body }), api.member('a:b')],
    OPTIONS,
  );
  expect(headers).toMatchObject({
    'Content-Type': 'application/json',
    Prefer: 'odata.continue-on-error',
  });
  expect(text).toContain(`"body":${body}}`);
  expect(JSON.parse(text)).toMatchObject({
    requests: [
      {
        id: '1',
        atomicityGroup: 'g1',
        method: 'PATCH',
        url: 'items(1)',
        headers: { 'if-match': '"1"' },
      },
      { id: '2', atomicityGroup: 'g2', url: "items('a%3Ab')" },
    ],
  });
});

test('all or nothing is one group in a JSON batch', () => {
  const api = new Api('odata');
  const { body = '' } = api.writes.request(api.members(2), { ...OPTIONS, atomic: true });
  const { requests } = JSON.parse(body) as { requests: { atomicityGroup: string }[] };
  expect(requests.map(({ atomicityGroup }) => atomicityGroup)).toEqual(['g', 'g']);
});

test.each<[FamilyId, RegExp]>([
  ['dataverse', /^multipart/],
  ['finance-operations', /^multipart/],
  ['sap-gateway', /^multipart/],
  ['odata', /json/],
])(
  'trap 21: the batch of %s has no condition of its own and says what to do after an error',
  (id, form) => {
    const api = new Api(id, { api: { odataVersion: 'v4' } });
    const key =
      id === 'dataverse' ? '7a1b2c3d-0000-4000-8000-000000000145' : { dataAreaId: 'a', Key: 'b' };
    const { headers } = api.writes.request([api.member(key)], OPTIONS);
    expect(headers['Content-Type']).toMatch(form);
    expect(headers.Prefer).toBe('odata.continue-on-error');
    expect(Object.keys(headers).filter(name => /^if-/i.test(name))).toEqual([]);
  },
);

test.each(['odata', 'sap-gateway'] as const)(
  'what could begin another request stays out of a batch of %s',
  id => {
    const api = new Api(id);
    const member = api.member('A', { method: id === 'odata' ? 'PATCH' : 'MERGE' });
    const refused = (request: Partial<BatchMember['request']>) => () =>
      api.writes.request([withText(member, request)], OPTIONS);
    const invalid = expect.objectContaining({ code: 'PART_INVALID' });
    expect(refused({ method: 'PATCH /x HTTP/1.1\r\n' as 'PATCH' })).toThrow(invalid);
    expect(refused({ url: `${member.request.url}\r\nX: 1` })).toThrow(invalid);
    expect(refused({ url: `${member.request.url} HTTP/1.1` })).toThrow(invalid);
    expect(refused({ url: 'https://evil.example/svc/items(1)' })).toThrow(invalid);
    expect(refused({ headers: { 'If-Match': '"1"\r\nX: 1' } })).toThrow(invalid);
    expect(refused({ headers: { 'If-Match': '"日本"' } })).toThrow(invalid);
    expect(refused({ headers: { 'X\r\nY': '1' } })).toThrow(invalid);
  },
);

test('credentials and tokens stay out of the parts', () => {
  const api = new Api('dataverse');
  const member = api.member('7a1b2c3d-0000-4000-8000-000000000145');
  const headers = {
    ...member.request.headers,
    Authorization: 'Bearer s',
    'x-csrf-token': 't',
    cookie: 'c',
  };
  const { body } = api.writes.request([withText(member, { headers })], OPTIONS);
  expect(body).not.toMatch(/authorization|csrf|cookie/i);
});

test('a boundary that stands in a part, or is none, is refused', () => {
  const api = new Api('dataverse');
  const member = api.member('7a1b2c3d-0000-4000-8000-000000000145', { changes: { name: 'x1' } });
  for (const boundary of ['x1', '', 'a b', 'a"', 'x'.repeat(41)]) {
    expect(() => api.writes.request([member], { atomic: false, boundary })).toThrow(
      expect.objectContaining({ code: 'BOUNDARY_INVALID' }),
    );
  }
});

describe('the answer to a batch', () => {
  const api = new Api('finance-operations');
  const members = ['A', 'B', 'C'].map(Key => api.member({ dataAreaId: 'usmf', Key }));
  const told = (given: ReturnType<typeof answer>, atomic = false) => {
    const read = api.writes.answersIn(given, members, { atomic });
    if (read.kind !== 'members') return read.kind;
    return read.members.map(member =>
      member.kind === 'answer' ? member.answer.status : member.kind,
    );
  };

  test('trap 20: is told by Content-ID, in whatever order', () => {
    const given = multipart(
      set(part(204, '3')),
      part(412, '1'),
      set(part(204, '2', '', 'ETag: W/"2"\r\n')),
    );
    expect(told(given)).toEqual([412, 204, 204]);
    const read = api.writes.answersIn(given, members, { atomic: false });
    const second = read.kind === 'members' ? read.members[1] : undefined;
    expect(second?.kind === 'answer' && api.family.versionOf(second.answer)).toBe('W/"2"');
  });

  test('trap 20: a bare part is whose place it has, where all others prove the order', () => {
    expect(told(multipart(set(part(204, '1')), part(412), set(part(204, '3'))))).toEqual([
      204, 412, 204,
    ]);
    // By elimination, in whatever order.
    expect(told(multipart(part(412), set(part(204, '3')), set(part(204, '1'))))).toEqual([
      204, 412, 204,
    ]);
    // Two are open and the third is not in its place.
    expect(told(multipart(part(412), part(404), set(part(204, '2'))))).toEqual([
      'untold',
      204,
      'untold',
    ]);
    // Equal refusals are everybody's.
    expect(told(multipart(part(412), part(412), part(412)))).toEqual([412, 412, 412]);
    expect(told(multipart(part(412), part(404), part(412)))).toEqual([
      'untold',
      'untold',
      'untold',
    ]);
    // A success that names nobody is nobody's.
    expect(told(multipart(part(204), set(part(204, '2')), set(part(204, '3'))))).toEqual([
      'untold',
      204,
      204,
    ]);
  });

  test('trap 20: after the error at which the API stopped, nothing ran', () => {
    expect(told(multipart(set(part(204, '1')), part(412)))).toEqual([204, 412, 'never-ran']);
    expect(told(multipart(part(412, '1')))).toEqual([412, 'never-ran', 'never-ran']);
    // It went on, as it says: then the third is missing for another reason.
    const on = { ...MULTIPART, 'preference-applied': 'odata.continue-on-error' };
    const given = answer(200, `${set(part(204, '1'))}${part(412, '2')}--r--`, on);
    expect(told(given)).toEqual([204, 412, 'untold']);
    // The last that is there is no error.
    expect(told(multipart(part(412, '1'), set(part(204, '2'))))).toEqual([412, 204, 'untold']);
  });

  test('trap 21: counts whatever the status of the envelope is', () => {
    const text = `${set(part(204, '1'))}${part(412, '2', '{"error":{"code":"0x80060882"}}')}--r--`;
    expect(told(answer(400, text, MULTIPART))).toEqual([204, 412, 'never-ran']);
    expect(told(answer(412, `${part(412, '1')}--r--`, MULTIPART))).toEqual([
      412,
      'never-ran',
      'never-ran',
    ]);
  });

  test('that was cut tells of what is complete, and nothing of the rest', () => {
    const text = `${set(part(204, '1'))}${part(412, '2')}--r\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204`;
    expect(told(answer(200, text, MULTIPART))).toEqual([204, 412, 'untold']);
    const inner = set(part(204, '1')).replace('--c--\r\n', '');
    expect(told(multipart(inner, part(412)))).toEqual(['untold', 'untold', 'untold']);
  });

  test.each([
    [
      'a part twice',
      [set(part(204, '1')), set(part(204, '1')), set(part(204, '3'))],
      ['untold', 'untold', 204],
    ],
    [
      'an id that nobody was given',
      [set(part(204, '1')), set(part(204, '7')), part(412)],
      [204, 'untold', 'untold'],
    ],
    [
      'an unknown status',
      [set(part(204, '1')), part(999, '2'), set(part(204, '3'))],
      [204, 'untold', 204],
    ],
    [
      'a status that is none',
      [part(204, '1').replace('204', 'OK'), part(412, '2'), part(412, '3')],
      ['untold', 412, 412],
    ],
    [
      'too many parts',
      [set(part(204, '1'), part(204, '2')), part(412), part(412, '3'), part(412)],
      [204, 204, 412],
    ],
    [
      'an encoded part',
      [part(204, '1').replace('binary', 'base64'), part(412, '2'), part(412, '3')],
      ['untold', 412, 412],
    ],
  ])('with %s takes nothing for success that does not show it', (_, parts, expected) => {
    expect(told(multipart(...parts))).toEqual(expected);
  });

  test.each([
    ['a page', answer(200, '<html>Sign in</html>', { 'content-type': 'text/html' })],
    ['an error', answer(400, { error: { code: 'x', message: 'y' } })],
    ['nothing', answer(202)],
    ['a list without responses', answer(200, { value: [] })],
    ['no part', answer(200, '--r--', MULTIPART)],
    [
      'a type without a boundary',
      answer(200, part(204, '1'), { 'content-type': 'multipart/mixed' }),
    ],
  ])('that is %s is about the whole', (_, given) => {
    expect(told(given)).toBe('whole');
    expect(told(given, true)).toBe('whole');
  });
});

describe('the answer to all or nothing', () => {
  const api = new Api('odata');
  const members = api.members(3);
  const read = (given: ReturnType<typeof answer>) =>
    api.writes.answersIn(given, members, { atomic: true });
  const json = (...responses: readonly unknown[]) => answer(200, { responses });
  const UNTOLD = {
    kind: 'members',
    members: [{ kind: 'untold' }, { kind: 'untold' }, { kind: 'untold' }],
  };

  test('trap 20: one failure is the failure of all, whatever the others show', () => {
    const failed = { id: '2', status: 412, body: { error: { code: '412', message: 'stale' } } };
    const ok = (id: string) => ({ id, status: 200, headers: { ETag: 'W/"9"' }, body: { ID: 1 } });
    expect(read(json(ok('3'), failed, ok('1')))).toMatchObject({
      kind: 'rolled-back',
      cause: 1,
      answer: { status: 412 },
    });
    const collateral = { id: '1', status: 424 };
    expect(read(json(collateral, failed))).toMatchObject({ kind: 'rolled-back', cause: 1 });
    expect(read(json({ ...failed, id: '9' }, ok('1')))).toMatchObject({
      kind: 'rolled-back',
      cause: undefined,
    });
  });

  test('trap 20: one part for all of the change set', () => {
    expect(read(multipart(part(412, '3')))).toMatchObject({ kind: 'rolled-back', cause: 2 });
    expect(read(multipart(part(412)))).toMatchObject({ kind: 'rolled-back', cause: undefined });
  });

  test('tells of nobody as long as it does not show all of them', () => {
    const ok = (id: string) => ({ id, status: 204 });
    expect(read(json(ok('1'), ok('2'), ok('3')))).toMatchObject({
      members: [{ answer: { status: 204 } }, { kind: 'answer' }, { kind: 'answer' }],
    });
    expect(read(json(ok('1'), ok('2')))).toEqual(UNTOLD);
    expect(read(json(ok('1'), ok('2'), ok('2')))).toEqual(UNTOLD);
    expect(read(json(ok('1'), ok('2'), ok('4')))).toEqual(UNTOLD);
    expect(read(json(ok('1'), ok('2'), { id: '3', status: 'done' }))).toEqual(UNTOLD);
    expect(
      read(multipart(set(part(204, '1'), part(204, '2'), part(204, '3')).replace('--c--', ''))),
    ).toEqual(UNTOLD);
  });
});

test('a JSON answer keeps digits, headers and text, and takes no text for a status', () => {
  const api = new Api('odata');
  const given = answer(
    200,
    '{"responses":[{"id":"1","status":200,"headers":{"ETag":"W/\\"1\\"","Content-Length":7,"Set-Cookie":"s"},"body":{"n":9007199254740993,"m":1.10}},{"id":2,"status":422,"headers":{"content-type":"text/plain"},"body":"no"},{"id":"3","status":"204"}]}',
  );
  const read = api.writes.answersIn(given, api.members(3), { atomic: false });
  expect(read).toEqual({
    kind: 'members',
    members: [
      {
        kind: 'answer',
        answer: {
          kind: 'answer',
          status: 200,
          headers: { etag: 'W/"1"', 'content-length': '7' },
          text: '{"n":9007199254740993,"m":1.10}',
          json: { n: '9007199254740993', m: 1.1 },
          roundTripMs: 1,
        },
      },
      {
        kind: 'answer',
        answer: expect.objectContaining({ status: 422, text: 'no', json: undefined }),
      },
      { kind: 'untold' },
    ],
  });
});

test('a JSON answer with a rest elsewhere says nothing of what it leaves out', () => {
  const api = new Api('odata');
  const given = answer(200, { responses: [{ id: '1', status: 412 }], '@nextLink': 'more' });
  expect(api.writes.answersIn(given, api.members(2), { atomic: false })).toMatchObject({
    members: [{ kind: 'answer' }, { kind: 'untold' }],
  });
});

test('V2 knows no ids in answers: its places are those of the requests', () => {
  const api = new Api('sap-gateway');
  const members = ['A', 'B', 'C'].map(key => api.member(key, { method: 'MERGE' }));
  const statuses = (given: ReturnType<typeof answer>) => {
    const read = api.writes.answersIn(given, members, { atomic: false });
    return read.kind === 'members'
      ? read.members.map(member => (member.kind === 'answer' ? member.answer.status : member.kind))
      : read.kind;
  };
  const accepted = (...parts: readonly string[]) =>
    answer(202, `${parts.join('')}--r--`, MULTIPART);
  expect(statuses(accepted(set(part(204)), part(412), set(part(204))))).toEqual([204, 412, 204]);
  // An id that the request put into the inner headers, and that contradicts the place.
  const inner = (id: string) => part(204, undefined, '', `Content-ID: ${id}\r\n`);
  expect(statuses(accepted(set(inner('3')), part(412), set(inner('1'))))).toEqual([204, 412, 204]);
  // Both places at which the request named it, joined, as the CAP adapter answers.
  const joined = [set(part(204, '3, 3')), part(412, '<1>'), part(404, '2, 2')];
  expect(statuses(accepted(...joined))).toEqual([412, 404, 204]);
  expect(statuses(accepted(set(part(204, '1, 2')), part(412, '3'), part(404, '2')))).toEqual([
    'untold',
    404,
    412,
  ]);
  expect(statuses(accepted(set(inner('3')), part(412), part(404)))).toEqual([
    'untold',
    'untold',
    204,
  ]);
  expect(statuses(accepted(set(part(204)), set(part(204))))).toEqual([
    'untold',
    'untold',
    'untold',
  ]);
  // Some end at the first error.
  expect(statuses(accepted(set(part(204, '1')), part(412, '2')))).toEqual([204, 412, 'never-ran']);
});
