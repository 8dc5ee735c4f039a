import { describe, expect, test } from 'vitest';
import { createFamily } from '../../../lib/api/families';
import { MAX_NESTING } from '../../../lib/record/extent';
import type { RecordKey } from '../../../lib/record/fields';
import { checkRequest, updateHash, type UpdateRequest } from '../../../lib/update/request';
import { Engine, REST, ROW_ID } from '../../support/engine';
import { USUAL_UPDATE } from '../../support/usual-update';

const BASE = 'http://127.0.0.1/api';

function checked(
  changes: unknown,
  id = 'rest',
  key: RecordKey = id === 'dataverse' ? ROW_ID : 'A1',
  collection = 'orders',
): UpdateRequest {
  const family = createFamily(id, REST);
  return checkRequest(
    { ...USUAL_UPDATE, ref: family.locate(BASE, collection, key), changes },
    family,
  );
}

function withCode(code: string): Error {
  return expect.objectContaining({ code }) as Error;
}

function nested(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

function doubled(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = { a: value, b: value };
  return value;
}

describe('changes', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', '{"status":"Done"}'],
    ['an array', [{ status: 'Done' }]],
    ['a buffer', Buffer.from('{}')],
    ['no field', {}],
    ['nothing but annotations', { '@odata.etag': 'W/"1"' }],
    ['undefined', { status: undefined }],
    ['NaN', { count: Number.NaN }],
    ['a function', { status: () => 1 }],
    ['a date deep inside', { a: [{ at: new Date(0) }] }],
    ['a name that reaches the prototype', JSON.parse('{"__proto__":{"a":1}}')],
  ])('%s: refused', (_name, changes) => {
    expect(() => checked(changes, 'dataverse')).toThrow(withCode('CHANGES_INVALID'));
  });

  test.each([
    ['case U36', 'nested too deep', nested(MAX_NESTING)],
    ['case U38', 'held many times over', doubled(60)],
    ['case U38', 'long and empty', new Array(4_000_000_000)],
  ])('%s: a change %s: refused, with the bound', (_case, _how, value) => {
    expect(() => checked({ status: value }, 'dataverse')).toThrow(withCode('CHANGES_INVALID'));
    expect(() => checked({ status: value }, 'dataverse')).toThrow(/100 levels/);
  });

  test('case U38: many changes that are small each and large together: refused', () => {
    const changes = Object.fromEntries(
      Array.from({ length: 64 }, (_value, index) => [`f${index}`, doubled(12)]),
    );
    expect(() => checked(changes, 'dataverse')).toThrow(withCode('CHANGES_INVALID'));
  });

  test('the message names the field, never its value', () => {
    const secret = { toJSON: () => 'value-4711', run: () => 'value-4711' };
    expect(() => checked({ status: secret })).toThrow(/"status"/);
    expect(() => checked({ status: secret })).not.toThrow(/4711/);
  });

  test('annotations are left out, references stay', () => {
    const changes = {
      '@odata.etag': 'W/"1"',
      name: 'a',
      'name@OData.Formatted': 'A',
      'customerid_account@odata.bind': '/accounts(1)',
    };
    expect(checked(changes, 'dataverse').changes).toEqual({
      name: 'a',
      'customerid_account@odata.bind': '/accounts(1)',
    });
  });

  test('key fields that repeat the key are left out, others are refused', () => {
    const key = { plant: 'P1', number: 7 };
    expect(checked({ plant: 'P1', status: 'Done' }, 'dataverse', key).changes).toEqual({
      status: 'Done',
    });
    expect(() => checked({ plant: 'P2', status: 'Done' }, 'dataverse', key)).toThrow(
      withCode('KEY_CONTRADICTED'),
    );
    expect(() => checked({ plant: 'P1' }, 'dataverse', key)).toThrow(withCode('CHANGES_INVALID'));
  });

  test('the primary key of a table is a key field, in either spelling of its GUID', () => {
    const id = '5a1e0000-2025-4000-8000-00000000000a';
    const changes = { salesorderid: `{${id.toUpperCase()}}`, orderstatus: 'New' };
    expect(checked(changes, 'dataverse', id, 'salesorders').changes).toEqual({
      orderstatus: 'New',
    });
    const other = { ...changes, salesorderid: id.replace('5a', '5b') };
    expect(() => checked(other, 'dataverse', id, 'salesorders')).toThrow(
      withCode('KEY_CONTRADICTED'),
    );
  });

  test('of a prototype-less object are as good as any', () => {
    const changes = Object.assign(Object.create(null) as object, { status: 'Done' });
    expect(checked(changes).changes).toEqual({ status: 'Done' });
  });
});

test('a method that the family does not take is refused', () => {
  const engine = new Engine(BASE, { family: 'dataverse' });
  expect(() => engine.update({ method: 'PUT' })).toThrow(withCode('METHOD_UNSUPPORTED'));
});

test('the hash tells record and changes apart, and survives JSON', () => {
  const { ref, changes } = checked({ status: 'Done', lines: [{ n: 1 }] });
  const hashOf = (by: Partial<UpdateRequest>): string =>
    updateHash({ ref, changes, computation: undefined, ...by });
  const hash = hashOf({});
  expect(hashOf({ changes: JSON.parse(JSON.stringify(changes)) as typeof changes })).toBe(hash);
  expect(hashOf({ changes: { ...changes, status: 'done' } })).not.toBe(hash);
  expect(hashOf({ ref: { ...ref, url: `${ref.url}2` } })).not.toBe(hash);
});
