import { isFields, type Fields } from './fields';

/**
 * A number in a text that has so many digits that joining it to text may have altered it: JSONata writes numbers with
 * 15 significant digits at most, so that a longer whole number ends in zeros and a longer fraction is cut.
 */
const LONG_NUMBER = /\d+\.\d+(?:e[+-]?\d+)?|\d{16,}/gi;

const CERTAIN_DIGITS = 15;

/** More than any message holds besides what it was sent for. */
const MAX_VALUES = 100_000;

/**
 * The first long number in a text (or in the members of a composite key) that is nowhere in `sources`: neither within a
 * text nor as a number that JavaScript holds. Then it was made by rounding, and another number may have become the same.
 * Undefined: there is none.
 */
export function roundedDigits(made: unknown, sources: readonly unknown[]): string | undefined {
  const texts = typeof made === 'string' ? [made] : isFields(made) ? Object.values(made) : [];
  return texts
    .flatMap(text => (typeof text === 'string' ? (text.match(LONG_NUMBER) ?? []) : []))
    .filter(isLong)
    .find(digits => !stands(digits, sources));
}

function isLong(number: string): boolean {
  if (!number.includes('.')) return true;
  const [mantissa = ''] = number.split(/e/i);
  return mantissa.replace('.', '').replace(/^0+/, '').length >= CERTAIN_DIGITS;
}

/** Goes breadth first, each object once: a message may hold itself. */
function stands(digits: string, sources: readonly unknown[]): boolean {
  const seen = new Set<unknown>(sources);
  let count = 0;
  for (const value of seen) {
    count += 1;
    if (count > MAX_VALUES) return false;
    if (holds(value, digits)) return true;
    if (Array.isArray(value)) for (const item of value as unknown[]) seen.add(item);
    else if (isPlain(value)) for (const item of Object.values(value)) seen.add(item);
  }
  return false;
}

/** What came as data: not the request and response of an http in node. */
function isPlain(value: unknown): value is Fields {
  if (!isFields(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function holds(value: unknown, digits: string): boolean {
  if (typeof value === 'string') return value.includes(digits);
  if (typeof value !== 'number') return false;
  const isHeld = !Number.isInteger(value) || Number.isSafeInteger(value);
  return isHeld && String(value) === digits;
}
