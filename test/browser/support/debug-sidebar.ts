import type { Locator, Page } from 'playwright-core';

/** Messages of debug nodes, as the debug sidebar shows them. */
export class DebugSidebar {
  private constructor(readonly page: Page) {}

  static async opened(page: Page): Promise<DebugSidebar> {
    await page.locator('#red-ui-tab-debug-link-button').click();
    await page.locator('.red-ui-debug-content-list').waitFor();
    return new DebugSidebar(page);
  }

  /** The newest message of one debug node. */
  newest(name: string): Locator {
    const origin = this.page.locator('.red-ui-debug-msg-name', { hasText: name });
    return this.page.locator('.red-ui-debug-msg').filter({ has: origin }).last();
  }

  /** Unfolds a message and those of its properties that are named. */
  async unfold(message: Locator, ...properties: string[]): Promise<void> {
    const folded = '.red-ui-debug-msg-object-handle';
    await message.locator(folded).first().click();
    for (const name of properties) {
      await this.entry(message, name).locator(folded).first().click();
    }
  }

  /** A property of an unfolded message, with its value. */
  entry(message: Locator, name: string): Locator {
    const key = this.page.locator('.red-ui-debug-msg-object-key', {
      hasText: new RegExp(`^${name}$`),
    });
    return message.locator('.red-ui-debug-msg-object-entry').filter({ has: key }).first();
  }
}
