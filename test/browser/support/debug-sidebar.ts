import type { Locator, Page } from 'playwright-core';
import type { RedApi } from './red-api';

declare const RED: RedApi;

/** Messages of debug nodes, as the debug sidebar shows them. */
export class DebugSidebar {
  private constructor(readonly page: Page) {}

  static async opened(page: Page): Promise<DebugSidebar> {
    // Its button is another one in Node-RED 5.
    await page.evaluate(() => {
      RED.actions.invoke('core:show-debug-tab');
    });
    await page.locator('.red-ui-debug-content-list').waitFor();
    return new DebugSidebar(page);
  }

  /** The newest message of one debug node. */
  newest(name: string): Locator {
    const origin = this.page.locator('.red-ui-debug-msg-name', { hasText: name });
    return this.page.locator('.red-ui-debug-msg').filter({ has: origin }).last();
  }

  /** Unfolds a message, then what a path of properties leads to. */
  async unfold(message: Locator, ...path: string[]): Promise<void> {
    let part = message;
    await part.locator('.red-ui-debug-msg-object-handle').first().click();
    for (const name of path) {
      part = this.entry(part, name);
      await part.locator('.red-ui-debug-msg-object-handle').first().click();
    }
  }

  /** A property of an unfolded message or part of one, with its value. */
  entry(part: Locator, name: string): Locator {
    const key = this.page.locator('.red-ui-debug-msg-object-key', {
      hasText: new RegExp(`^${name}$`),
    });
    return part.locator('.red-ui-debug-msg-object-entry').filter({ has: key }).first();
  }
}
