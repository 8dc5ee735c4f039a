import { createHash } from 'node:crypto';

const LONGEST = 64;
const HASHED = 'sha256:';

/** A text that tells the same texts apart as the given one and is cheap to remember: a long one becomes its hash. */
export function boundedKey(text: string): string {
  if (text.length <= LONGEST && !text.startsWith(HASHED)) return ownCopy(text);
  return HASHED + createHash('sha256').update(text, 'utf16le').digest('base64url');
}

/** A part of a long text keeps the whole of it in memory; a copy does not. */
function ownCopy(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}
