import { cleanText, type Reasons } from './json-reason';
import { codeRank, messageRank, plainName, STATUS_WORD } from './reason-names';

/** What is looked at of a body that is not JSON. */
const MAX_TEXT = 20_000;

const LEAF = /<([\w.:-]+)(?:\s[^<>]*)?>([^<]*)<\//g;
const CDATA = /<!\[CDATA\[([^\]]*)\]\]>/g;

/** Why a request was refused, from the XML of the answer: the elements of telling names, whatever is around them. */
export function reasonsInXml(text: string): Reasons {
  const flat = text.slice(0, MAX_TEXT).replace(CDATA, (_, inner: string) => escaped(inner));
  const reasons: Reasons = { texts: [], codes: [] };
  for (const [, name = '', content = ''] of flat.matchAll(LEAF)) {
    const plain = plainName(name.slice(name.indexOf(':') + 1));
    const value = cleanText(unescaped(content));
    if (value === '') continue;
    if (messageRank(plain) !== undefined) {
      if (!reasons.texts.includes(value)) reasons.texts.push(value);
    } else addCode(reasons, plain, value);
  }
  return reasons;
}

function addCode({ codes }: Reasons, plain: string, value: string): void {
  const rank = codeRank(plain);
  if (rank === undefined || rank >= STATUS_WORD || /\s/.test(value)) return;
  codes.push({ rank, code: value });
}

/** A page for people, or XML that names no reason, as the words in it. */
export function wordsOf(markup: string): string {
  const seen = markup
    .slice(0, MAX_TEXT)
    .replace(/<(script|style)\b[^>]*>[^<]*<\/\1\s*>/gi, ' ')
    .replace(/<!--[^>]*-->/g, ' ')
    .replace(/<[^<>]*>/g, ' ');
  return cleanText(unescaped(seen));
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  nbsp: ' ',
  quot: '"',
};

function unescaped(text: string): string {
  return text.replace(/&(#\d{1,6}|#x[\da-f]{1,5}|[a-z]{2,6});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
