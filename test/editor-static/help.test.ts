import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { LANGUAGES, source, TYPES } from './package-parts';

/** As the helps of Node-RED's own nodes have them, where they have them. */
const HEADINGS: Record<string, readonly string[]> = {
  'en-US': ['Inputs', 'Outputs', 'Details', 'References'],
  de: ['Eingaben', 'Ausgaben', 'Details', 'Verweise'],
  'es-ES': ['Entradas', 'Salidas', 'Detalles', 'Referencias'],
  fr: ['Entrées', 'Sorties', 'Détails', 'Références'],
  ja: ['入力', '出力', '詳細', '参考'],
  ko: ['입력', '출력', '상세', '참고'],
  'pt-BR': ['Entradas', 'Saídas', 'Detalhes', 'Referências'],
  ru: ['Принимает', 'Выводит', 'Подробности', 'Ссылки'],
  'zh-CN': ['输入', '输出', '详细', '参考'],
  'zh-TW': ['輸入', '輸出', '詳細', '參考'],
};

describe.each(LANGUAGES)('help in %s', language => {
  it.each(TYPES)('of %s follows the style guide', type => {
    const text = source('locales', language, `${type}.md`);
    const first = text.split('\n\n')[0] ?? '';
    expect(first.split('\n').length, 'the palette shows the first paragraph').toBeLessThanOrEqual(
      3,
    );
    expect(first).not.toMatch(/^[#:]/);
    expect([...text.matchAll(/^### (.+)$/gm)].map(match => match[1])).toEqual(HEADINGS[language]);
    expect(text, 'no bold text').not.toMatch(/\*\*/);
  });

  it.each(TYPES)('of %s has properties that the editor can read', type => {
    const lines = source('locales', language, `${type}.md`).split('\n');
    const properties = lines.filter(line => /^ *: /.test(line));
    // A third colon would end the list: the editor's markdown knows exactly this form.
    const readable = /^(?: {3})?: \*?[a-zA-Z]+\*? \([a-z| ]+\) : [^:]+$/;
    expect(properties.filter(line => !readable.test(line))).toEqual([]);
  });

  it.each(TYPES)('of %s has the same sections and properties as in English', type => {
    expect(structure(source('locales', language, `${type}.md`))).toEqual(
      structure(source('locales', 'en-US', `${type}.md`)),
    );
  });

  it('explains every outcome', () => {
    const text = source('locales', language, 'conditional-update.md');
    const listed = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(match => match[1]);
    expect(listed).toEqual([...OUTCOMES]);
  });
});

/** What must not differ between languages: heading levels, properties, rows of tables. */
function structure(text: string): string[] {
  const marks = text.matchAll(/^(#{3,4}| *: \*?[a-zA-Z]+\*?|\| `[a-z-]+`|\d\.)/gm);
  return [...marks].map(match => match[1] ?? '');
}
