import { launchBrowser, openPage, showEditor } from './browser.mjs';
import { readManifest } from './root.mjs';

const TYPES = Object.keys(readManifest()['node-red'].nodes);

/**
 * Opens the editor and the dialog of one node of every type of the package.
 * @param {string} url of a Node-RED whose flows hold every type
 * @param {string} chromium its program
 * @returns {Promise<string[]>} one sentence per fault, empty when all is well
 */
export async function editorFaults(url, chromium) {
  const browser = await launchBrowser(chromium);
  try {
    const { page, faults } = await openPage(browser);
    await showEditor(page, url, { theme: 'dark' });
    for (const type of TYPES) {
      try {
        await openAndClose(page, type);
      } catch (error) {
        faults.push(`the dialog of ${type}: ${/** @type {Error} */ (error).message}`);
      }
    }
    return faults.map(fault => `editor: ${fault}`);
  } finally {
    await browser.close();
  }
}

/** @param {import('./browser.mjs').Page} page @param {string} type */
async function openAndClose(page, type) {
  const kind = await page.evaluate(openDialog, type);
  const [field, cancel] =
    kind === 'config'
      ? ['#node-config-input-name', '#node-config-dialog-cancel']
      : ['#node-input-name', '#node-dialog-cancel'];
  await page.locator(`.record-updates ${field}`).waitFor();
  await page.locator(cancel).click();
  await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
}

/** Runs in the page. @param {string} type @returns {'config' | 'node'} */
function openDialog(type) {
  const { RED } = /** @type {any} */ (globalThis);
  const isConfig = RED.nodes.getType(type)?.category === 'config';
  if (!isConfig) {
    RED.editor.edit(RED.nodes.filterNodes({ type })[0]);
    return 'node';
  }
  /** @type {string[]} */
  const ids = [];
  RED.nodes.eachConfig((/** @type {any} */ node) => void (node.type === type && ids.push(node.id)));
  RED.editor.editConfig('', type, ids[0]);
  return 'config';
}
