import { InputError } from '../errors';

/**
 * A version as opaque text, byte for byte: printable ASCII without outer spaces, because it may travel in a header.
 * A whole number, as body versions often are, becomes its digits. `*` is refused: it would match any version.
 * Throws InputError `VERSION_INVALID`.
 */
export function checkVersion(value: unknown): string {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || text === '') {
    throw invalid('must be text that is not empty, or a whole number');
  }
  if (!/^[\x20-\x7E]+$/.test(text)) {
    throw invalid('must hold printable ASCII characters only, without line breaks');
  }
  if (text.trim() !== text) throw invalid('must not begin or end with a space');
  if (text === '*') throw invalid('must not be "*", which matches every version');
  return text;
}

/** A version that goes into If-Match: one entity-tag of RFC 9110 section 8.8.3. Throws InputError `VERSION_INVALID`. */
export function checkETag(value: unknown): string {
  // An ETag is a version in any case.
  if (typeof value === 'string' && isETag(value)) return value;
  checkVersion(value);
  throw invalid('is not an ETag, for example "v7" or W/"468026" including the quotes');
}

// etagc without obs-text: header values stay ASCII.
const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7E]*"$/;

export function isETag(text: string): boolean {
  return ENTITY_TAG.test(text);
}

/**
 * What keeps an ETag from going back byte for byte, as the end of a sentence; undefined when nothing does. Headers with
 * the same name have been joined with `, `.
 */
export function etagProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'it is no text';
  if (isETag(value)) return undefined;
  if (value === '') return 'it is empty';
  if (value === '*') return 'as a condition it would match every version';
  if (/[^\x20-\x7E]/.test(value)) return 'it holds other characters than printable ASCII';
  if (/^(?:(?:W\/)?"[^"]*"\s*,\s*)+(?:W\/)?"[^"]*"$/.test(value))
    return 'there are several of them';
  if (value.startsWith('w/"')) return 'the W of a weak one is a capital letter';
  if (!/^(?:W\/)?".*"$/.test(value)) return 'it does not stand in quotes';
  return value.includes(' ') ? 'it holds a blank' : 'it holds a quote';
}

/** A value as a version that can be sent back, undefined when it is none: then there is no evidence. */
export function usable(check: (value: unknown) => string, value: unknown): string | undefined {
  try {
    return check(value);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Whether equal versions of this kind do not prove that nothing has changed: RFC 9110 section 8.8.1. */
export function isWeak(version: string): boolean {
  return version.startsWith('W/');
}

function invalid(problem: string): InputError {
  return new InputError(
    'VERSION_INVALID',
    `The version of the record ${problem}. Pass on the version as the API gave it, or leave the snapshot out so that the record is read again.`,
  );
}
