import { describe, expect, it } from 'vitest';
import { createCouchDb } from '../../../lib/api/rest/couchdb';
import { DEFAULT_API_SETTINGS } from '../../../lib/api/settings';
import { answer } from './answers';
import { meaningOf, planFor } from './odata-plans';

const couch = createCouchDb(DEFAULT_API_SETTINGS);
const ref = couch.locate('https://couch.example/couch', 'orders', 'SO-1');
const DOCUMENT =
  '{"_id":"SO-1","_rev":"1-a","total":1.10,"n":9007199254740993,"_attachments":{"a.txt":{"stub":true}}}';
const PUT = { method: 'PUT', precondition: 'version' } as const;

describe('a CouchDB document', () => {
  it('is written whole, with the version in its place', () => {
    const read = answer(200, DOCUMENT);
    const precondition = { version: couch.versionOf(read) ?? '' };
    const plan = planFor(ref, { method: 'PUT', changes: { total: 2 }, read, precondition });
    expect(couch.writeRequest(plan)).toEqual({
      method: 'PUT',
      url: 'https://couch.example/couch/orders/SO-1',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: DOCUMENT.replace('1.10', '2'),
    });
    expect(couch.sent(plan)).toEqual(PUT);
  });

  it('is written on the version of the plan, not on what was read', () => {
    const read = answer(200, { _id: 'SO-1', _rev: '1-a' });
    const plan = planFor(ref, { method: 'PUT', read, precondition: { version: '2-b' } });
    expect(couch.writeRequest(plan).body).toBe('{"_id":"SO-1","_rev":"2-b","name":"A"}');
  });

  it('names its new version in the answer to a write, which is no document', () => {
    const written = answer(201, { ok: true, id: 'SO-1', rev: '2-b' });
    expect(couch.versionOf(written)).toBe('2-b');
    expect(couch.valuesOf(written)).toBeUndefined();
    expect(couch.valuesOf(answer(200, { _rev: '1-a', ok: 1 }))).toEqual({ _rev: '1-a', ok: 1 });
  });

  it('is never renamed or given another version', () => {
    expect(couch.keyField('orders')).toBe('_id');
    expect(couch.cleanChanges({ _rev: '0-x', total: 2 })).toEqual({ total: 2 });
  });

  it('trap 10: cannot be forced', () => {
    expect(couch.canForce).toBe(false);
    const read = answer(200, DOCUMENT);
    const plan = planFor(ref, { method: 'PUT', read, precondition: 'any' });
    expect(() => couch.writeRequest(plan)).toThrow(
      expect.objectContaining({ code: 'FORCE_UNSUPPORTED' }),
    );
  });

  it('is described to the dialog', () => {
    expect(couch).toMatchObject({ methods: ['PUT'], takesActions: false });
  });
});

describe('a CouchDB answer', () => {
  it.each([
    ['row 1', 201, { ok: true, id: 'SO-1', rev: '2-b' }, 'success'],
    ['row 3', 201, '{"ok":tr', 'unverified'],
    ['row 6', 202, { ok: true, id: 'SO-1', rev: '2-b' }, 'pending'],
    ['row 26', 409, { error: 'conflict', reason: 'Document update conflict.' }, 'version-conflict'],
    ['row 26', 409, undefined, 'version-conflict'],
    ['row 21', 404, { error: 'not_found', reason: 'deleted' }, 'not-found'],
    ['row 19', 403, { error: 'forbidden', reason: 'total is required' }, 'forbidden'],
  ])('%s: %i %j', (_row, status, body, expected) => {
    expect(meaningOf(couch, { status, body }, PUT).class).toBe(expected);
  });

  it('tells the reason of a refusal', () => {
    const refused = answer(404, { error: 'not_found', reason: 'deleted' });
    expect(couch.errorOf(refused)).toEqual({ code: 'not_found', message: 'deleted' });
    expect(couch.errorOf(answer(500, { error: 'x' }))).toEqual({ message: 'x' });
    expect(couch.errorOf(answer(200, { error: 'a', reason: 'b', _rev: '1-a' }))).toEqual({});
  });
});
