import { createHash } from 'node:crypto';

const LONGEST = 64;
/** Begins every hash, and nothing else. */
export const HASHED = 'sha256:';

/** A text that tells the same texts apart as the given one and is cheap to remember: a long one becomes its hash. */
export function boundedKey(text: string): string {
  if (text.length <= LONGEST && !text.startsWith(HASHED)) return ownCopy(text);
  return hashedKey(text);
}

function hashedKey(text: string): string {
  return HASHED + createHash('sha256').update(text, 'utf16le').digest('base64url');
}

/** The same for what travels as UTF-8, in which halves of characters would all be the same. */
export function boundedUtf8Key(text: string): string {
  return /\p{Surrogate}/u.test(text) ? hashedKey(text) : boundedKey(text);
}

/** A part of a long text keeps the whole of it in memory; a copy does not. */
function ownCopy(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}
