import { describe, expect, it } from 'vitest';
import { listPackage } from '../../../scripts/lib/package.mjs';
import { readManifest } from '../../../scripts/lib/root.mjs';

const ALLOWED = [
  /^dist\/(lib|sandbox)\/.+\.js$/,
  /^dist\/nodes\/[^/]+\.(js|html)$/,
  /^dist\/nodes\/shared\/.+\.js$/,
  /^dist\/nodes\/[^/]+\/.+\.js$/,
  /^dist\/nodes\/icons\/[^/]+\.svg$/,
  /^dist\/nodes\/locales\/[^/]+\/[^/]+\.(json|html)$/,
  /^examples\/.+\.json$/,
  /^resources\/(dialogs|machine-picture)\.js$/,
  /^(README\.md|LICENSE|CHANGELOG\.md|package\.json)$/,
];

describe('tarball', async () => {
  const files = (await listPackage()).files.map(file => file.path);

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
  ])('holds %s', file => {
    expect(files).toContain(file);
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
          ...['en-US', 'de'].flatMap(language => [
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
