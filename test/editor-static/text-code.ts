/** Names as code and products write them, which mean the same in every language. */
const NAMES = [
  /\bmsg\.\w+(?:\.\w+)*/,
  /\$\{\w+\}/,
  /\{[a-z][\w.]*\}/,
  /(?<![\w$])\$[a-z]\w*/,
  /\b[A-Z]+(?:_[A-Z]+)+\b/,
  /\b[a-z]+[A-Z]\w*/,
  /\b[A-Z][a-z]+[A-Z]\w*/,
  /\b(?:If-Match|If-Unmodified-Since|Content-Type|Retry-After|Idempotency-Key|Node-RED)\b/,
  /\bhttps?:\/\//,
];
const CODE = new RegExp(NAMES.map(({ source }) => source).join('|'), 'g');

/** What a text fills in. */
const VARIABLE = /__[a-z]+__/g;

/** Groups of three digits are parted in another way by every language. */
const GROUPED = /(?<=\d)[,.\u00a0\u202f ](?=\d{3}\b)/g;

/** What stands as code in a text of a catalogue, and its numbers. */
export function asCode(text: string): string[] {
  const words = text.replaceAll(VARIABLE, ' ');
  return [...(words.match(CODE) ?? []), ...(words.replaceAll(GROUPED, '').match(/\d+/g) ?? [])];
}

/** Names in code spans of a help. What holds words, braces or objects is an example, and may be translated. */
export function codeSpans(text: string): string[] {
  return [...text.matchAll(/`([\w$.-]+)`/g)].map(match => match[1] ?? '');
}

/** Quoted may be a message of an API, as it sends it. */
const QUOTED = /`[^`]*`|"[^"]*"|“[^”]*”|„[^“]*“|«[^»]*»|「[^」]*」/g;

/** The words of a text, without code, variables, quotations and this product. */
export function wordsIn(text: string): string {
  return text
    .replaceAll(/^ {4}\S.*$/gm, ' ')
    .replaceAll(QUOTED, ' ')
    .replaceAll('Finance and Operations', ' ')
    .replaceAll(VARIABLE, ' ')
    .replaceAll(CODE, ' ');
}
