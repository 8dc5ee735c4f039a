import type { Page } from 'playwright-core';
import type { RedApi } from './red-api';

declare const RED: RedApi;

/**
 * Imports an example as the menu Import > Examples does.
 * @param entries what to click, from the package's name down to the example's
 * @returns the id of the tab that came with it
 */
export async function importExample(page: Page, entries: readonly string[]): Promise<string> {
  return imported(page, 'core:show-examples-import-dialog', async () => {
    const menu = page.locator('#red-ui-clipboard-dialog-import-tab-examples');
    for (const entry of entries) {
      await menu.locator('.red-ui-treeList-label').getByText(entry, { exact: true }).click();
    }
  });
}

/**
 * Imports a file as the menu Import > select a file to import does.
 * @returns the id of the tab that came with it
 */
export async function importFile(page: Page, file: string): Promise<string> {
  return imported(page, 'core:show-import-dialog', async () => {
    await page.locator('#red-ui-clipboard-dialog-import-file-upload').setInputFiles(file);
  });
}

async function imported(page: Page, dialog: string, choose: () => Promise<void>): Promise<string> {
  const before = await tabs(page);
  await page.evaluate(action => {
    RED.actions.invoke(action);
  }, dialog);
  await choose();
  await page.locator('#red-ui-clipboard-dialog-ok:enabled').click();
  await page.locator('#red-ui-clipboard-dialog').waitFor({ state: 'hidden' });
  await page.waitForFunction(known => {
    let count = 0;
    RED.nodes.eachWorkspace(() => void (count += 1));
    return count > known;
  }, before.length);
  const added = (await tabs(page)).find(id => !before.includes(id));
  if (added === undefined) throw new Error('No tab came with it');
  return added;
}

function tabs(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const ids: string[] = [];
    RED.nodes.eachWorkspace(({ id }) => void ids.push(id));
    return ids;
  });
}
