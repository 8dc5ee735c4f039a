import { InputError } from '../../errors';
import { isFields, type RecordKey } from '../../record/fields';
import {
  encodeODataKey,
  encodeODataLiteral,
  encodePathKey,
  encodeSteps,
  type ODataKeyOptions,
} from '../../record/key';
import { collectionPath, isDotSegment } from '../../record/url';
import type { AddressSettings } from './exchange';
import { keyFieldIn, placeholdersIn, templateParts } from './template';

type KeyStyle = Exclude<AddressSettings['key'], 'usual'>;

/** Fills the template of an address: a path below the base URL. */
export type AddressTemplate = (collection: string, key: RecordKey) => string;

/**
 * Takes a template apart, once for all records. What comes back throws InputError `KEY_INVALID` or `COLLECTION_INVALID`.
 * @param template one without a problem (`addressProblem`)
 */
export function compileAddress(
  template: string,
  style: KeyStyle,
  options: ODataKeyOptions = {},
): AddressTemplate {
  const fields = keyFieldsIn(template);
  const parts = templateParts(template).map((part): string | AddressTemplate => {
    if (typeof part === 'string') return part;
    if (part.name === 'collection') return collectionPath;
    const field = keyFieldIn(part.name);
    return (_collection, key) =>
      field === undefined ? wholeKey(key, style, options) : keyField(key, field, style, options);
  });
  return (collection, key) => {
    checkKeyFields(key, fields);
    let path = '';
    for (const part of parts) path += typeof part === 'string' ? part : part(collection, key);
    return path;
  };
}

/** The fields of a key that a template names; undefined where it takes the key as a whole. */
function keyFieldsIn(template: string): readonly string[] | undefined {
  const names = placeholdersIn(template);
  return names.includes('key') ? undefined : names.flatMap(name => keyFieldIn(name) ?? []);
}

/** A field that the address leaves out would give two records one address. */
function checkKeyFields(key: RecordKey, fields: readonly string[] | undefined): void {
  if (fields === undefined) return;
  const given = isFields(key) ? Object.keys(key) : [];
  const isWhole = fields.every(name => given.includes(name));
  if (isWhole && given.every(name => fields.includes(name))) return;
  const sample = fields.map(name => `"${name}": …`).join(', ');
  throw invalid(
    `the address wants an object with exactly the fields ${fields.join(', ')}. Give Key as {${sample}}`,
  );
}

function wholeKey(key: RecordKey, style: KeyStyle, options: ODataKeyOptions): string {
  switch (style) {
    case 'segment':
      return encodePathKey(key);
    case 'slash':
      return encodeSteps(key, '%2F');
    case 'path':
      return encodeSteps(key, '/');
    case 'odata':
      return withoutSteps(encodeODataKey(key, options).slice(1, -1));
  }
}

/** A literal may hold slashes. A server in between that decodes them must find no step up between two of them. */
function withoutSteps(literal: string): string {
  if (literal.includes('%2F') && literal.split('%2F').some(isDotSegment)) {
    throw invalid('it has a step such as ".." between its slashes');
  }
  return literal;
}

function keyField(
  key: RecordKey,
  field: string,
  style: KeyStyle,
  options: ODataKeyOptions,
): string {
  const value = isFields(key) ? key[field] : undefined;
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw invalid(`its field "${field}" is neither text nor a number`);
  }
  return style === 'odata'
    ? withoutSteps(encodeODataLiteral(value, options))
    : wholeKey(value, style, options);
}

/**
 * A text with its placeholders filled in, nothing encoded: for what goes into a body or, encoded by whoever asks, into
 * a query.
 */
export function filledText(
  template: string,
  { collection, key, fields = [] }: Filling,
  encode: (text: string) => string = text => text,
): string {
  const parts = templateParts(template).map(part => {
    if (typeof part === 'string') return part;
    if (part.name === 'collection') return encode(collection);
    if (part.name === 'fields') return fields.map(encode).join(',');
    return encode(keyText(key, keyFieldIn(part.name)));
  });
  return parts.join('');
}

/** What placeholders stand for. */
export interface Filling {
  readonly collection: string;
  readonly key: RecordKey;
  /** Names of the fields to change. */
  readonly fields?: readonly string[];
}

function keyText(key: RecordKey, field: string | undefined): string {
  const value: unknown = field === undefined || !isFields(key) ? key : key[field];
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw invalid(
    field === undefined
      ? 'a key of several fields cannot stand for {key} here; name one of them, as in {key.Plant}'
      : `it has no field "${field}"`,
  );
}

function invalid(problem: string): InputError {
  return new InputError('KEY_INVALID', `The record key is not usable: ${problem}.`);
}
