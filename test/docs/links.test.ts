// Every link and picture of the pages leads somewhere, wherever the page is read.
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/root.mjs';
import { PAGES, anchorsOf, isExternal, linksOf, targetOf } from '../support/pages';

describe.each(PAGES)('%s', page => {
  const links = linksOf(page).filter(link => !isExternal(link));

  it('links to files that exist', () => {
    expect(links.filter(link => !existsSync(inRoot(targetOf(page, link).file)))).toEqual([]);
  });

  it('links to headings that exist', () => {
    const missing = links.filter(link => {
      const { file, anchor } = targetOf(page, link);
      return anchor !== '' && file.endsWith('.md') && !anchorsOf(file).includes(anchor);
    });
    expect(missing).toEqual([]);
  });
});

describe('README.md', () => {
  const files = linksOf('README.md').filter(link => !isExternal(link));

  // The Flow Library shows a link that does not end so as plain text of the file.
  it('links to whole pages, not into them', () => {
    const others = files.filter(link => !/\.(md|webp)$/.test(link) && link !== 'LICENSE');
    expect(others).toEqual([]);
  });

  // npm and the Flow Library put the repository's address in front of them.
  it('links without a way up', () => {
    expect(files.filter(link => /^(\/|\.)/.test(link))).toEqual([]);
  });
});

it('leads from docs/README.md to every page of docs, by the index of its folder where there is one', () => {
  const pages = PAGES.filter(page => page.startsWith('docs/'));
  const found = pages
    .filter(page => page.endsWith('/README.md'))
    .flatMap(index => linksOf(index).map(link => targetOf(index, link).file));
  const others = pages.filter(page => page !== 'docs/README.md');
  expect(others.filter(page => !found.includes(page))).toEqual([]);
});

it('shows every picture on a page', () => {
  const shown = PAGES.flatMap(page => linksOf(page).map(link => targetOf(page, link).file));
  const pictures = readdirSync(inRoot('docs/images')).map(name => `docs/images/${name}`);
  expect(pictures.length).toBeGreaterThan(0);
  expect(pictures.filter(picture => !shown.includes(picture))).toEqual([]);
});
