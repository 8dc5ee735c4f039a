import type { ApiFamily } from '../api/family';
import { InputError } from '../errors';
import { sameValue } from '../record/compare';
import { isFields, type Fields } from '../record/fields';
import type { RecordRef } from '../record/ref';

/** Names with a meaning of their own in JavaScript: never fields of a record. */
const UNSAFE_NAMES: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** The changes without annotations. Throws InputError `CHANGES_INVALID`. */
export function cleanChanges(changes: unknown, family: ApiFamily): Fields {
  if (!isFields(changes)) {
    throw new InputError(
      'CHANGES_INVALID',
      `Changes must be an object of field names and values, for example {"orderstatus": "Processing"}; this message has ${describe(changes)}. Set msg.payload, or choose another place under Changes.`,
    );
  }
  const clean = family.cleanChanges(changes);
  const unsafe = Object.keys(clean).find(name => UNSAFE_NAMES.includes(name));
  if (unsafe !== undefined) {
    throw new InputError('CHANGES_INVALID', `No field can be named "${unsafe}". Leave it out.`);
  }
  const bad = Object.keys(clean).find(name => !isJson(clean[name]));
  if (bad !== undefined) {
    throw new InputError(
      'CHANGES_INVALID',
      `The change of field "${bad}" is not a JSON value (${describe(clean[bad])}). Use text, a number, true/false, null, an object or an array.`,
    );
  }
  return clean;
}

/**
 * An update never renames its record: key fields with the key's own values are left out.
 * Throws InputError `KEY_CONTRADICTED`, or `CHANGES_INVALID` when nothing is left.
 */
export function withoutKey(changes: Fields, ref: RecordRef, family: ApiFamily): Fields {
  const keyFields = keyFieldsOf(ref, family);
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(keyFields, name)) rest[name] = value;
    else if (!sameValue(value, keyFields[name], { type: 'guid' })) {
      throw new InputError(
        'KEY_CONTRADICTED',
        `The changes give "${name}" another value than the record key does. Leave it out of the changes, or correct the key.`,
      );
    }
  }
  if (Object.keys(rest).length === 0) {
    throw new InputError(
      'CHANGES_INVALID',
      'Changes name no field to write. Give at least one field that is not part of the key.',
    );
  }
  return rest;
}

/** The fields of the record's key with their values. */
export function keyFieldsOf({ collection, key }: RecordRef, family: ApiFamily): Fields {
  if (isFields(key)) return key;
  const name = family.keyField(collection);
  return name === undefined ? {} : { [name]: key };
}

/** Deeper than any record; also where an object contains itself. */
const MAX_DEPTH = 64;

/** Only what JSON can carry unchanged: a message must survive cloning and storage. */
export function isJson(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(item => isJson(item, depth + 1));
  return isFields(value) && Object.values(value).every(item => isJson(item, depth + 1));
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (Buffer.isBuffer(value)) return 'a buffer';
  return value === undefined ? 'nothing there' : `a ${typeof value}`;
}
