import Big from 'big.js';

/** Digits as an API or a message writes a decimal number; the exponent is bounded so that no short text becomes a long number. */
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

/**
 * The exact sum of two decimal numbers; undefined where one of them is none. A number stays a number where JavaScript
 * holds the sum exactly; a field that shows its number as text, as OData services do with Int64 and Decimal, keeps that
 * form, and so does a sum that is too long.
 * @param value of the field
 */
export function added(value: unknown, amount: unknown): number | string | undefined {
  const [one, other] = [exact(value), exact(amount)];
  if (one === undefined || other === undefined) return undefined;
  const sum = one.plus(other);
  const digits = sum.toFixed();
  if (typeof value === 'string') return sum.toFixed(Math.max(places(value), places(digits)));
  const asNumber = Number(digits);
  return new Big(asNumber).eq(sum) ? asNumber : digits;
}

function places(digits: string): number {
  return /^[^.eE]*\.(\d+)$/.exec(digits)?.[1]?.length ?? 0;
}

function exact(value: unknown): Big | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? new Big(value) : undefined;
  if (typeof value !== 'string' || !NUMBER.test(value)) return undefined;
  return new Big(value.replace(/^\+/, ''));
}
