import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Editor } from './support/editor';
import type { RedApi } from './support/red-api';
import { untranslated } from './support/texts';
import { withEditor } from './support/with-editor';

declare const RED: RedApi;

const LANGUAGES = [
  ['en-US', 'Update an order safely', 'Press Deploy', 'Your own system'],
  ['de', 'Einen Auftrag sicher ändern', 'Übernahme', 'Ihr eigenes System'],
] as const;

/** The tour as somebody follows it. */
class Tour {
  private constructor(private readonly editor: Editor) {}

  static async started(editor: Editor): Promise<Tour> {
    await editor.page.evaluate(() => {
      RED.actions.invoke('record-updates:first-flow-tour');
    });
    return new Tour(editor);
  }

  /** The words of a step, counted from 1, once it is shown. */
  async step(number: number): Promise<string> {
    const { page } = this.editor;
    const popover = page.locator('.red-ui-tourGuide-popover').filter({
      has: page.getByText(new RegExp(`^${String(number)}/7$`)),
    });
    expect(await untranslated(popover)).toEqual([]);
    return popover.innerText();
  }

  /** Whether what it says lies over what it speaks of. */
  async covers(spokenOf: Locator): Promise<boolean> {
    const [said, seen] = await Promise.all(
      [this.editor.page.locator('.red-ui-tourGuide-popover'), spokenOf].map(it => it.boundingBox()),
    );
    if (!said || !seen) throw new Error('One of them is not shown');
    const isBeside = said.x + said.width <= seen.x || seen.x + seen.width <= said.x;
    return !isBeside && said.y < seen.y + seen.height && seen.y < said.y + said.height;
  }

  async next(): Promise<void> {
    await this.editor.page.locator('.red-ui-tourGuide-toolbar button').click();
  }

  get shade() {
    return this.editor.page.locator('.red-ui-tourGuide-shade');
  }
}

for (const [language, welcome, deploy, own] of LANGUAGES) {
  withEditor(`the tour of the first flow, in ${language}`, { language }, editor => {
    it('leads from an empty editor to a conflict that is told', async () => {
      const { page } = editor();
      const tour = await Tour.started(editor());
      expect(await tour.step(1)).toContain(welcome);
      // Nothing lies over the flow that the next step shows.
      expect(await page.locator('.red-ui-notification').count()).toBe(0);
      await tour.next();
      await tour.step(2);
      await tour.next();
      expect(await tour.step(3)).toContain(deploy);
      await page.locator('#red-ui-header-button-deploy').click();
      await page.waitForFunction(() => !RED.nodes.dirty());
      await tour.next();
      await tour.step(4);
      const lines = page.locator('.red-ui-debug-msg');
      await lines.getByText('updated after 2 writes: 412 → 200').waitFor();
      await expect.poll(() => tour.covers(lines.first())).toBe(false);
      await editor().shoot(`tour-${language}`, page.locator('#red-ui-editor'));
      await tour.next();
      await tour.step(5);
      const tab = await page.evaluate(() => RED.workspaces.active());
      const button = await editor().named('ship order SO-2025-0150', tab);
      // The mouse comes to the node, and the shade goes.
      await editor().picture(button).hover({ force: true });
      await tour.shade.waitFor({ state: 'hidden' });
      await editor().press(button);
      await tour.next();
      await tour.step(6);
      await lines.getByText('conflict in orderstatus').waitFor();
      await expect.poll(() => tour.covers(lines.last())).toBe(false);
      await tour.next();
      expect(await tour.step(7)).toContain(own);
      await tour.next();
      await tour.shade.waitFor({ state: 'detached' });
    });

    it('takes the example that is there when it is asked for again, and ends at once by Escape', async () => {
      const { page } = editor();
      const count = () =>
        page.evaluate(() => RED.nodes.filterNodes({ type: 'conditional-update' }).length);
      const before = await count();
      const tour = await Tour.started(editor());
      await tour.step(1);
      await page.keyboard.press('Escape');
      await tour.shade.waitFor({ state: 'detached' });
      expect(await count()).toBe(before);
    });
  });
}
