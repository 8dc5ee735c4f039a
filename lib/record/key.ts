import { InputError } from '../errors';
import { parseGuid } from './canonical';
import { isFields, type RecordKey } from './fields';
import { isDotSegment } from './url';

/** As the dialogs call it. */
const KEY = 'Key';

export interface ODataKeyOptions {
  /** Name of the set's only key field: `{ID: 1}` then means the same as `1`, so both share one URL and one lock. */
  readonly primaryKey?: string;
  /** `v2` writes a GUID as OData V2 wants it, `guid'…'`; `false` where keys that look like GUIDs are plain text. */
  readonly guid?: 'v2' | false;
}

/**
 * The key in parentheses, ready to be appended to an entity set: `(1)`, `('O%27%27Neil')`, `(K1=1,K2='a')`
 * (OData URL conventions, section 4.3.1). A GUID, also with braces or in quotes, is sent in lower case: bare, or as
 * `guid'…'` with `guid: 'v2'`.
 * A named key stays named unless it is `primaryKey`; several stay in the order given.
 * Throws InputError `KEY_INVALID`.
 */
export function encodeODataKey(key: RecordKey, options: ODataKeyOptions = {}): string {
  const given: unknown = key;
  if (!isFields(given)) return `(${encodeLiteral(KEY, given, options)})`;
  const parts = Object.entries(given);
  if (parts.length === 0) throw invalid(KEY, 'is an object without fields; name its key fields');
  const [first] = parts;
  if (parts.length === 1 && first !== undefined && first[0] === options.primaryKey) {
    return `(${encodeLiteral(`${KEY}.${first[0]}`, first[1], options)})`;
  }
  return `(${parts.map(part => encodeNamed(part, options)).join(',')})`;
}

/** Nothing in it that would have to be encoded, or that could be refused. Most keys are so. */
const PLAIN_SEGMENT = /^[A-Za-z0-9_-]+$/;

/**
 * The key as one plain path segment, for example `WO-12345`. What looks percent-encoded is data and encoded again.
 * Throws InputError `KEY_INVALID`.
 */
export function encodePathKey(key: RecordKey): string {
  if (typeof key === 'number') return encodeNumber(KEY, key);
  if (typeof key === 'string' && PLAIN_SEGMENT.test(key)) return key;
  const text = checkText(KEY, key);
  if (/[/\\]/.test(text)) {
    throw invalid(KEY, 'contains a slash or backslash, which one path segment cannot hold safely');
  }
  return percentEncode(text);
}

/**
 * A key whose slashes part steps, as a path: each step as `encodePathKey` writes it, with a slash between them, or
 * `%2F` where the API takes it for one step. Throws InputError `KEY_INVALID`, also for steps such as `..` in any spelling.
 */
export function encodeSteps(key: RecordKey, slash: '/' | '%2F'): string {
  if (typeof key !== 'string' || !key.includes('/')) return encodePathKey(key);
  const steps = key.split('/');
  if (steps.some(step => step.trim() === '' || isDotSegment(step))) {
    throw invalid(KEY, 'has an empty step, or one such as ".." between its slashes');
  }
  return steps.map(encodePathKey).join(slash);
}

// An OData identifier (ABNF odataIdentifier), ASCII only.
const KEY_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

function encodeNamed([name, value]: [string, unknown], options: ODataKeyOptions): string {
  if (!KEY_NAME.test(name)) {
    throw invalid(KEY, 'has a field name that is not an OData name (letters, digits, underscore)');
  }
  return `${name}=${encodeLiteral(`${KEY}.${name}`, value, options)}`;
}

/**
 * One value of a key as OData writes it in an address, in a filter too: `1`, `'O%27%27Neil'`.
 * Throws InputError `KEY_INVALID`.
 */
export function encodeODataLiteral(value: string | number, options: ODataKeyOptions = {}): string {
  return encodeLiteral(KEY, value, options);
}

function encodeLiteral(field: string, value: unknown, options: ODataKeyOptions): string {
  if (typeof value === 'number') return encodeNumber(field, value);
  const text = checkText(field, value);
  const guid = options.guid === false ? undefined : parseGuid(unquoteGuid(text));
  if (guid !== undefined) return options.guid === 'v2' ? `guid'${guid}'` : guid;
  // Some proxies decode a key before routing: it would then end here and an action's name begin.
  if (text.includes(')/')) {
    throw invalid(
      field,
      'contains ")/", which looks like a path behind the key; give the key alone',
    );
  }
  return `'${percentEncode(text.replaceAll("'", "''"))}'`;
}

/** A GUID may come as it stands in an address, of OData V2 too. */
export function unquoteGuid(text: string): string {
  if (!text.endsWith("'")) return text;
  return /^(?:guid)?'(.*)'$/i.exec(text)?.[1] ?? text;
}

// Exponents are refused: beyond 2^53 digits are lost, and no API writes keys as 1e-7.
const PLAIN_NUMBER = /^-?\d+(?:\.\d+)?$/;

function encodeNumber(field: string, value: number): string {
  const text = String(value);
  if (PLAIN_NUMBER.test(text) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return text;
  throw invalid(field, 'is a number that cannot be written exactly; give it as text');
}

function checkText(field: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw invalid(field, `must be text or a number, not ${describe(value)}`);
  }
  if (value.trim() === '') throw invalid(field, 'is empty; set it');
  if (/\p{Cc}/u.test(value)) throw invalid(field, 'contains a control character or line break');
  if (/\p{Cs}/u.test(value)) throw invalid(field, 'contains half a character (a lone surrogate)');
  if (value === '.' || value === '..') throw invalid(field, `"${value}" is a path step, not a key`);
  return value;
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'missing';
  return Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}

/** Everything outside RFC 3986 "unreserved"; encodeURIComponent alone leaves five more characters. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function invalid(field: string, problem: string): InputError {
  return new InputError('KEY_INVALID', `The record key is not usable: ${field} ${problem}.`);
}
