import { createHash } from 'node:crypto';

const LONGEST = 64;
/** Begins every hash, and nothing else. */
export const HASHED = 'sha256:';

/** A text that tells the same texts apart as the given one and is cheap to remember: a long one becomes its hash. */
export function boundedKey(text: string): string {
  return isShort(text) ? ownCopy(text) : hashedKey(text);
}

function isShort(text: string): boolean {
  return text.length <= LONGEST && !text.startsWith(HASHED);
}

function hashedKey(text: string): string {
  return HASHED + createHash('sha256').update(text, 'utf16le').digest('base64url');
}

/** The same for what travels as UTF-8, in which halves of characters would all be the same, and is not remembered here. */
export function boundedUtf8Key(text: string): string {
  return isShort(text) && !hasHalves(text) ? text : hashedKey(text);
}

/** Most texts have no code units of that kind at all, which is found out sooner. */
function hasHalves(text: string): boolean {
  return /[\ud800-\udfff]/.test(text) && /\p{Surrogate}/u.test(text);
}

/** A part of a long text keeps the whole of it in memory; a copy does not. */
function ownCopy(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}
