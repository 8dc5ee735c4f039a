import type { Locator } from 'playwright-core';
import { graveFaults } from './accessibility';
import type { Dialog } from './dialog';

/** The list of names below a text field, as somebody uses it. */
export class Picker {
  readonly popup: Locator;

  constructor(
    readonly dialog: Dialog,
    readonly field: Locator,
  ) {
    this.popup = dialog.page.locator('.record-updates-pick');
  }

  /** Opens it with the arrow key and waits until it says something. */
  async open(): Promise<void> {
    await this.field.focus();
    await this.dialog.page.keyboard.press('ArrowDown');
    await this.said();
  }

  /** What is said above the list, once there is more than that it is being read. */
  async said(): Promise<string> {
    const status = this.popup.getByRole('status');
    await status
      .filter({ hasText: /[.] *$/ })
      .filter({ hasNotText: 'being asked' })
      .waitFor();
    return status.innerText();
  }

  option(name: string | RegExp): Locator {
    return this.popup.getByRole('option', { name });
  }

  async names(): Promise<string[]> {
    return this.popup.locator('.record-updates-pick-name').allInnerTexts();
  }

  async choose(name: string | RegExp): Promise<void> {
    await this.option(name).click();
    await this.popup.waitFor({ state: 'detached' });
  }

  /** By the keys: down to an option, and Enter. */
  async chooseByKeys(name: string): Promise<void> {
    const { keyboard } = this.dialog.page;
    for (let step = 0; step < 100; step += 1) {
      await keyboard.press('ArrowDown');
      const active = await this.field.getAttribute('aria-activedescendant');
      const text = await this.dialog.page
        .locator(`[id="${active ?? ''}"] .record-updates-pick-name`)
        .innerText();
      if (text === name) break;
    }
    await keyboard.press('Enter');
    await this.popup.waitFor({ state: 'detached' });
  }

  async refresh(): Promise<string> {
    await this.option('Read the list anew').click();
    return this.said();
  }

  async close(): Promise<void> {
    await this.dialog.page.keyboard.press('Escape');
    await this.popup.waitFor({ state: 'detached' });
  }

  async faults(): Promise<string[]> {
    return graveFaults({ page: this.dialog.page, form: this.popup });
  }

  /** Whether all of it is on the page. */
  async isInView(): Promise<boolean> {
    const box = await this.popup.boundingBox();
    const size = this.dialog.page.viewportSize();
    if (box === null || size === null) return false;
    const { x, y, width, height } = box;
    return x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height;
  }
}
