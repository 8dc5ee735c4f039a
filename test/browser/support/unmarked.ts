import type { Locator } from 'playwright-core';
import { MARKS } from '../../support/pseudo-language';

/** Two words in a row, or a single one: what is said to somebody. Names of products and code look otherwise. */
const SAID = /(?:^|[\s"(])\p{L}{2,} \p{Ll}{2,}|^\p{L}{2,}$/u;

/**
 * Texts of a part of the page that come from no catalogue of the package: those without the marks of the pseudo-language.
 * What Node-RED itself says is its own affair.
 * @param known what may stand there as it is
 */
export async function unmarked(part: Locator, known: ReadonlySet<string>): Promise<string[]> {
  const texts = await part.evaluate((element, { begin, end }) => {
    const marked = new RegExp(`${begin}[^${begin}${end}]*${end}`, 'g');
    const withoutMarked = (text: string): string => {
      const less = text.replace(marked, '…');
      return less === text ? text : withoutMarked(less);
    };
    const ofNodeRed =
      '[data-i18n*="node-red:"], option[value="_ADD_"], .red-ui-typedInput-type-select, .red-ui-editableList-item-remove';
    const isOwn = (at: Element): boolean => at.closest(ofNodeRed) === null;
    const found: string[] = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (parent !== null && isOwn(parent)) found.push(walker.currentNode.nodeValue ?? '');
    }
    for (const name of ['placeholder', 'title', 'aria-label']) {
      for (const at of element.querySelectorAll(`[${name}]`)) {
        if (isOwn(at)) found.push(at.getAttribute(name) ?? '');
      }
    }
    return found.map(withoutMarked);
  }, MARKS);
  const said = texts.map(text => text.replaceAll(/\s+/g, ' ').replaceAll(/^[ ·:]+|[ ·:]+$/g, ''));
  return [...new Set(said)].filter(text => SAID.test(text) && !known.has(text));
}
