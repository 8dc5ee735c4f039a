import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { CATALOGUES, ENGLISH, LANGUAGES, pluralForm, singular, textsOf } from './package-parts';

/** As far as this test needs it. */
interface I18next {
  createInstance(options: object): {
    init(): Promise<unknown>;
    t(key: string, values: { readonly count: number }): string;
  };
}

const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));
/** The one that Node-RED itself has. */
const i18next = createRequire(nodeRed.resolve('@node-red/util'))('i18next') as I18next;

/** Numbers of all forms that the languages of the package have. */
const COUNTS = [0, 1, 2, 3, 5, 11, 21, 22, 25, 100, 1_000_000, 1.5];

/** As `@node-red/util` and the editor set it up: where a form is missing, the English text is shown. */
describe.each(LANGUAGES)('whatever is counted in %s', language => {
  it.each(CATALOGUES)('is said in that language: %s', async file => {
    const texts = textsOf(language, file);
    const translator = i18next.createInstance({
      showSupportNotice: false,
      lng: language,
      fallbackLng: ENGLISH,
      keySeparator: false,
      interpolation: { escapeValue: false, prefix: '__', suffix: '__' },
      resources: {
        [ENGLISH]: { translation: { ...Object.fromEntries(textsOf(ENGLISH, file)) } },
        [language]: { translation: { ...Object.fromEntries(texts) } },
      },
    });
    await translator.init();
    const counted = new Set([...texts.keys()].filter(key => pluralForm(key) !== undefined));
    for (const key of new Set([...counted].map(singular))) {
      for (const count of COUNTS) {
        const form = new Intl.PluralRules(language).select(count);
        const wanted = texts.get(`${key}_${form}`)?.replaceAll('__count__', String(count));
        expect(translator.t(key, { count }), `${key} ${String(count)}`).toBe(wanted);
      }
    }
  });
});
