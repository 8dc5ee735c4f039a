import { isFields, type Fields } from './fields';

/**
 * A number in a text that has so many digits that joining it to text may have altered it: JSONata writes numbers with
 * 15 significant digits at most, so that a longer whole number ends in zeros and a longer fraction is cut.
 */
const LONG_NUMBER = /\d+\.\d+(?:e[+-]?\d+)?|\d{16,}/gi;

const CERTAIN_DIGITS = 15;

/** More than any message holds besides what it was sent for. */
const MAX_VALUES = 1_000_000;

/** So often the sources are gone through: a list of keys and what it was made from may both be long. */
const MOST_SEARCHES = 20;

/**
 * Finds the first long number in a text (or in the members of a composite key) that is nowhere in `sources`: neither within
 * a text nor as a number that JavaScript holds. Then it was made by rounding, and another number may have become the same.
 * Undefined: there is none. It may be asked about many.
 */
export function roundingFrom(sources: readonly unknown[]): (made: unknown) => string | undefined {
  // Nearly no key holds a long number.
  let values: readonly unknown[] | undefined;
  let known: ReadonlySet<string> | undefined;
  let searches = 0;
  const all = (): readonly unknown[] => (values ??= valuesIn(sources));
  const isKnown = (digits: string): boolean => (known ??= numbersIn(all())).has(digits);
  const isFound = (digits: string): boolean =>
    searches++ < MOST_SEARCHES && all().some(value => holds(value, digits));
  return made => longNumbersIn(made).find(digits => !isKnown(digits) && !isFound(digits));
}

function longNumbersIn(made: unknown): string[] {
  const texts = typeof made === 'string' ? [made] : isFields(made) ? Object.values(made) : [];
  return texts
    .flatMap(text => (typeof text === 'string' ? (text.match(LONG_NUMBER) ?? []) : []))
    .filter(isLong);
}

/** Those that stand there as they are, and not as a part of others. */
function numbersIn(values: readonly unknown[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const value of values) {
    if (typeof value === 'number' && isHeld(value)) found.add(String(value));
    if (typeof value !== 'string') continue;
    for (const digits of value.match(LONG_NUMBER) ?? []) found.add(digits);
  }
  return found;
}

function isLong(number: string): boolean {
  if (!number.includes('.')) return true;
  const [mantissa = ''] = number.split(/e/i);
  return mantissa.replace('.', '').replace(/^0+/, '').length >= CERTAIN_DIGITS;
}

/** Goes breadth first, each object once: a message may hold itself. */
function valuesIn(sources: readonly unknown[]): readonly unknown[] {
  const seen = new Set<unknown>(sources);
  let count = 0;
  for (const value of seen) {
    if (++count > MAX_VALUES) break;
    if (Array.isArray(value)) for (const item of value as unknown[]) seen.add(item);
    else if (isPlain(value)) for (const item of Object.values(value)) seen.add(item);
  }
  return [...seen].slice(0, MAX_VALUES);
}

/** What came as data: not the request and response of an http in node. */
function isPlain(value: unknown): value is Fields {
  if (!isFields(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function holds(value: unknown, digits: string): boolean {
  if (typeof value === 'string') return value.includes(digits);
  return typeof value === 'number' && isHeld(value) && String(value) === digits;
}

function isHeld(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}
