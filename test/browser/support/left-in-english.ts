import type { Locator } from 'playwright-core';
import { ENGLISH } from '../../../scripts/lib/languages.mjs';
import { CATALOGUES, textsOf } from '../../editor-static/package-parts';

/**
 * English texts in a part of the page, that the language of the editor has another text for.
 * @param typed what may stand there as it is
 */
export async function leftInEnglish(
  part: Locator,
  language: string,
  typed: ReadonlySet<string>,
): Promise<string[]> {
  const texts = await part.evaluate(element => {
    const shown: string[] = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) shown.push(walker.currentNode.nodeValue ?? '');
    for (const name of ['placeholder', 'title', 'aria-label']) {
      for (const at of element.querySelectorAll(`[${name}]`))
        shown.push(at.getAttribute(name) ?? '');
    }
    return shown.map(text => text.trim());
  });
  const english = onlyEnglish(language);
  return [...new Set(texts)].filter(text => english.has(text) && !typed.has(text));
}

/** The English texts of the package that are none of the other language. */
function onlyEnglish(language: string): Set<string> {
  const texts = (of: string): string[] =>
    CATALOGUES.flatMap(file => [...textsOf(of, file).values()]);
  const own = new Set(texts(language));
  return new Set(texts(ENGLISH).filter(text => !own.has(text)));
}
