import type { Locator } from 'playwright-core';

/** Missing texts in a part of the page: keys of the catalogue in their place, or nothing at all. */
export async function untranslated(part: Locator): Promise<string[]> {
  return part.evaluate(element => {
    const marked = [...element.querySelectorAll<HTMLElement>('[data-i18n]')];
    const empty = marked.filter(({ dataset, textContent }) => {
      const replacesText = !dataset.i18n?.startsWith('[');
      return replacesText && textContent.trim() === '';
    });
    const attributes = [
      ...element.querySelectorAll('[placeholder], [title], [aria-label]'),
    ].flatMap(part =>
      ['placeholder', 'title', 'aria-label'].map(name => part.getAttribute(name) ?? ''),
    );
    const texts = [element.textContent, ...attributes].join('\n');
    const keys = texts.match(
      /\b[a-z-]+\.(label|option|placeholder|tip|button|answer|errors|port)\.[a-z-]+/g,
    );
    return [...empty.map(part => `empty: ${part.outerHTML}`), ...(keys ?? [])];
  });
}
