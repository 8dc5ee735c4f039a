import { afterAll, afterEach, beforeAll, describe, expect, inject } from 'vitest';
import { editorLoaded, launchBrowser, openEditor } from '../../../scripts/lib/browser.mjs';
import type { Browser, EditorOptions } from '../../../scripts/lib/browser.mjs';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import { startWithPackage } from '../../support/node-red';
import { Editor } from './editor';

interface Surroundings extends EditorOptions {
  flows?: readonly object[];
}

const chromium = inject('chromium');

/** Nothing may be left out in CI: there the tests fail when they have no browser. */
const describeIfPossible = describe.skipIf(chromium === null && process.env.CI !== 'true');

/**
 * Tests on an editor of their own, all on the same page. Whatever the page reports as an error
 * fails the test that was running.
 * @param tests is given the editor as a function, for it is opened later
 */
export function withEditor(
  name: string,
  surroundings: Surroundings,
  tests: (editor: () => Editor) => void,
): void {
  describeIfPossible(name, () => {
    const opened: { nodeRed?: NodeRed; browser?: Browser; editor?: Editor } = {};
    const editor = (): Editor => {
      if (!opened.editor) throw new Error('The editor is not open');
      return opened.editor;
    };

    beforeAll(async () => {
      if (chromium === null) throw new Error('There is no Chromium, see the message above');
      const { flows = [], ...options } = surroundings;
      opened.nodeRed = await startWithPackage({ flows });
      opened.browser = await launchBrowser(chromium);
      const { page, faults } = await openEditor(opened.browser, opened.nodeRed.url, options);
      opened.editor = new Editor(page, faults, opened.nodeRed);
    });
    afterEach(async ({ task }) => {
      const { page, faults } = editor();
      // What a failed test left open would stand in the way of the next one.
      if (task.result?.state === 'fail') await page.reload().then(() => editorLoaded(page));
      expect(faults.splice(0)).toEqual([]);
    });
    afterAll(async () => {
      await opened.browser?.close();
      await opened.nodeRed?.close();
    });

    tests(editor);
  });
}
