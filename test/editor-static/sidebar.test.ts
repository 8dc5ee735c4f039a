import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { REVIEW_ACTIONS } from '../../lib/review/dead-letter';
import { pluginHtml } from '../../scripts/editor-html.mjs';
import { editorResources } from '../../scripts/editor-resources.mjs';
import { flatten, LANGUAGES, PLUGINS, ROOT, source } from './package-parts';

const NAME = 'conflicts-sidebar';
/** What Node-RED appends to a key by its count. */
const PLURAL = /_(?:one|other)$/;
const REASONS = [...OUTCOMES, 'error'];

/** Keys that code puts together; each pattern with all values it can take. */
const COMPOSED: readonly string[] = [
  ...REASONS.flatMap(reason => [`option.reason-${reason}`, `answer.why-${reason}`]),
  ...[...REVIEW_ACTIONS, 'expire'].map(action => `option.action-${action}`),
  ...REVIEW_ACTIONS.flatMap(action => [`button.${action}`, `tip.${action}`]),
  ...['same', 'changed', 'settled'].map(state => `answer.${state}`),
  ...['hour', 'day', 'older-day', 'older-week'].map(age => `option.age-${age}`),
  ...['matching', 'settled-meanwhile', 'plan-gone', 'plan-unread', 'staying'].map(
    count => `answer.${count}`,
  ),
  ...['none', 'none-found', 'bulk-done', 'bulk-stopped'].map(answer => `answer.${answer}`),
].map(key => `${NAME}.${key}`);

function texts(language: string): Map<string, string> {
  return flatten(JSON.parse(source('locales', language, `${NAME}.json`)));
}

function asked(): string[] {
  const folder = join(ROOT, 'plugins', NAME);
  const code = readdirSync(folder)
    .filter(file => file.endsWith('.editor.ts'))
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const quoted = new RegExp(`'(${NAME}\\.[a-z]+\\.[a-z0-9-]+)'`, 'g');
  return [...[...code.matchAll(quoted)].map(match => match[1] ?? ''), ...COMPOSED];
}

const singular = (key: string): string => key.replace(PLURAL, '');

it('the package has one plugin', () => {
  expect(PLUGINS).toEqual([NAME]);
});

describe('the texts of the sidebar', () => {
  it('are all there, and each is asked for', () => {
    const wanted = new Set(asked());
    const known = new Set([...texts('en-US').keys()].map(singular));
    expect(wanted.size).toBeGreaterThan(100);
    expect([...wanted].filter(key => !known.has(key))).toEqual([]);
    expect([...known].filter(key => !wanted.has(key))).toEqual([]);
  });

  it('are the same with the same variables in every language', () => {
    const variables = (language: string): Record<string, string[]> =>
      Object.fromEntries(
        [...texts(language)].map(([key, text]) => [
          key,
          [...text.matchAll(/__[a-z]+__/g)].map(match => match[0]).sort(),
        ]),
      );
    for (const language of LANGUAGES) {
      expect(Object.keys(variables(language)).sort(), language).toEqual(
        Object.keys(variables('en-US')).sort(),
      );
      for (const [key, found] of Object.entries(variables(language))) {
        // One of the plural forms may do without the count.
        if (!PLURAL.test(key)) expect(found, `${language} ${key}`).toEqual(variables('en-US')[key]);
      }
    }
  });

  it('have every plural form, and count with nothing else', () => {
    for (const language of LANGUAGES) {
      const keys = [...texts(language).keys()];
      for (const key of keys.filter(key => PLURAL.test(key)).map(singular)) {
        expect(keys, language).toEqual(expect.arrayContaining([`${key}_one`, `${key}_other`]));
      }
      const uncounted = [...texts(language)].filter(
        ([key, text]) => text.includes('__count__') && !PLURAL.test(key),
      );
      expect(uncounted).toEqual([]);
    }
  });
});

describe('what every opened editor loads of the sidebar', async () => {
  const html = await pluginHtml(ROOT, NAME);
  const { 'conflicts.js': script = '' } = await editorResources(ROOT);

  it('is its tab only: less than a kilobyte, as a proxy sends it', () => {
    expect(gzipSync(html).length).toBeLessThan(1_000);
    expect(html).toMatch(/^<script type="text\/javascript">/);
    expect(html).toContain('"record-updates-conflicts"');
  });

  it('and no more than 20 kB when the tab is shown', () => {
    expect(gzipSync(script).length).toBeLessThan(20_000);
  });

  it('sets no markup anywhere: a value of a record stays text', () => {
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|\.html\(|document\.write/);
  });
});
