import Big from 'big.js';
import type { LosslessNumber } from 'lossless-json';
import { digitsOf, exactNumber, isUnsafe } from './exact';

/** Digits as an API or a message writes a decimal number; the exponent is bounded so that no short text becomes a long number. */
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

/**
 * The exact sum of two decimal numbers; undefined where one of them is none, or was rounded by JavaScript. A number
 * stays a number, digit by digit where JavaScript cannot hold the sum; a field that has its number as text, as OData
 * services send Int64 and Decimal, keeps that form and its decimal places.
 * @param value of the field, as the API wrote it: a number that JavaScript cannot hold is no text but its digits
 * @param amount a number, digits as text, or a number kept digit by digit
 */
export function added(
  value: unknown,
  amount: unknown,
): number | LosslessNumber | string | undefined {
  const [one, other] = [exact(value), exact(amount)];
  if (one === undefined || other === undefined) return undefined;
  const sum = one.plus(other);
  const digits = sum.toFixed();
  return typeof value === 'string'
    ? sum.toFixed(Math.max(places(value), places(digits)))
    : exactNumber(digits);
}

function places(digits: string): number {
  return /^[^.eE]*\.(\d+)$/.exec(digits)?.[1]?.length ?? 0;
}

function exact(value: unknown): Big | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(value) && !isUnsafe(value) ? new Big(value) : undefined;
  }
  const digits = typeof value === 'string' ? value : digitsOf(value);
  if (digits === undefined || !NUMBER.test(digits)) return undefined;
  return new Big(digits.replace(/^\+/, ''));
}
