import { readFileSync } from 'node:fs';
import { inRoot } from '../../scripts/lib/root.mjs';

/** A line of a test's answer, as the runtime sends it to the dialog. */
export type Line =
  | { readonly text: string; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly code: string; readonly message: string };

/** The lines of an answer as an English dialog shows them. */
export function inEnglish(lines: readonly Line[]): string {
  return lines
    .map(line => ('text' in line ? filledIn(line.text, line.values) : line.message))
    .join('\n');
}

/** A text of the English catalogues, its plural forms as Node-RED chooses them. Throws where there is none. */
export function filledIn(
  key: string,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const [type = ''] = key.split('.');
  const texts: unknown = JSON.parse(readFileSync(inRoot(`locales/en-US/${type}.json`), 'utf8'));
  const count = values.count;
  const form = typeof count === 'number' ? `_${new Intl.PluralRules('en').select(count)}` : '';
  const text = `${key}${form}`
    .split('.')
    .reduce<unknown>((group, name) => (group as Record<string, unknown>)[name], texts);
  if (typeof text !== 'string') throw new Error(`There is no text ${key}${form}`);
  return text.replaceAll(/__([a-z]+)__/g, (_, name: string) => String(values[name]));
}
