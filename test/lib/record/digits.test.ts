import { describe, expect, it } from 'vitest';
import { roundingFrom } from '../../../lib/record/digits';

describe('roundingFrom', () => {
  it.each([
    // What Node-RED 4.1.0 and 5.0.0 make of a number of 16 digits.
    ['SO-1234567890123460', { id: 1234567890123456 }, '1234567890123460'],
    ['SO-9007199254740990', { id: 9007199254740991 }, '9007199254740990'],
    ['M1/1764345600.12346', { ts: 1764345600.123456 }, '1764345600.12346'],
    ['a1.23456789012346e+21', { n: 1.234567890123456e21 }, '1.23456789012346e+21'],
    // A number of the message that may have been rounded before.
    ['SO-9007199254740992', { id: 9007199254740992 }, '9007199254740992'],
    // Two numbers that have grown together.
    ['1000000012345678', { plant: '1000', order: '000012345678' }, '1000000012345678'],
    [{ a: 'x', b: 'SO-1234567890123460' }, {}, '1234567890123460'],
  ])('case U14: %j of %j is %s', (made, message, digits) => {
    expect(roundingFrom([message])(made)).toBe(digits);
  });

  it.each([
    ['SO-123456789012345', { id: 123456789012345 }],
    ['SO-1234567890123456', { id: 1234567890123456 }],
    ['SO-1234567890123456', { deep: [{ id: 'x 1234567890123456 y' }] }],
    ['M1/1764345600.123456', { ts: '1764345600.123456' }],
    ['M1/1764345600.123', { ts: 1764345600.123 }],
    ['2026-02-08T10:00:00.1234567Z', {}],
    ['192.168.100.200', {}],
    [7, {}],
    [undefined, {}],
    [{ a: 7, b: 'x' }, {}],
  ])('%j of %j is sound', (made, message) => {
    expect(roundingFrom([message])(made)).toBeUndefined();
  });

  it('tells of many what is sound, and does not look through everything for each', () => {
    const ids = Array.from({ length: 5_000 }, (_, n) => 1_000_000_000_000_000 + n);
    const rounded = roundingFrom([{ payload: ids.map(id => ({ id, text: `x${String(id)}y` })) }]);
    expect(ids.filter(id => rounded(`SO-${String(id)}`) !== undefined)).toEqual([]);
    expect(ids.filter(id => rounded(`SO-9${String(id)}`) === undefined)).toEqual([]);
  });

  it('takes digits that the expression itself names', () => {
    expect(roundingFrom([{}, '"1234567890123456"'])('1234567890123456')).toBeUndefined();
  });
});
