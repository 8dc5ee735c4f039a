import type { Page } from 'playwright-core';
import type { RedApi } from './red-api';

declare const RED: RedApi;

/**
 * Imports an example as the menu Import > Examples does.
 * @param entries what to click, from the package's name down to the example's
 * @returns the id of the tab that came with it
 */
export async function importExample(page: Page, entries: readonly string[]): Promise<string> {
  const before = await tabs(page);
  await page.evaluate(() => {
    RED.actions.invoke('core:show-examples-import-dialog');
  });
  const menu = page.locator('#red-ui-clipboard-dialog-import-tab-examples');
  for (const entry of entries) {
    await menu.locator('.red-ui-treeList-label').getByText(entry, { exact: true }).click();
  }
  await page.locator('#red-ui-clipboard-dialog-ok:enabled').click();
  await page.locator('#red-ui-clipboard-dialog').waitFor({ state: 'hidden' });
  await page.waitForFunction(known => {
    let count = 0;
    RED.nodes.eachWorkspace(() => void (count += 1));
    return count > known;
  }, before.length);
  const added = (await tabs(page)).find(id => !before.includes(id));
  if (added === undefined) throw new Error(`No tab came with ${entries.join(' > ')}`);
  return added;
}

function tabs(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const ids: string[] = [];
    RED.nodes.eachWorkspace(({ id }) => void ids.push(id));
    return ids;
  });
}
