import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CATALOGUES,
  ENGLISH,
  HELPS,
  LANGUAGES,
  pluralForm,
  ROOT,
  singular,
  source,
  textsOf,
} from './package-parts';
import { quotedLabels } from './quoted-labels';
import { asCode, codeSpans, wordsIn } from './text-code';

const TRANSLATIONS = LANGUAGES.filter(language => language !== ENGLISH);

/**
 * Sentences of the engine by their codes: in languages other than the engine's own. Which they are, catalogue.test.ts
 * says.
 */
const ENGINE = 'engine.';

/** Names, units and loan words: what may be the same as in English, in whichever language. */
const SAME_EVERYWHERE = [
  ...['5 min', 'Accept', 'Cluster', 'Code', 'Filter', 'GUID', 'JSON in Base64', 'Microsoft'],
  ...['Node', 'Parameter', 'Passphrase', 'Proxy', 'Redis', 'Sentinel', 'Server', 'Ticket', 'TLS'],
  ...['Token', 'Updates', 'SAP Gateway / S/4HANA', 'OData v4 / SAP CAP'],
  ...['Dataverse / Dynamics 365 Sales', 'Dynamics 365 Finance & Operations'],
  // Words that languages have taken from each other.
  ...['Action', 'Annotations', 'Audience', 'Endpoint', 'Factor', 'Minutes', 'Trace'],
  ...['code', 'date', 'decimal', 'error', 'minutes'],
  // Names of fields and record sets, as placeholders show them.
  ...['automation', 'description', 'orderstatus', 'salesorders', 'status', 'status, quantity'],
];

describe.each(LANGUAGES)('the texts in %s', language => {
  it('are in the same files as those in English', () => {
    const files = readdirSync(join(ROOT, 'locales', language)).sort();
    expect(files).toEqual([...CATALOGUES, ...HELPS].sort());
  });

  it.each(CATALOGUES)('of %s are all there, with the plural forms of the language', file => {
    const own = [...textsOf(language, file).keys()].filter(key => !key.startsWith(ENGINE));
    expect(own.sort()).toEqual(wantedKeys(language, file).sort());
  });

  it.each(CATALOGUES)('of %s fill in what the English ones do', file => {
    const texts = textsOf(language, file);
    const english = variablesByKey(textsOf(ENGLISH, file));
    for (const [key, text] of texts) {
      if (key.startsWith(ENGINE)) continue;
      const wanted = english.get(singular(key)) ?? [];
      const found = variablesOf(text);
      const form = pluralForm(key);
      if (form !== undefined && standsForOne(language, form)) {
        expect(wanted, `${key}: ${text}`).toEqual(expect.arrayContaining(found));
      } else expect(found, `${key}: ${text}`).toEqual(wanted);
    }
  });

  it.each(CATALOGUES)('of %s count only with plural forms', file => {
    const uncounted = [...textsOf(language, file)].filter(([key, text]) => {
      return text.includes('__count__') && pluralForm(key) === undefined;
    });
    expect(uncounted).toEqual([]);
  });

  it.each(CATALOGUES)('of %s are none of them empty: Node-RED would show English there', file => {
    const empty = [...textsOf(language, file)].filter(([, text]) => text.trim() === '');
    expect(empty).toEqual([]);
  });
});

describe.each(TRANSLATIONS)('the translation into %s', language => {
  it.each(CATALOGUES)('of %s leaves alone what is code', file => {
    const english = textsOf(ENGLISH, file);
    for (const [key, text] of textsOf(language, file)) {
      const original = english.get(key) ?? english.get(`${singular(key)}_other`) ?? '';
      expect(lost(asCode(original), asCode(text)), `${key}: ${text}`).toEqual([]);
    }
  });

  it.each(CATALOGUES)('of %s has left nothing in English', file => {
    const english = textsOf(ENGLISH, file);
    const same = [...textsOf(language, file)].filter(
      ([key, text]) => english.get(key) === text && hasWords(text),
    );
    expect(same.filter(([, text]) => !SAME_EVERYWHERE.includes(text))).toEqual([]);
    expect([...textsOf(language, file)].filter(([, text]) => isEnglish(text))).toEqual([]);
  });

  it.each(CATALOGUES)('of %s calls fields by their labels', file => {
    const english = textsOf(ENGLISH, file);
    const wrong = [...textsOf(language, file)].flatMap(([key, text]) =>
      quotedLabels(language, english.get(key) ?? '', text),
    );
    expect(wrong).toEqual([]);
  });

  describe.each(HELPS)('of %s', file => {
    const original = sections(source('locales', ENGLISH, file));
    const text = sections(source('locales', language, file));

    it('has the same paragraphs, lists and tables', () => {
      expect(text.map(shape)).toEqual(original.map(shape));
    });

    it('leaves alone what is code', () => {
      original.forEach((section, index) => {
        expect(lost(codeSpans(section), codeSpans(text[index] ?? '')), text[index]).toEqual([]);
      });
    });

    it('has left nothing in English', () => {
      const english = new Set(original.flatMap(section => blocks(wordsIn(section))));
      const left = text
        .flatMap(section => blocks(wordsIn(section)))
        .filter(block => isEnglish(block) || (english.has(block) && hasWords(block)));
      expect(left).toEqual([]);
    });

    it('calls fields by their labels', () => {
      const wrong = original.flatMap((section, index) =>
        pairs(blocks(section), blocks(text[index] ?? '')).flatMap(([before, after]) =>
          quotedLabels(language, before, after),
        ),
      );
      expect(wrong).toEqual([]);
    });
  });
});

it('what may be the same in other languages is somewhere', () => {
  const same = new Set(
    TRANSLATIONS.flatMap(language =>
      CATALOGUES.flatMap(file => {
        const english = textsOf(ENGLISH, file);
        return [...textsOf(language, file)].filter(([key, text]) => english.get(key) === text);
      }),
    ).map(([, text]) => text),
  );
  expect(SAME_EVERYWHERE.filter(text => !same.has(text))).toEqual([]);
});

/**
 * The keys that a language must have. Where a text counts, there is one for each form of `Intl.PluralRules`, by which
 * i18next (24 and 25, JSON v4) chooses in the runtime and in the editor of Node-RED 4.1 and 5. Where the form is missing,
 * neither takes another one of that language: the English text is shown. Forms that the language has not are never asked for.
 */
function wantedKeys(language: string, file: string): string[] {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const english = [...textsOf(ENGLISH, file).keys()];
  const counted = new Set(english.filter(key => pluralForm(key) !== undefined).map(singular));
  const plain = english.filter(key => pluralForm(key) === undefined);
  return [...plain, ...[...counted].flatMap(key => forms.map(form => `${key}_${form}`))];
}

/** Whether a plural form is said of one number only: it may be written out, such as "a record" for 1. */
function standsForOne(language: string, form: string): boolean {
  const rules = new Intl.PluralRules(language);
  const numbers = Array.from({ length: 200 }, (_, number) => number);
  return numbers.filter(number => rules.select(number) === form).length === 1;
}

/** Variables by key; those of all plural forms together. */
function variablesByKey(texts: ReadonlyMap<string, string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [key, text] of texts) {
    const name = singular(key);
    found.set(name, [...new Set([...(found.get(name) ?? []), ...variablesOf(text)])].sort());
  }
  return found;
}

function variablesOf(text: string): string[] {
  return [...new Set(text.match(/__[a-z]+__/g) ?? [])].sort();
}

/** What is in the first list, and not as often in the second one. */
function lost(wanted: readonly string[], found: readonly string[]): string[] {
  const left = [...found];
  return wanted.filter(part => {
    const at = left.indexOf(part);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** The parts of a help between its headings. */
function sections(help: string): string[] {
  return help.split(/^#+ .*$/m);
}

/** Paragraphs, items of lists and rows of tables, each on one line. */
function blocks(section: string): string[] {
  return section
    .split(/\n{2,}|\n(?= *(?:[-|:]|\d\.) )/)
    .map(block => block.replace(/\s+/g, ' ').trim())
    .filter(block => block !== '');
}

/** The kinds of its blocks, one after the other. */
function shape(section: string): string {
  return blocks(section)
    .map(block => /^(?:[-|:]|\d\.)(?= )/.exec(block)?.[0] ?? 'p')
    .join(' ');
}

function pairs<T>(one: readonly T[], other: readonly T[]): [T, T][] {
  return one.flatMap((part, index) => {
    const counterpart = other[index];
    return counterpart === undefined ? [] : [[part, counterpart] as [T, T]];
  });
}

/** Something to translate, beside what is the same everywhere. */
function hasWords(text: string): boolean {
  return /\p{L}{2}/u.test(wordsIn(text));
}

/** Words that only English has, of those languages that the package speaks. */
const ENGLISH_WORDS =
  /(?:^|[\s(])(?:the|and|with|without|which|that|this|is|are|from|when|where|its|their)(?=$|[\s,.:;)])/i;

function isEnglish(text: string): boolean {
  return ENGLISH_WORDS.test(wordsIn(text));
}

it('the package speaks the languages of Node-RED itself', () => {
  const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));
  const editor = dirname(nodeRed.resolve('@node-red/editor-client/package.json'));
  expect([...LANGUAGES].sort()).toEqual(readdirSync(join(editor, 'locales')).sort());
  expect(LANGUAGES).toHaveLength(10);
});
