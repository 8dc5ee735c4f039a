import type { Page } from 'playwright-core';
import { readManifest } from '../../../scripts/lib/root.mjs';

interface Texts {
  readonly [name: string]: string | Texts;
}

/** Where the editor gets its catalogues, those of all packages at once. */
const CATALOGUES = /\/(?:nodes|plugins)\/messages\?/;

/** Puts other texts in the place of those of the package, as the page gets them from now on. */
export async function rewriteTexts(page: Page, rewrite: (text: string) => string): Promise<void> {
  const own = `${readManifest().name}/`;
  await page.route(CATALOGUES, async route => {
    const response = await route.fetch();
    const catalogues = (await response.json()) as Record<string, Texts>;
    const rewritten = Object.entries(catalogues).map(([name, texts]) => [
      name,
      name.startsWith(own) ? eachText(texts, rewrite) : texts,
    ]);
    await route.fulfill({ response, json: Object.fromEntries(rewritten) });
  });
}

/** Leaves the texts alone again. */
export async function restoreTexts(page: Page): Promise<void> {
  await page.unroute(CATALOGUES);
}

function eachText(texts: Texts, rewrite: (text: string) => string): Texts {
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [
      name,
      typeof value === 'string' ? rewrite(value) : eachText(value, rewrite),
    ]),
  );
}
