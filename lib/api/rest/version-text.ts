import { isLosslessNumber, LosslessNumber } from 'lossless-json';
import { checkETag, checkVersion, isETag, usable } from '../../record/version';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * A version in a body as text that remembers what it was: a number is its digits (`7`), text is itself
 * (`v7`), and text that looks like a number stands in quotes (`"7"`).
 * Undefined for anything else: then the record has no version.
 */
export function versionText(value: unknown): string | undefined {
  if (typeof value === 'number' || isLosslessNumber(value)) return value.toString();
  if (typeof value !== 'string' || value === '') return undefined;
  return NUMBER.test(value) || value.startsWith('"') ? JSON.stringify(value) : value;
}

/** The value that `versionText` described, ready for a body: a number goes back as a number, digit by digit. */
export function versionValue(version: string): string | LosslessNumber {
  if (NUMBER.test(version)) return new LosslessNumber(version);
  return unquoted(version);
}

/** The same version for If-Match: an entity tag as it is, anything else in quotes. Throws InputError `VERSION_INVALID`. */
export function versionTag(version: string): string {
  const value = versionValue(checkVersion(version)).toString();
  return checkETag(isETag(value) ? value : `"${value}"`);
}

/** A version in a body as an entity tag, which the header spells in quotes; undefined where none can be sent back. */
export function tagOf(value: unknown): string | undefined {
  if (typeof value === 'string' && isETag(value)) return value;
  const version = versionText(value);
  return version === undefined ? undefined : usable(() => versionTag(version), version);
}

function unquoted(version: string): string {
  if (!version.startsWith('"')) return version;
  try {
    const value: unknown = JSON.parse(version);
    return typeof value === 'string' ? value : version;
  } catch {
    return version;
  }
}
