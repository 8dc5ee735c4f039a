import { MASK } from '../outcome/look-alikes';

/** Shorter ones are too common to be looked for in Base64. */
const MIN_ENCODED = 4;

/** What is left of a secret without its padding may be a plain word. */
const MIN_UNPADDED = 8;

/** So many digits of a longer number are no chance. */
const MIN_DIGITS = 6;

/** One way to write a secret. */
interface Spelling {
  readonly pattern: RegExp;
  /** Letters and digits in a row that every match holds, in lower case. */
  readonly core: string;
}

/**
 * Hides secrets: as they are or in other case, in Base64, and with each of their characters as JSON, a URL, a form or
 * HTML may write it.
 */
export class Mask {
  readonly #spellings: readonly Spelling[];

  /** @param after only where that text, however it is escaped, comes directly before */
  constructor(secrets: readonly string[], after = '') {
    const spellings = secrets.flatMap(spellingsOf).filter(spelling => spelling !== '');
    // One may begin with another: the longest first.
    const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
    this.#spellings = longestFirst.map(spelling => ({
      pattern: new RegExp(`(${escapable(after)})${escapable(spelling)}`, 'gi'),
      core: coreOf(spelling),
    }));
  }

  hide(text: string): string {
    return this.#in(text).reduce((left, { pattern }) => left.replace(pattern, `$1${MASK}`), text);
  }

  /** The mask for a number that is a secret, or holds as many digits of one as none has by chance; else the number. */
  hideNumber(value: number): unknown {
    const digits = String(value);
    const found = this.#in(digits).flatMap(({ pattern }) => digits.match(pattern) ?? []);
    return found.some(part => part === digits || part.length >= MIN_DIGITS) ? MASK : value;
  }

  /** The spellings that may be there: for most of them one look tells that they are not. */
  #in(text: string): Spelling[] {
    const lower = text.toLowerCase();
    return this.#spellings.filter(({ core }) => lower.includes(core));
  }
}

/** The longest run of letters and digits: those are never escaped. */
function coreOf(spelling: string): string {
  const runs = spelling.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}

/** The source of a pattern for a text, whatever of it is escaped. */
function escapable(text: string): string {
  // A run of backslashes as a whole: one quantifier beside another would take ages on a text full of them.
  return text.replace(/\\+|[^A-Za-z0-9]/gu, part =>
    part.startsWith('\\') ? backslashes(part) : `(?:${escapesOf(part).join('|')})`,
  );
}

function spellingsOf(secret: string): string[] {
  const plain = [secret, decoded(secret)];
  return [...plain, ...plain.flatMap(encoded), ...asNumber(secret), unpadded(secret)];
}

/** A server may repeat a percent-encoded cookie as what it stands for. */
function decoded(secret: string): string {
  try {
    return decodeURIComponent(secret);
  } catch {
    return secret;
  }
}

function encoded(secret: string): string[] {
  if (secret.length < MIN_ENCODED) return [];
  const bytes = Buffer.from(secret);
  return [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
}

/** A key of digits, as JSON may have it for a number: without leading zeros, and rounded. */
function asNumber(secret: string): string[] {
  const digits = secret.replace(/^0+(?=\d)/, '');
  if (!/^\d+(?:\.\d+)?$/.test(secret) || digits.length < MIN_ENCODED) return [];
  return [digits, String(Number(secret))];
}

function unpadded(secret: string): string {
  const bare = secret.replace(/=+$/, '');
  return bare.length < MIN_UNPADDED ? '' : bare;
}

/** So many at least: JSON doubles them. */
function backslashes({ length }: string): string {
  return `(?:${['\\\\', ...coded('\\')].join('|')}){${String(length)},}`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
};

/** Sources for one character that is neither letter nor digit of ASCII: itself, and its escapes. */
function escapesOf(char: string): string[] {
  const literal = char.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const short = SHORT_ESCAPES[char];
  return [
    `\\\\*${literal}`,
    ...(short === undefined ? [] : [`\\\\+${short}`]),
    ...(char === ' ' ? ['\\+'] : []),
    ...coded(char),
  ];
}

/** By its number or name, escaped several times over if need be. */
function coded(char: string): string[] {
  const units = Array.from({ length: char.length }, (_unit, index) => hex(char.charCodeAt(index)));
  const bytes = [...Buffer.from(char)].map(hex);
  const point = char.codePointAt(0) ?? 0;
  return [
    units.map(unit => `\\\\+u${unit.padStart(4, '0')}`).join(''),
    bytes.map(byte => `%(?:25)*${byte.padStart(2, '0')}`).join(''),
    `&(?:amp;)*#0*${String(point)};`,
    `&(?:amp;)*#x0*${point.toString(16)};`,
    // Of any name: HTML knows more than 2,000 of them.
    '&(?:amp;)*[a-z][a-z0-9]{1,30};',
  ];
}

function hex(value: number): string {
  return value.toString(16);
}
