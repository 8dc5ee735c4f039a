import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../scripts/lib/languages.mjs';
import { listPackage } from '../../../scripts/lib/package.mjs';
import { readManifest } from '../../../scripts/lib/root.mjs';
import { PAGES, isExternal, linksOf, targetOf } from '../../support/pages';

const ALLOWED = [
  /^dist\/(lib|sandbox)\/.+\.js$/,
  /^dist\/locales\/en-US\/[^/]+\.json$/,
  /^dist\/nodes\/[^/]+\.(js|html)$/,
  /^dist\/nodes\/shared\/.+\.js$/,
  /^dist\/nodes\/[^/]+\/.+\.js$/,
  /^dist\/nodes\/icons\/[^/]+\.svg$/,
  /^dist\/nodes\/locales\/[^/]+\/[^/]+\.(json|html)$/,
  /^dist\/plugins\/[^/]+\.(js|html)$/,
  /^dist\/plugins\/[^/]+\/.+\.js$/,
  /^dist\/plugins\/locales\/[^/]+\/[^/]+\.json$/,
  /^examples\/.+\.json$/,
  /^resources\/(conflicts|dialogs|exchange-preview|first-flow-tour|machine-picture|pickers|presets|test-answer)\.js$/,
  /^docs\/.+\.md$/,
  /^docs\/flows\/[^/]+\.json$/,
  /^docs\/images\/[^/]+\.(webp|svg)$/,
  /^(README\.md|LICENSE|CHANGELOG\.md|package\.json)$/,
];

/** A page for those who have the repository. */
const ONLINE_ONLY = 'CONTRIBUTING.md';
/** All pictures together, in bytes: whoever installs the nodes gets them, too. */
const PICTURES_LIMIT = 400_000;

describe('tarball', async () => {
  const entries = (await listPackage()).files;
  const files = entries.map(file => file.path);

  it('holds nothing but the build, the examples and the papers', () => {
    expect(files.filter(file => !ALLOWED.some(pattern => pattern.test(file)))).toEqual([]);
  });

  it.each([
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'package.json',
    'dist/sandbox/main.js',
    'resources/dialogs.js',
    'resources/machine-picture.js',
    'resources/exchange-preview.js',
    'resources/pickers.js',
    'resources/presets.js',
    'resources/test-answer.js',
    'resources/conflicts.js',
    'resources/first-flow-tour.js',
    'dist/plugins/conflicts-sidebar.html',
    'dist/plugins/first-flow-tour.html',
  ])('holds %s', file => {
    expect(files).toContain(file);
  });

  it('holds every page that its pages link to, and every picture', () => {
    const pages = PAGES.filter(page => files.includes(page));
    expect(pages).toContain('README.md');
    const targets = pages.flatMap(page =>
      linksOf(page)
        .filter(link => !isExternal(link))
        .map(link => targetOf(page, link).file),
    );
    expect(targets.filter(file => !files.includes(file) && file !== ONLINE_ONLY)).toEqual([]);
  });

  it('holds small pictures', () => {
    const pictures = entries.filter(file => file.path.startsWith('docs/images/'));
    expect(pictures.length).toBeGreaterThan(0);
    expect(pictures.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(PICTURES_LIMIT);
  });

  it.each(Object.entries(readManifest()['node-red'].nodes))(
    'holds both halves, help and texts of %s',
    (set, file) => {
      const folder = file.slice(0, file.lastIndexOf('/'));
      expect(file).toBe(`dist/nodes/${set}.js`);
      expect(files).toEqual(
        expect.arrayContaining([
          file,
          `${folder}/${set}.html`,
          ...LANGUAGES.flatMap(language => [
            `${folder}/locales/${language}/${set}.json`,
            `${folder}/locales/${language}/${set}.html`,
          ]),
        ]),
      );
    },
  );

  it('holds examples for sales orders and work orders', () => {
    expect(files.some(file => file.startsWith('examples/orders/'))).toBe(true);
    expect(files.some(file => file.startsWith('examples/work-orders/'))).toBe(true);
  });
});
