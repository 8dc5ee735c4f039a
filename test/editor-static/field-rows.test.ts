import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FieldRow } from '../../nodes/conditional-update/config';
import { checkFieldRows } from '../../nodes/conditional-update/field-rows.editor';

const t = (key: string): string => key;
const check = checkFieldRows(t);
const ROW: FieldRow = { field: 'status', value: 'Rework', valueType: 'str', optional: false };

beforeEach(() => {
  const validateTypedProperty = (value: string, type: string): true | string =>
    value === 'bad' ? `bad ${type}` : true;
  vi.stubGlobal('RED', { utils: { validateTypedProperty } });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('rows of the table that builds the changes', () => {
  it.each<[string, FieldRow[]]>([
    ['one', [ROW]],
    ['an empty text', [{ ...ROW, value: '' }]],
    ['an environment variable', [{ ...ROW, value: '${STATUS}', valueType: 'num' }]],
    ['a value that may be missing', [{ ...ROW, value: 'a.b', valueType: 'msg', optional: true }]],
  ])('takes %s', (_name, rows) => {
    expect(check(rows)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['conditional-update.errors.no-fields', []],
    ['conditional-update.errors.no-fields', undefined],
    ['conditional-update.errors.field-unnamed', [ROW, { ...ROW, field: '' }]],
    ['conditional-update.errors.field-twice', [ROW, ROW]],
    ['shared.errors.missing', [{ ...ROW, value: ' ', valueType: 'num' }]],
    ['bad json', [ROW, { ...ROW, field: 'defect', value: 'bad', valueType: 'json' }]],
  ])('says %s', (words, rows) => {
    expect(check(rows)).toBe(words);
  });
});
