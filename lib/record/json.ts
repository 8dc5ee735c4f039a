import { parse, stringify } from 'lossless-json';
import { exactNumber, shownNumber } from './exact';
import { isNestedTooDeep } from './extent';
import type { Fields } from './fields';

/** Digits that a number may not hold exactly. Spelled out: V8 then looks at one place in several, and is ten times as fast. */
const LONG_NUMBER = new RegExp(`[0-9]${'[0-9.]'.repeat(15)}`);

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
 * Every number as the digits it came with, and every member whatever its name; undefined when the text is empty, not
 * JSON, or nested deeper than any record. For a PUT, whose untouched fields must go back exactly as they came.
 */
export function parseLossless(text: string): unknown {
  if (text === '' || isNestedTooDeep(text)) return undefined;
  try {
    return parse(text, undefined, { onDuplicateKey: lastWins });
  } catch {
    return undefined;
  }
}

/** A number in JSON that JavaScript would not write back as it came. What a string holds may look like one. */
const CHANGING_NUMBER = /(?:"\s*:|[[,]|^)\s*-?(?:\d+[.eE]|\d{16}|(?<=-)0)/;

/** Whether JSON means the same however it is parsed here: it has neither a number that changes nor a key to be wary of. */
export function isPlainJson(text: string): boolean {
  return !CHANGING_NUMBER.test(text) && !needsCare(text);
}

/**
 * Every number so that `stringifyExact` writes it as it came: plain where that is so anyway, which most texts are and
 * which is several times as fast, else as its digits. Undefined as for `parseLossless`.
 */
export function parseUnaltered(text: string): unknown {
  if (CHANGING_NUMBER.test(text)) return parseLossless(text);
  // An empty body is common, and an error that is thrown for it dear.
  if (text === '' || isNestedTooDeep(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether JSON may hold a number that JavaScript would round. */
export function hasLongNumber(text: string): boolean {
  return LONG_NUMBER.test(text) || /[0-9][eE]/.test(text);
}

/**
 * JSON that somebody typed: every number as JavaScript holds it, or digit by digit where it cannot, and never rounded.
 * Throws SyntaxError.
 */
export function parseExact(text: string): unknown {
  return parse(text, undefined, { parseNumber: exactNumber, onDuplicateKey: lastWins });
}

/** The counterpart of `parseLossless`; ordinary values may be mixed in. */
export function stringifyLossless(value: unknown): string {
  const text = stringify(value);
  if (text === undefined) throw new TypeError('The value cannot be written as JSON.');
  return text;
}

/** JSON of values in which only single numbers are kept digit by digit, if any: a plain writer is several times as fast. */
export function stringifyExact(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes('"isLosslessNumber":true') ? stringifyLossless(value) : text;
}

/** JSON of an object with further members, none of which it has. Many and long ones are neither parsed nor written anew for that. */
export function withMembers(json: string, members: Fields): string {
  const given = json.slice(1, -1);
  const further = JSON.stringify(members).slice(1, -1);
  const isApart = given !== '' && further !== '';
  return `{${given}${isApart ? ',' : ''}${further}}`;
}

function parseWithCare(text: string): unknown {
  return parse(text, dropPrototype, { parseNumber: shownNumber, onDuplicateKey: lastWins });
}

function dropPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

/** As JSON.parse does; the library alone would refuse the whole text. */
function lastWins({ newValue }: { newValue: unknown }): unknown {
  return newValue;
}
