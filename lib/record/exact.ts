import Big from 'big.js';
import { isLosslessNumber, LosslessNumber } from 'lossless-json';
import { isFields } from './fields';

const INTEGER = /^-?\d+$/;

/** Whether JavaScript holds a number of these digits without losing any. */
function isExact(digits: string): boolean {
  const value = Number(digits);
  if (INTEGER.test(digits)) return Number.isSafeInteger(value);
  return Number.isFinite(value) && new Big(digits).eq(new Big(String(value)));
}

/** A JSON number as JavaScript holds it, or digit by digit where it cannot. */
export function exactNumber(digits: string): number | LosslessNumber {
  return isExact(digits) && !isUnsafe(Number(digits)) ? Number(digits) : new LosslessNumber(digits);
}

/** A whole number at which others may have arrived by rounding. */
export function isUnsafe(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Whether a text is a number as JSON writes it. */
export function isJsonNumber(text: string): boolean {
  return NUMBER.test(text);
}

/**
 * The digits of a number that is kept digit by digit: an object of `lossless-json`, of whatever copy of it, or what
 * JSON makes of one. Undefined for anything else.
 */
export function digitsOf(value: unknown): string | undefined {
  if (isLosslessNumber(value)) return value.toString();
  if (typeof value !== 'object' || value === null) return undefined;
  const { isLosslessNumber: isMarked, value: digits } = value as Record<string, unknown>;
  if (isMarked !== true || typeof digits !== 'string' || !isJsonNumber(digits)) return undefined;
  return Object.keys(value).length === 2 ? digits : undefined;
}

/** The digits of any JSON number, plain or kept digit by digit. Undefined for anything else: text of digits is text. */
export function numeralOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : digitsOf(value);
}

/** A JSON number as the values of a record show it: as text of its digits where JavaScript cannot hold it. */
export function shownNumber(digits: string): number | string {
  return isExact(digits) ? Number(digits) : digits;
}

/** A value as the values of a record would show it. */
export function asShown(value: unknown): unknown {
  if (isLosslessNumber(value)) return shownNumber(value.toString());
  if (Array.isArray(value)) return value.map(asShown);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, asShown(item)]));
}
