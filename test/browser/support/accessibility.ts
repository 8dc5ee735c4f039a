import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Locator, Page } from 'playwright-core';

/** A dialog's form, or another part of the page. */
interface Part {
  readonly page: Page;
  readonly form: Locator;
}

declare const window: Window & { readonly axe: typeof axe };

const GRAVE = ['serious', 'critical'];

/** Grave faults of a part, as `rule: element`. */
export async function graveFaults({ page, form }: Part): Promise<string[]> {
  // What is below the mouse is in colours of the editor's own.
  await page.mouse.move(0, 0);
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const { violations } = await form.evaluate(async (element): Promise<AxeResults> => {
    // The editor's body has no height of its own, and axe checks no contrast outside of it.
    document.body.style.height = '100vh';
    // A colour on its way to another one has the contrast of neither.
    const underWay = document.getAnimations().filter(({ effect, playState }) => {
      return playState === 'running' && Number(effect?.getComputedTiming().endTime) < Infinity;
    });
    await Promise.allSettled(underWay.map(({ finished }) => finished));
    // For contrasts, axe asks for twenty styles of each element of the page, to know what lies over what. What is not
    // shown lies over nothing, and what an SVG consists of counts as the SVG.
    const createTreeWalker = document.createTreeWalker.bind(document);
    const counts = (at: Node): boolean =>
      at instanceof SVGElement
        ? at.ownerSVGElement === null || element.contains(at)
        : getComputedStyle(at as Element).display !== 'none';
    document.createTreeWalker = (root, what) =>
      createTreeWalker(root, what, at =>
        counts(at) ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT,
      );
    try {
      // What it finds otherwise is not asked for.
      return await window.axe.run(element, {
        resultTypes: ['violations'],
        preload: false,
        selectors: false,
      });
    } finally {
      Reflect.deleteProperty(document, 'createTreeWalker');
    }
  });
  return violations
    .filter(({ impact }) => GRAVE.includes(impact ?? ''))
    .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html}`));
}

/** The visible fields and buttons that a screen reader could not call by a name. */
export async function namelessFields({ form }: Pick<Part, 'form'>): Promise<string[]> {
  const lines = (await form.ariaSnapshot()).split('\n');
  return lines.filter(line => /^\s*- (textbox|combobox|checkbox|button)(?! ")/.test(line));
}
