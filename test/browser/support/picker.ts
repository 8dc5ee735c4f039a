import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { graveFaults } from './accessibility';
import type { Dialog } from './dialog';

/** The list of names below a text field, as somebody uses it. */
export class Picker {
  readonly popup: Locator;
  /** The same, once it shows what was asked for last: it begins to read before it shows anything. */
  private readonly read: Locator;

  constructor(
    readonly dialog: Dialog,
    readonly field: Locator,
  ) {
    this.popup = dialog.page.locator('.record-updates-pick');
    this.read = this.popup.filter({ has: dialog.page.locator('[aria-busy="false"]') });
  }

  /** Opens it with the arrow key and waits until it is read. */
  async open(): Promise<void> {
    await this.field.focus();
    await this.dialog.page.keyboard.press('ArrowDown');
    await this.said();
  }

  /** What is said above the list that was read. */
  async said(): Promise<string> {
    return this.read.getByRole('status').innerText();
  }

  option(name: string | RegExp): Locator {
    return this.popup.getByRole('option', { name });
  }

  async names(): Promise<string[]> {
    return this.read.evaluate(popup =>
      [...popup.querySelectorAll('.record-updates-pick-name')].map(name => name.textContent),
    );
  }

  async choose(name: string | RegExp): Promise<void> {
    await this.option(name).click();
    await this.popup.waitFor({ state: 'detached' });
  }

  /** By the keys: down to an option, and Enter. */
  async chooseByKeys(name: string): Promise<void> {
    const { keyboard } = this.dialog.page;
    for (let left = (await this.names()).length; left > 0; left -= 1) {
      await keyboard.press('ArrowDown');
      if ((await this.active()) === name) break;
    }
    expect(await this.active()).toBe(name);
    await keyboard.press('Enter');
    await this.popup.waitFor({ state: 'detached' });
  }

  /** The name that Enter would take. */
  private async active(): Promise<string | null> {
    return this.popup.locator('[aria-selected="true"] .record-updates-pick-name').textContent();
  }

  /** What is said of the list once it is read anew. */
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

  /** Where it is, unless all of it is on the page. */
  async offPage(): Promise<unknown> {
    const box = await this.popup.boundingBox();
    const size = this.dialog.page.viewportSize();
    if (box === null || size === null) return 'it is closed';
    const { x, y, width, height } = box;
    const isInView = x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height;
    return isInView ? undefined : { box, field: await this.field.boundingBox() };
  }
}
