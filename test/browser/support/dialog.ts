import type { Locator, Page } from 'playwright-core';

type Prefix = 'node-input' | 'node-config-input';

const BUTTONS = { 'node-input': '#node-dialog', 'node-config-input': '#node-config-dialog' };

/** The open edit dialog of a node or a config node. */
export class Dialog {
  readonly tray: Locator;
  readonly form: Locator;

  private constructor(
    readonly page: Page,
    private readonly prefix: Prefix,
  ) {
    this.tray = page.locator('.red-ui-tray');
    this.form = this.tray.locator('.record-updates');
  }

  /** Waits until the dialog has slid in and has the focus: before, it takes no keys. */
  static async opened(page: Page, prefix: Prefix): Promise<Dialog> {
    await inPlace(page, `.red-ui-tray:has(.record-updates #${prefix}-name)`, '.red-ui-tray');
    return new Dialog(page, prefix);
  }

  field(name: string): Locator {
    return this.page.locator(`#${this.prefix}-${name}`);
  }

  async fill(name: string, value: string): Promise<void> {
    await this.field(name).fill(value);
  }

  async select(name: string, value: string): Promise<void> {
    await this.field(name).selectOption(value);
  }

  /** The typed input around a property: a button for the type and a visible field. */
  typed(name: string): Locator {
    return this.page.locator(`#${this.prefix}-${name} + .red-ui-typedInput-container`);
  }

  async fillTyped(name: string, type: string, value: string): Promise<void> {
    await this.typed(name).locator('.red-ui-typedInput-type-select').click();
    await this.page.locator(`.red-ui-typedInput-options:visible a[value="${type}"]`).click();
    await this.typed(name).locator('input.red-ui-typedInput-input').fill(value);
  }

  /** Opens a folded section by its title. */
  async unfold(title: string): Promise<void> {
    await this.form.locator('details:not([open]) > summary', { hasText: title }).click();
  }

  /** Shows everything that the form can ever show, whatever is chosen in it. */
  async unfoldAll(): Promise<void> {
    await this.form.evaluate(form => {
      for (const section of form.querySelectorAll('details')) section.open = true;
      for (const part of form.querySelectorAll<HTMLElement>('[hidden]')) part.hidden = false;
    });
  }

  /** Opens the dialog of a new config node by the + button. */
  async add(name: string): Promise<Dialog> {
    await this.page.locator(`#${this.prefix}-btn-${name}-add`).click();
    return Dialog.opened(this.page, 'node-config-input');
  }

  /** Opens the dialog of the chosen config node by the pencil. */
  async edit(name: string): Promise<Dialog> {
    await this.page.locator(`#${this.prefix}-btn-${name}-edit`).click();
    return Dialog.opened(this.page, 'node-config-input');
  }

  /** Closes it by its main button. Below a config node's dialog, that of the node comes back. */
  async done(): Promise<void> {
    await this.close(() => this.page.locator(`${BUTTONS[this.prefix]}-ok`).click());
  }

  async cancel(): Promise<void> {
    await this.close(() => this.page.locator(`${BUTTONS[this.prefix]}-cancel`).click());
  }

  async doneByKeyboard(): Promise<void> {
    await this.close(async () => {
      // Keys pressed elsewhere are not for the dialog.
      await this.page.locator(`${STACK}:focus, ${STACK} :focus`).waitFor({ state: 'attached' });
      await this.page.keyboard.press('Control+Enter');
    });
  }

  private async close(how: () => Promise<void>): Promise<void> {
    await how();
    await this.field('name').waitFor({ state: 'detached' });
    const below = this.prefix === 'node-config-input' && (await this.tray.count()) > 0;
    if (below) await inPlace(this.page, '.red-ui-tray:has(#node-input-name)', STACK);
  }
}

/** What holds the trays. One that comes back leaves the focus to it. */
const STACK = '#red-ui-editor-stack';

/** Waits until a tray has slid in, and the focus is in it or in what is around it. */
async function inPlace(page: Page, tray: string, around: string): Promise<void> {
  await page.waitForFunction(
    ([wanted, focused]) => {
      const found = document.querySelector(wanted);
      if (found === null || getComputedStyle(found).right !== '0px') return false;
      return found.closest(focused)?.contains(document.activeElement) === true;
    },
    [tray, around] as const,
  );
}
