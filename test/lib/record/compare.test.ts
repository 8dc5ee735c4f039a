import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameValue } from '../../../lib/record/compare';
import type { FieldType } from '../../../lib/record/canonical';

const GUID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const DECIMAL: FieldType = { type: 'decimal' };
const SCALE_5: FieldType = { type: 'decimal', scale: 5 };
const INTEGER: FieldType = { type: 'integer' };
const DATE: FieldType = { type: 'date' };
const DATE_TIME: FieldType = { type: 'date-time' };
const IS_GUID: FieldType = { type: 'guid' };
const LOOKUP: FieldType = { type: 'lookup' };
const TEXT: FieldType = { type: 'text' };
const TYPES = [DECIMAL, SCALE_5, INTEGER, DATE, DATE_TIME, IS_GUID, LOOKUP, TEXT];

describe('without a type', () => {
  it.each([
    [1, 1.0],
    [0, -0],
    ['a', 'a'],
    [null, null],
    [true, true],
    [
      [1, 'a', null],
      [1, 'a', null],
    ],
    [
      { a: 1, b: { c: [2] } },
      { b: { c: [2] }, a: 1 },
    ],
    [{}, {}],
  ])('%j = %j', (a, b) => {
    expect(sameValue(a, b)).toBe(true);
  });

  it.each([
    ['1', 1],
    [1, '1'],
    ['', null],
    [0, null],
    [0, false],
    ['a', 'A'],
    ['é', 'e\u0301'],
    [null, undefined],
    [undefined, undefined],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 2]],
    [[], {}],
    [[1], { 0: 1 }],
    [{ a: 1 }, { a: 1, b: null }],
    [{ a: 1 }, { b: 1 }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [{ a: undefined }, { b: undefined }],
    [{}, null],
    [new Date(1), new Date(2)],
    [NaN, NaN],
  ])('%j ≠ %j', (a, b) => {
    expect(sameValue(a, b)).toBe(false);
  });

  it('trap 9: undefined equals nothing, whatever the type', () => {
    for (const type of [undefined, ...TYPES]) {
      for (const value of [undefined, null, '', 0]) {
        expect(sameValue(undefined, value, type)).toBe(false);
      }
    }
  });

  it('never looks a name up on a prototype', () => {
    expect(sameValue({ constructor: Object }, {})).toBe(false);
    expect(sameValue(JSON.parse('{"__proto__": {"a": 1}}'), { b: 1 })).toBe(false);
    expect(sameValue(JSON.parse('{"toString": 1}'), JSON.parse('{"valueOf": 1}'))).toBe(false);
    expect(sameValue(JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}'))).toBe(true);
  });

  it('is reflexive over JSON, blind to the order of names, and symmetric', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameValue(a, reversed(a))).toBe(true);
        expect(sameValue(a, b)).toBe(sameValue(b, a));
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, inner]) => [name, reversed(inner)]));
}

describe('trap 23: traps of comparison', () => {
  it('trap 23: 9007199254740993 ≠ 9007199254740992', () => {
    for (const type of [undefined, DECIMAL, INTEGER, TEXT]) {
      expect(sameValue('9007199254740993', '9007199254740992', type)).toBe(false);
    }
    expect(sameValue('9007199254740993', 9007199254740992, INTEGER)).toBe(false);
    expect(sameValue('9007199254740993', '09007199254740993', INTEGER)).toBe(true);
  });

  it('trap 23: "Item 12" ≠ "Lot 12"', () => {
    for (const type of [undefined, ...TYPES]) {
      expect(sameValue('Item 12', 'Lot 12', type)).toBe(false);
    }
  });

  it('trap 23: "007" = 7 only as an integer or a decimal', () => {
    expect(sameValue('007', 7)).toBe(false);
    expect(sameValue('007', '7')).toBe(false);
    expect(sameValue('007', '7', TEXT)).toBe(false);
    expect(sameValue('007', 7, INTEGER)).toBe(true);
  });

  it('trap 23: 1.0 = "1.00" only as a decimal', () => {
    expect(sameValue(1.0, '1.00')).toBe(false);
    expect(sameValue('1.0', '1.00')).toBe(false);
    expect(sameValue('1.0', '1.00', DECIMAL)).toBe(true);
    expect(sameValue(1.0, '1.00', DECIMAL)).toBe(true);
  });

  it('trap 23: 2025-02-08 = 2025-02-08T00:00:00Z only as a date', () => {
    expect(sameValue('2025-02-08', '2025-02-08T00:00:00Z')).toBe(false);
    expect(sameValue('2025-02-08', '2025-02-08T00:00:00Z', DATE_TIME)).toBe(false);
    expect(sameValue('2025-02-08', '2025-02-08T00:00:00Z', DATE)).toBe(true);
  });

  it('trap 23: 47.639583 = 47.63958 only with a declared scale', () => {
    expect(sameValue(47.639583, 47.63958)).toBe(false);
    expect(sameValue(47.639583, 47.63958, DECIMAL)).toBe(false);
    expect(sameValue(47.639583, 47.63958, SCALE_5)).toBe(true);
    expect(sameValue(47.639583, '47.63959', SCALE_5)).toBe(false);
  });
});

describe('with a type', () => {
  it.each([
    [DECIMAL, '1e3', 1000],
    [DECIMAL, '-0.00', 0],
    [DECIMAL, '+1.5', 1.5],
    [DECIMAL, '0.1', 0.1],
    [DECIMAL, 1e21, '1000000000000000000000'],
    [DECIMAL, ['1.0', '2'], [1, 2]],
    [DECIMAL, { lat: '1.0' }, { lat: 1 }],
    [SCALE_5, '0.000005', '0.00001'],
    [INTEGER, '-0', 0],
    [INTEGER, '+7', 7],
    [INTEGER, '-007', -7],
    [DATE, '2025-02-08T00:00', '2025-02-08T00:00:00.000+00:00'],
    // case 14: the basic format of ISO 8601
    [DATE, '2025-02-08', '2025-02-08T00:00:00.000+0000'],
    [DATE_TIME, '2025-02-08T10:00:00.000+0000', '2025-02-08T10:00:00Z'],
    [DATE_TIME, '2025-02-08T12:30:00+0230', '2025-02-08T10:00:00Z'],
    [DATE_TIME, '2025-02-08T11:00:00+01', '2025-02-08T10:00:00Z'],
    [DATE_TIME, '2025-02-08T09:00:00-01', '2025-02-08T10:00:00Z'],
    [DATE, '2025-02-08', '2025-02-08T12:00:00Z'],
    [DATE, '2025-02-08', '/Date(1738972800000)/'],
    [DATE_TIME, '2025-02-08T12:00:00Z', '2025-02-08T13:30:00+01:30'],
    [DATE_TIME, '2025-02-08T12:00Z', '2025-02-08T12:00:00.0000000Z'],
    [DATE_TIME, '2025-02-08T00:30:00+01:00', '2025-02-07T18:30:00-05:00'],
    [DATE_TIME, '2025-02-08T12:00:00.1234567Z', '2025-02-08T12:00:00.123456700Z'],
    [DATE_TIME, '/Date(1739016000000)/', '2025-02-08T12:00:00Z'],
    [DATE_TIME, '/Date(1739016000000+0000)/', '2025-02-08T12:00:00Z'],
    [DATE_TIME, '/Date(-1)/', '1969-12-31T23:59:59.999Z'],
    [DATE_TIME, '0001-01-01T00:00:00Z', '0001-01-01T00:00:00.0Z'],
    [IS_GUID, GUID, `{${GUID.toUpperCase()}}`],
    [LOOKUP, `/accounts(${GUID})`, GUID.toUpperCase()],
    [LOOKUP, `https://erp/api/data/v9.0/accounts(${GUID.toUpperCase()})`, GUID],
    [LOOKUP, null, null],
    [TEXT, 'a', 'a'],
  ])('%j: %j = %j', (type, a, b) => {
    expect(sameValue(a, b, type)).toBe(true);
    expect(sameValue(b, a, type)).toBe(true);
  });

  it.each([
    [DECIMAL, '', 0],
    [DECIMAL, '0x10', 16],
    [DECIMAL, '1,5', 1.5],
    [DECIMAL, ' 1', 1],
    [DECIMAL, null, 0],
    [DECIMAL, true, 1],
    [DECIMAL, '1e9999', '1E9999'],
    [INTEGER, '7.0', 7],
    [INTEGER, '', 0],
    [INTEGER, '1e1', 10],
    [DATE, '2025-02-08', '2025-02-08T00:00:00+01:00'],
    [DATE, '2025-02-08', '2025-02-08T12:30:00Z'],
    [DATE, '2025-02-08', '/Date(1738972800001)/'],
    [DATE, '2025-02-30', '2025-02-30T00:00:00Z'],
    [DATE, 'SO-2025-01', 'SO-2025-1'],
    [DATE_TIME, '2025-02-08T12:00:00', '2025-02-08T12:00:00Z'],
    [DATE_TIME, '2025-02-08T12:00:00', '2025-02-08T12:00:00.0'],
    [DATE_TIME, '2025-02-08T12:00:00.1234567Z', '2025-02-08T12:00:00.1234568Z'],
    [DATE_TIME, '2025-02-08T12:00:00.12345678Z', '2025-02-08T12:00:00.123456780Z'],
    [DATE_TIME, '2025-02-30T00:00:00Z', '2025-03-02T00:00:00Z'],
    [DATE_TIME, '2025-02-08T24:00:00Z', '2025-02-09T00:00:00Z'],
    [DATE_TIME, '2025-02-08T12:00:00+24:00', '2025-02-07T12:00:00Z'],
    [DATE_TIME, '/Date(1739016000000+0060)/', '2025-02-08T12:00:00Z'],
    [DATE_TIME, '0001-01-01T00:00:00Z', '1901-01-01T00:00:00Z'],
    [IS_GUID, `{${GUID}`, GUID],
    [IS_GUID, `/accounts(${GUID})`, GUID],
    [LOOKUP, "/products('A1')", 'A1'],
    [LOOKUP, null, GUID],
    [TEXT, '1', 1],
    [TEXT, '1.0', '1.00'],
  ])('%j: %j ≠ %j', (type, a, b) => {
    expect(sameValue(a, b, type)).toBe(false);
    expect(sameValue(b, a, type)).toBe(false);
  });

  it.each(TYPES)('%j: what it cannot read is compared exactly', type => {
    expect(sameValue('whatever', 'whatever', type)).toBe(true);
    expect(sameValue('whatever', 'Whatever', type)).toBe(false);
    expect(sameValue(null, null, type)).toBe(true);
  });

  it('a decimal is its value, however it is spelled', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(20), fc.nat(5), (digits, scale, zeros) => {
        const plain = shifted(digits, scale);
        const padded = `${plain}${plain.includes('.') ? '' : '.'}${'0'.repeat(zeros + 1)}`;
        expect(sameValue(plain, padded, DECIMAL)).toBe(true);
        expect(sameValue(plain, `${digits}e-${scale}`, DECIMAL)).toBe(true);
        expect(sameValue(plain, shifted(digits + 1n, scale), DECIMAL)).toBe(false);
      }),
    );
  });

  it('an integer is its value, beyond 2^53 too', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.nat(5), (a, b, zeros) => {
        const sign = a < 0n ? '-' : '';
        const padded = `${sign}${'0'.repeat(zeros)}${a < 0n ? -a : a}`;
        expect(sameValue(String(a), padded, INTEGER)).toBe(true);
        expect(sameValue(String(a), String(b), INTEGER)).toBe(a === b);
      }),
    );
  });

  it('an instant is the same in every zone', () => {
    const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
    const when = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
    fc.assert(
      fc.property(when, minutes, (date, offset) => {
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        expect(sameValue(`${local}${zone(offset)}`, date.toISOString(), DATE_TIME)).toBe(true);
      }),
    );
  });
});

function shifted(digits: bigint, scale: number): string {
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const cut = text.length - scale;
  return scale === 0 ? `${sign}${text}` : `${sign}${text.slice(0, cut)}.${text.slice(cut)}`;
}

function zone(offset: number): string {
  const minutes = Math.abs(offset);
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
