import { describe, expect, it } from 'vitest';
import { createRest } from '../../../lib/api/rest/rest';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../../lib/api/settings';
import { answer } from './answers';
import { ACTION, meaningOf, planFor, READ } from './odata-plans';

const BASE = 'https://mes.example/api';
const rest = (settings: Partial<ApiSettings> = {}) =>
  createRest({ ...DEFAULT_API_SETTINGS, ...settings });
const FIELD: Partial<ApiSettings> = { versionFrom: 'field', versionField: 'version' };

/** The path and query of a read of these fields. */
function addressOf(settings: Partial<ApiSettings>, fields?: readonly string[]) {
  const family = rest(settings);
  const { url } = family.readRequest(family.locate(BASE, 'orders', 1), fields);
  return url.slice(BASE.length);
}

describe('generic settings that contradict each other', () => {
  it.each<[string, Partial<ApiSettings>, string]>([
    ['a version field without a name', { ...FIELD, versionField: ' , ' }, 'VERSION_FIELD_MISSING'],
    [
      'an annotation that would have to go back in the body',
      { ...FIELD, versionField: '@odata.etag', versionTo: 'field' },
      'VERSION_TO_INVALID',
    ],
    [
      'metadata that would have to go back in the body',
      { ...FIELD, versionField: 'd.__metadata.etag', recordPath: 'd', versionTo: 'field' },
      'VERSION_TO_INVALID',
    ],
    [
      'If-Unmodified-Since beside itself',
      { versionFrom: 'last-modified', unmodifiedSince: true },
      'UNMODIFIED_SINCE_UNSUPPORTED',
    ],
    [
      'If-Unmodified-Since without If-Match',
      { ...FIELD, versionTo: 'field', unmodifiedSince: true },
      'UNMODIFIED_SINCE_UNSUPPORTED',
    ],
    ['more than a name as parameter', { fieldsParameter: 'a&b' }, 'FIELDS_PARAMETER_INVALID'],
    ['more than a name as header', { cacheHeader: 'X-Cache: HIT' }, 'CACHE_HEADER_INVALID'],
  ])('are refused: %s', (_what, settings, code) => {
    expect(() => rest(settings)).toThrow(expect.objectContaining({ code }));
  });

  it.each([200, 401, 404, 429, 503, Number.NaN])('are refused: conflict status %d', status => {
    expect(() => rest({ conflictStatuses: [409, status] })).toThrow(
      expect.objectContaining({ code: 'CONFLICT_STATUSES_INVALID' }),
    );
  });

  it('are taken where one of them does not count', () => {
    expect(rest({ versionTo: 'field', unmodifiedSince: true }).canForce).toBe(true);
    expect(rest({ versionField: '', versionFrom: 'last-modified' }).canForce).toBe(false);
  });
});

describe('a generic read', () => {
  it('brings everything unless the API can be asked for fields', () => {
    expect(addressOf({}, ['status'])).toBe('/orders/1');
    expect(addressOf({ fieldsParameter: 'fields' })).toBe('/orders/1');
    expect(addressOf({ fieldsParameter: 'fields' }, [])).toBe('/orders/1');
  });

  it('asks for the version with the needed fields, wherever it is in the record', () => {
    const asked = (settings: Partial<ApiSettings>) =>
      addressOf({ ...FIELD, fieldsParameter: 'fields', ...settings }, ['status', 'a&b', 'status']);
    expect(asked({})).toBe('/orders/1?fields=status,a%26b,version');
    expect(asked({ versionTo: 'field' })).toBe('/orders/1?fields=status,a%26b,version');
    expect(asked({ versionField: '_rev, rev' })).toBe('/orders/1?fields=status,a%26b,_rev');
    expect(asked({ versionField: 'meta.rev' })).toBe('/orders/1?fields=status,a%26b,meta');
    expect(asked({ recordPath: 'data', versionField: 'data.rev' })).toBe(
      '/orders/1?fields=status,a%26b,rev',
    );
    expect(asked({ versionFrom: 'last-modified', modifiedField: 'changedAt' })).toBe(
      '/orders/1?fields=status,a%26b,changedAt',
    );
  });

  it('does not ask for what lies around the record', () => {
    const settings = { ...FIELD, fieldsParameter: 'fields', recordPath: 'data' };
    expect(addressOf({ ...settings, versionField: 'meta.rev' }, ['a'])).toBe('/orders/1?fields=a');
  });

  it('does not ask OData for annotations, which come unasked', () => {
    const odata: Partial<ApiSettings> = { ...FIELD, keyStyle: 'odata', fieldsParameter: '$select' };
    expect(addressOf({ ...odata, versionField: '@odata.etag' }, ['a', 'b@odata.bind'])).toBe(
      '/orders(1)?$select=a',
    );
    expect(addressOf({ ...odata, versionField: '@odata.etag' }, ['b@odata.bind'])).toBe(
      '/orders(1)',
    );
    const v2 = { ...odata, versionField: 'd.__metadata.etag', recordPath: 'd' };
    expect(addressOf(v2, ['a'])).toBe('/orders(1)?$select=a');
  });

  it('says when a cache answered', () => {
    const { cachedReads } = rest({ cacheHeader: 'X-Cache-Status' });
    const isCached = (value: string) =>
      cachedReads?.isCached(answer(200, {}, { 'x-cache-status': value }));
    for (const value of ['HIT', 'hit', 'STALE', 'UPDATING', 'REVALIDATED', 'MISS, HIT']) {
      expect(isCached(value)).toBe(true);
    }
    for (const value of ['MISS', 'BYPASS', 'EXPIRED', 'DYNAMIC', '']) {
      expect(isCached(value)).toBe(false);
    }
    expect(cachedReads?.isCached(answer(200, {}))).toBe(false);
    expect(cachedReads?.staleMs).toBe(2000);
    expect(rest().cachedReads?.isCached(answer(200, {}, { 'x-cache-status': 'HIT' }))).toBe(true);
    expect(rest().cachedReads?.isCached(answer(200, {}, { age: '3' }))).toBe(true);
    expect(rest().cachedReads?.isCached(answer(200, {}, { age: '0' }))).toBe(false);
  });
});

describe('a generic version', () => {
  it('may be named differently in the answer to a write', () => {
    const family = rest({ ...FIELD, versionField: '_rev, rev', versionTo: 'field' });
    expect(family.versionOf(answer(200, { _rev: '1-a', rev: 9 }))).toBe('1-a');
    expect(family.versionOf(answer(201, { ok: true, rev: '2-b' }))).toBe('2-b');
    const ref = family.locate(BASE, 'db', 'x');
    const plan = planFor(ref, { precondition: { version: '2-b' } });
    expect(family.writeRequest(plan).body).toBe('{"name":"A","_rev":"2-b"}');
  });

  it.each([
    ['2026-02-08T10:00:00.9Z', 'Sun, 08 Feb 2026 10:00:00 GMT'],
    ['2026-02-08T11:00:00+01:00', 'Sun, 08 Feb 2026 10:00:00 GMT'],
    ['/Date(1770544800999)/', 'Sun, 08 Feb 2026 10:00:00 GMT'],
    ['1969-12-31T23:59:58.5Z', 'Wed, 31 Dec 1969 23:59:58 GMT'],
  ])('may be a time in the record: %s goes back as a whole second, never later', (time, date) => {
    const family = rest({ versionFrom: 'last-modified', modifiedField: 'meta.changedAt' });
    const read = answer(200, { meta: { changedAt: time } }, { 'last-modified': 'x' });
    const version = family.versionOf(read) ?? '';
    expect(version).toBe(time);
    const plan = planFor(family.locate(BASE, 'a', 1), { precondition: { version } });
    expect(family.writeRequest(plan).headers['If-Unmodified-Since']).toBe(date);
  });

  it.each(['2026-02-08T10:00:00', 'yesterday', 5, null, '/Date(999999999999999)/'])(
    'is none when the time %j cannot be sent back',
    changedAt => {
      const family = rest({ versionFrom: 'last-modified', modifiedField: 'changedAt' });
      expect(family.versionOf(answer(200, { changedAt }))).toBeUndefined();
    },
  );
});

describe('a generic OData record', () => {
  it('is seen and sent without annotations', () => {
    const family = rest({ ...FIELD, keyStyle: 'odata', versionField: '@odata.etag' });
    const read = answer(200, {
      '@odata.etag': '"1"',
      a: 1,
      'a@x.y': 2,
      b: null,
      'b@Core.Permissions': 'None',
    });
    expect(family.valuesOf(read)).toEqual({ a: 1 });
    const ref = family.locate(BASE, 'orders', 1);
    const changes = { a: 2, '@odata.etag': '"0"', 'c@odata.bind': 'cs(1)' };
    expect(family.cleanChanges(changes)).toEqual({ a: 2, 'c@odata.bind': 'cs(1)' });
    expect(family.writeRequest(planFor(ref, { changes })).body).toBe(
      '{"a":2,"c@odata.bind":"cs(1)"}',
    );
    const put = planFor(ref, { method: 'PUT', changes: { a: 2 }, read });
    expect(() => family.writeRequest(put)).toThrow(
      expect.objectContaining({ code: 'FIELDS_HIDDEN' }),
    );
    expect(family.writeRequest({ ...put, changes: { a: 2, b: 3 } }).body).toBe('{"a":2,"b":3}');
  });

  it('is seen and sent without the metadata of V2', () => {
    const versionField = 'd.__metadata.etag';
    const family = rest({ ...FIELD, keyStyle: 'odata', versionField, recordPath: 'd' });
    const d = { __metadata: { etag: 'W/"1"' }, a: 1, items: { __deferred: { uri: 'x' } } };
    const read = answer(200, { d });
    expect(family.versionOf(read)).toBe('W/"1"');
    expect(family.valuesOf(read)).toEqual({ a: 1 });
    const ref = family.locate(BASE, 'orders', 1);
    const { body, headers } = family.writeRequest(
      planFor(ref, { method: 'PUT', changes: { a: 2 }, read, precondition: { version: 'W/"1"' } }),
    );
    expect(body).toBe('{"a":2}');
    expect(headers['If-Match']).toBe('W/"1"');
  });
});

describe('a generic action', () => {
  it('is posted below the record with the version', () => {
    const family = rest();
    const ref = family.locate(BASE, 'orders', 1);
    const action = { name: 'status/complete', parameters: { by: 'me' } };
    const plan = planFor(ref, { action });
    expect(family.writeRequest(plan)).toMatchObject({
      method: 'POST',
      url: `${BASE}/orders/1/status/complete`,
      headers: { 'If-Match': '"1"' },
      body: '{"by":"me"}',
    });
    expect(family.sent(plan)).toEqual(ACTION);
    const inBody = rest({ ...FIELD, versionTo: 'field' });
    const { body } = inBody.writeRequest({ ...plan, precondition: { version: '7' } });
    expect(body).toBe('{"by":"me","version":7}');
  });

  it.each(['', '/a', 'a/', 'a//b', '../a', 'a/..', '.', 'a?b', 'a#b', 'a%2fb', 'a b', 'ä', 'a(1)'])(
    'is refused by the name "%s"',
    name => {
      const family = rest();
      const plan = planFor(family.locate(BASE, 'orders', 1), { action: { name, parameters: {} } });
      expect(() => family.writeRequest(plan)).toThrow(
        expect.objectContaining({ code: 'ACTION_INVALID' }),
      );
    },
  );
});

describe('the meaning of a generic answer', () => {
  const said = (message: string) => ({ error: { code: 'X', message } });

  it.each([400, 409, 412, 422, 500])('row 26: %d with the conflict text is a conflict', status => {
    const family = rest({ conflictText: 'changed (by another)' });
    const body = said('Record was CHANGED (by another) user');
    expect(meaningOf(family, { status, body }).class).toBe('version-conflict');
    expect(meaningOf(family, { status, body }, ACTION).class).toBe('version-conflict');
    expect(meaningOf(family, { status, body }, READ).class).not.toBe('version-conflict');
    expect(meaningOf(family, { status: 400, body: said('changed by another') }).class).toBe(
      'validation',
    );
  });

  it.each([
    [401, 'auth'],
    [404, 'not-found'],
    [408, 'transient'],
    [429, 'throttled'],
    [504, 'transient'],
  ])('row 26: %d keeps its meaning whatever its text', (status, expected) => {
    const family = rest({ conflictText: 'changed' });
    expect(meaningOf(family, { status, body: said('changed') }).class).toBe(expected);
  });

  it('row 1: 201 answers an update where the setting says so, and nothing else does', () => {
    const family = rest({ createdIsUpdate: true });
    const meaning = (body?: unknown) => meaningOf(family, { status: 201, body }).class;
    expect(meaning({ ok: true })).toBe('success');
    expect(meaning()).toBe('success');
    expect(meaning('<html></html>')).toBe('unverified');
    expect(meaning('{"ok":')).toBe('unverified');
    expect(meaningOf(rest(), { status: 201 }).class).toBe('unexpected-create');
  });

  it('row 4: a failure in a 200 puts the write in doubt, and a record is none', () => {
    const meaning = (body: unknown) => meaningOf(rest(), { status: 200, body });
    const failures = [
      { success: false, message: 'No' },
      { error: 'No' },
      { errors: ['No'], code: 5 },
    ];
    for (const body of failures) {
      expect(meaning(body)).toMatchObject({ class: 'unverified', ambiguous: true });
    }
    const records = [
      { success: true },
      { id: 1, error: 'E17' },
      { error: null },
      { error: '' },
      {},
    ];
    for (const body of records) expect(meaning(body).class).toBe('success');
    expect(meaningOf(rest(), { status: 200, body: failures[0] }, READ).class).toBe('success');
  });

  it('row 39, row 27: actions count as writes', () => {
    const family = rest({ conflictStatuses: [412, 422] });
    expect(meaningOf(family, { status: 422 }, ACTION).class).toBe('undetermined');
    expect(meaningOf(family, { status: 409 }, ACTION).class).toBe('state-conflict');
  });
});

describe('a generic endpoint', () => {
  it('fetches a CSRF token, and takes absent fields for null, when told to', () => {
    expect(rest({ csrf: true, missingMeansNull: true })).toMatchObject({
      needsCsrfToken: true,
      missingMeansNull: true,
    });
    expect(rest()).toMatchObject({ needsCsrfToken: false, missingMeansNull: false });
  });
});
