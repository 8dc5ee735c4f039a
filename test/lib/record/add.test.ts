import fc from 'fast-check';
import { LosslessNumber } from 'lossless-json';
import { expect, test } from 'vitest';
import { added } from '../../../lib/record/add';
import { stringifyExact } from '../../../lib/record/json';

test.each<[unknown, unknown, unknown]>([
  [5, 1, 6],
  [5, -7, -2],
  [0.1, 0.2, 0.3],
  [5, '1', 6],
  ['5.00', 1, '6.00'],
  ['12.50', '-0.25', '12.25'],
  ['9007199254740993', 1, '9007199254740994'],
  ['+5', 1, '6'],
  ['1e3', 1, '1001'],
])('%j and %j are %j', (value, amount, sum) => {
  expect(added(value, amount)).toEqual(sum);
});

test.each<[unknown, unknown, string]>([
  [5, 1, '6'],
  [9007199254740991, 1, '9007199254740992'],
  [9007199254740991, 2, '9007199254740993'],
  [-9007199254740991, -1, '-9007199254740992'],
  [5, '9007199254740993', '9007199254740998'],
  [5, '1234567890123456.75', '1234567890123461.75'],
  [new LosslessNumber('5'), 1, '6'],
  [new LosslessNumber('9007199254740993'), 1, '9007199254740994'],
  [new LosslessNumber('9007199254740993'), '-9007199254740991', '2'],
  [new LosslessNumber('12345678901234567.25'), '0.50', '12345678901234567.75'],
  [new LosslessNumber('9e15'), new LosslessNumber('7199254740993'), '9007199254740993'],
  [5, { isLosslessNumber: true, value: '9007199254740993' }, '9007199254740998'],
])('the number %s and %s are the number %s, as JSON has it', (value, amount, sum) => {
  expect(stringifyExact({ sum: added(value, amount) })).toBe(`{"sum":${sum}}`);
});

test.each<[unknown, unknown]>([
  [5, 9007199254740992],
  [9007199254740992, 1],
  [new LosslessNumber('1e9999'), 1],
  [null, 1],
  [undefined, 1],
  ['', 1],
  ['five', 1],
  [true, 1],
  [{}, 1],
  [[5], 1],
  [5, null],
  [5, 'one'],
  [5, Number.NaN],
  [Number.POSITIVE_INFINITY, 1],
  ['0x10', 1],
  ['1e9999', 1],
])('%j and %j have no sum', (value, amount) => {
  expect(added(value, amount)).toBeUndefined();
});

test('whole numbers add up like whole numbers, of any length', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
      expect(BigInt(String(added(String(a), String(b))))).toBe(a + b);
    }),
  );
});
