import { CATALOGUES, ENGLISH, textsOf } from './package-parts';

/** What a person reads in a dialog, by the groups of its keys. */
const SHOWN = /\.(?:label|button|option)\./;

/** A unit in brackets, which is left out where a label is quoted. */
const UNIT = /\s*[(（][^()（）]{1,5}[)）]$/;

/** Labels that are words of plain sentences, too. */
const PLAIN_WORDS = ['A second', 'API family', 'CouchDB style', 'Sentinel user'];

/** English label → the same in another language, of whichever keys; by language. */
const tables = new Map<string, ReadonlyMap<string, readonly string[]>>();

/**
 * The fields and choices that an English text names by their labels, as `label → what they are called here`, where the
 * translation of the text does not call them so. A label is known by its capital: it has several words, or "under" before
 * it.
 */
export function quotedLabels(language: string, english: string, text: string): string[] {
  let left = english.replaceAll(/\s+/g, ' ');
  const shown = text.replaceAll(/\s+/g, ' ');
  const wrong: string[] = [];
  for (const [label, names] of labelsOf(language)) {
    const quoted = label.includes(' ') ? label : `under ${label}`;
    if (!isQuoted(left, quoted)) continue;
    left = left.replaceAll(quoted, '…');
    if (!names.some(name => shown.includes(name)))
      wrong.push(`${label} → ${names.join(' | ')}: ${text}`);
  }
  return wrong;
}

function isQuoted(text: string, label: string): boolean {
  const at = text.indexOf(label);
  return at >= 0 && !/[\p{L}]/u.test(text[at + label.length] ?? ' ');
}

/** The longest first: it may hold others. */
function labelsOf(language: string): ReadonlyMap<string, readonly string[]> {
  let table = tables.get(language);
  if (table === undefined) {
    table = readLabels(language);
    tables.set(language, table);
  }
  return table;
}

function readLabels(language: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of CATALOGUES) {
    const own = textsOf(language, file);
    for (const [key, text] of textsOf(ENGLISH, file)) {
      if (!SHOWN.test(key) || text.includes('__')) continue;
      const label = text.replace(UNIT, '');
      if (!/^[A-Z]/.test(label) || PLAIN_WORDS.includes(label)) continue;
      const name = own.get(key)?.replace(UNIT, '');
      if (name !== undefined) found.set(label, [...(found.get(label) ?? []), name]);
    }
  }
  return new Map([...found].sort(([one], [other]) => other.length - one.length));
}
