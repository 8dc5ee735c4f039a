import { isFields, type Fields } from '../record/fields';
import {
  OF_A_SENTENCE,
  codeRank,
  holdsReasons,
  mapsFields,
  messageRank,
  plainName,
  STATUS_WORD,
} from './reason-names';

/** The texts of a body, in their order, and its codes with the rank of their names: the lowest tells most. */
export interface Reasons {
  readonly texts: string[];
  readonly codes: { readonly rank: number; readonly code: string }[];
}

/** So many of a list are passed on. */
const MAX_ITEMS = 10;
/** Of an object. */
const MAX_MEMBERS = 100;
const MAX_DEPTH = 8;
/** Objects and lists looked at in one body, whatever an API nests. */
const MAX_VISITS = 300;

const CODE = /^[^\s]{1,200}$/;
const WORD = /^[\w.:/#-]{1,120}$/;
/** Words that only say that it is an error. */
const NO_CODE = /^(?:about:blank|e|error|err|fail|failure|fault|warning)$/i;

/**
 * Why a request was refused, from the JSON of the answer: whatever stands in members of telling names, in lists and
 * maps of them. Only where those hold nothing, the rest of the body is looked through for such members.
 */
export function reasonsIn(body: unknown): Reasons {
  const search = new Search();
  search.visit(body, { depth: 0, isMap: false, hasCodes: true });
  if (search.isEmpty) search.lookEverywhere(body, 0);
  return search;
}

interface Place {
  readonly depth: number;
  /** Members may be named after the fields that are wrong. */
  readonly isMap: boolean;
  /** What an inner error calls a code is about the implementation. */
  readonly hasCodes: boolean;
}

class Search implements Reasons {
  readonly texts: string[] = [];
  readonly codes: { readonly rank: number; readonly code: string }[] = [];
  #visits = 0;

  get isEmpty(): boolean {
    return this.texts.length === 0 && this.codes.length === 0;
  }

  visit(value: unknown, place: Place): void {
    if (place.depth > MAX_DEPTH || ++this.#visits > MAX_VISITS) return;
    if (typeof value === 'string') this.#say(value);
    else if (Array.isArray(value)) this.#visitList(value, place);
    else if (isFields(value)) this.#visitObject(value, place);
  }

  /** Below whatever name: objects that speak for themselves. */
  lookEverywhere(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH || this.#visits > MAX_VISITS || !this.isEmpty) return;
    for (const inner of innerOf(value)) {
      if (isFields(inner)) this.visit(inner, { depth: depth + 1, isMap: false, hasCodes: true });
    }
    for (const inner of innerOf(value)) this.lookEverywhere(inner, depth + 1);
  }

  #visitList(items: readonly unknown[], place: Place): void {
    const inner = { ...place, depth: place.depth + 1 };
    for (const item of items.slice(0, MAX_ITEMS)) this.visit(item, inner);
  }

  #visitObject(object: Fields, place: Place): void {
    const members = membersOf(object);
    const sentences = sentencesIn(members);
    for (const sentence of sentences) this.#say(sentence);
    const codes = place.hasCodes ? codesIn(members, sentences) : [];
    this.codes.push(...codes);
    if (place.isMap && sentences.length === 0 && codes.length === 0) {
      this.#sayOfFields(members, place);
      return;
    }
    for (const { plain, value } of members) {
      if (typeof value === 'object' && holdsReasons(plain)) {
        const hasCodes = place.hasCodes && !/^in(?:ner|ternal)/.test(plain);
        this.visit(value, { depth: place.depth + 1, isMap: mapsFields(plain), hasCodes });
      }
    }
  }

  /** Each field with what is wrong about it. */
  #sayOfFields(members: readonly Member[], place: Place): void {
    const before = this.texts.length;
    const inner = { ...place, depth: place.depth + 1 };
    const fields = members.flatMap(({ name, value }) => {
      this.visit(value, inner);
      const said = this.texts.splice(before);
      return said.length === 0 ? [] : [`${name}: ${said.join(', ')}`];
    });
    if (fields.length > 0) this.#say(fields.join('; '));
  }

  #say(text: string): void {
    const clean = cleanText(text);
    if (clean !== '' && !this.texts.includes(clean)) this.texts.push(clean);
  }
}

/** In one line. */
export function cleanText(text: string): string {
  // Control characters would break the lines of a log.
  return text
    .slice(0, 4000)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

interface Member {
  readonly name: string;
  readonly plain: string;
  readonly value: unknown;
}

function membersOf(object: Fields): Member[] {
  const names = Object.keys(object).slice(0, MAX_MEMBERS);
  return names.map(name => ({ name, plain: plainName(name), value: object[name] }));
}

function innerOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS);
  return isFields(value) ? membersOf(value).map(member => member.value) : [];
}

function sentencesIn(members: readonly Member[]): string[] {
  const found = members.flatMap(({ plain, value }) => {
    const rank = messageRank(plain);
    const text = sentenceOf(value);
    return rank === undefined || text === undefined ? [] : [{ rank, plain, text }];
  });
  const isOAuth = found.some(({ plain }) => plain === 'errordescription');
  const isCode = (plain: string, text: string): boolean =>
    (isOAuth && plain === 'error' && WORD.test(text)) || (plain === 'reason' && isSymbol(text));
  return found
    .filter(({ plain, text }) => !isCode(plain, text))
    .sort((a, b) => a.rank - b.rank)
    .map(({ text }) => text);
}

/** A name such as `rateLimitExceeded` or `NOT_FOUND`, and no word of a language. */
function isSymbol(text: string): boolean {
  return WORD.test(text) && /[a-z][A-Z]|_|^[A-Z\d]{4,}$/.test(text);
}

/** OData V2 wraps a text in `{lang, value}`. */
function sentenceOf(value: unknown): string | undefined {
  const text = isFields(value) ? value.value : value;
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

function codesIn(members: readonly Member[], sentences: readonly string[]): Reasons['codes'] {
  return members.flatMap(({ plain, value }) => {
    const rank = codeRank(plain);
    const code = typeof value === 'number' ? String(value) : value;
    if (rank === undefined || typeof code !== 'string') return [];
    const trimmed = code.trim();
    return isCode(trimmed, rank, sentences) ? [{ rank, code: trimmed }] : [];
  });
}

function isCode(code: string, rank: number, sentences: readonly string[]): boolean {
  if (!CODE.test(code) || NO_CODE.test(code)) return false;
  if (rank === OF_A_SENTENCE) {
    return WORD.test(code) && !sentences.includes(code);
  }
  return rank !== STATUS_WORD || /^[A-Z][A-Z_]+$/.test(code);
}
