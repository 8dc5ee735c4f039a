import Big from 'big.js';
import { parse, stringify } from 'lossless-json';
import { isNestedTooDeep } from './extent';

/** Digits that a number may not hold exactly. */
const LONG_NUMBER = /[0-9][0-9.]{15}/;

/** Whether there are such digits, or a key that could reach a prototype, plainly or as an escape. Asked apart, each is found fast. */
function needsCare(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u00') || LONG_NUMBER.test(text);
}

/**
 * The parsed JSON of a body; undefined when it is empty, not JSON, or nested deeper than any record.
 * Numbers that JavaScript cannot hold exactly become strings of their digits, because messages must survive JSON;
 * `__proto__` keys are dropped.
 */
export function parseJson(text: string): unknown {
  if (text === '' || isNestedTooDeep(text)) return undefined;
  try {
    return needsCare(text) ? parseWithCare(text) : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/**
 * Every number as the digits it came with; undefined as with `parseJson`. For a PUT, whose untouched
 * fields must go back exactly as they came.
 */
export function parseLossless(text: string): unknown {
  if (isNestedTooDeep(text)) return undefined;
  try {
    return parse(text, dropPrototype, { onDuplicateKey: lastWins });
  } catch {
    return undefined;
  }
}

/** The counterpart of `parseLossless`; ordinary values may be mixed in. */
export function stringifyLossless(value: unknown): string {
  const text = stringify(value);
  if (text === undefined) throw new TypeError('The value cannot be written as JSON.');
  return text;
}

function parseWithCare(text: string): unknown {
  return parse(text, dropPrototype, { parseNumber: plainNumber, onDuplicateKey: lastWins });
}

const INTEGER = /^-?\d+$/;

function plainNumber(digits: string): number | string {
  const value = Number(digits);
  if (INTEGER.test(digits)) return Number.isSafeInteger(value) ? value : digits;
  return Number.isFinite(value) && new Big(digits).eq(new Big(String(value))) ? value : digits;
}

function dropPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

/** As JSON.parse does; the library alone would refuse the whole text. */
function lastWins({ newValue }: { newValue: unknown }): unknown {
  return newValue;
}
