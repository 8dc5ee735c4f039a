import { afterAll, afterEach, beforeAll, describe, expect, inject } from 'vitest';
import { editorLoaded, openPage, VIEWPORT } from '../../../scripts/lib/browser.mjs';
import type { EditorOptions } from '../../../scripts/lib/browser.mjs';
import { Editor } from './editor';
import { speedUp } from './fast-page';
import { oneBrowser } from './one-browser';
import { restoreTexts, rewriteTexts } from './rewritten-texts';

interface Surroundings extends EditorOptions {
  flows?: readonly object[];
  /** What the package says in the place of its English texts. */
  rewrite?: (text: string) => string;
}

const shared = inject('editor');

/** Those in which this editor looks different. */
export const THEMES = shared?.themes ?? ['light'];

/** Nothing may be left out in CI: there the tests fail when they have no browser. */
const describeIfPossible = describe.skipIf(shared === null && process.env.CI !== 'true');

/** The one page, which lives as long as the worker. */
let opened: Promise<Editor> | undefined;

/**
 * Tests on the one editor, with flows of their own and as at its first visit. Whatever the page
 * reports as an error fails the test that was running.
 * @param tests is given the editor as a function, for it is opened later
 */
export function withEditor(
  name: string,
  { flows = [], rewrite, ...options }: Surroundings,
  tests: (editor: () => Editor) => void,
): void {
  describeIfPossible(name, () => {
    let current: Editor | undefined;
    const editor = (): Editor => {
      if (!current) throw new Error('The editor is not open');
      return current;
    };

    beforeAll(async () => {
      opened ??= open();
      current = await opened;
      if (rewrite !== undefined) await rewriteTexts(current.page, rewrite);
      await current.reset(flows, options);
    });
    afterAll(async () => {
      if (rewrite !== undefined && current !== undefined) await restoreTexts(current.page);
    });
    afterEach(async ({ task }) => {
      const { page, faults } = editor();
      // What a failed test left open would stand in the way of the next one.
      if (task.result?.state === 'fail') {
        await page.unrouteAll({ behavior: 'ignoreErrors' });
        if (rewrite !== undefined) await rewriteTexts(page, rewrite);
        await page.reload();
        await editorLoaded(page);
      }
      await page.setViewportSize(options.viewport ?? VIEWPORT);
      expect(faults.splice(0)).toEqual([]);
    });

    tests(editor);
  });
}

async function open(): Promise<Editor> {
  if (shared === null) throw new Error('There is no Chromium, see the message above');
  const { page, faults } = await openPage(await oneBrowser());
  await speedUp(page);
  return new Editor(page, faults, shared.nodeRedUrl);
}
