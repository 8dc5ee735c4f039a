import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadExamples } from '../../scripts/lib/examples.mjs';
import { pluginHtml } from '../../scripts/editor-html.mjs';
import { editorResources } from '../../scripts/editor-resources.mjs';
import { flatten, LANGUAGES, PLUGINS, ROOT, source } from './package-parts';

const NAME = 'first-flow-tour';
const CODE = readdirSync(`${ROOT}/plugins/${NAME}`)
  .map(file => source('plugins', NAME, file))
  .join('\n');

function texts(language: string): Map<string, string> {
  return flatten(JSON.parse(source('locales', language, `${NAME}.json`)));
}

it('the package has the sidebar and the tour as plugins', () => {
  expect(PLUGINS).toEqual(['conflicts-sidebar', NAME]);
});

describe('the texts of the tour', () => {
  const asked = [...CODE.matchAll(new RegExp(`'(${NAME}\\.[a-z]+\\.[a-z-]+)'`, 'g'))].map(
    ([, key = '']) => key,
  );

  it.each(LANGUAGES)('are all there, and each is asked for, in %s', language => {
    expect(asked.length).toBeGreaterThan(5);
    expect([...texts(language).keys()].sort()).toEqual([...new Set(asked)].sort());
  });

  // The editor puts them into the page as markup.
  it.each(LANGUAGES)('hold no markup, in %s', language => {
    expect([...texts(language).values()].filter(text => /[<&]/.test(text))).toEqual([]);
  });
});

it('leads through nodes that the example has', () => {
  const [, name = ''] = /const EXAMPLE = '(.+)'/.exec(CODE) ?? [];
  const example = loadExamples().find(one => one.name === name);
  const named = [...CODE.matchAll(/const (?:HEALED|CONFLICT) = '(.+)'/g)].map(([, text]) => text);
  const names = example?.nodes.filter(({ type }) => type === 'inject').map(node => node.name);
  expect(named.sort()).toEqual(names?.sort());
});

it('costs every opened editor less than half a kilobyte, as a proxy sends it', async () => {
  expect(gzipSync(await pluginHtml(ROOT, NAME)).length).toBeLessThan(500);
  const { [`${NAME}.js`]: script = '' } = await editorResources(ROOT);
  expect(gzipSync(script).length).toBeLessThan(2_000);
});
