import { chromium } from 'playwright-core';
import { PATIENCE_MS } from './patience.mjs';

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('playwright-core').Page} Page */

/** Nothing but the page itself may use the network, and the machine may be without graphics. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const BROWSER_OPTIONS = { args: FLAGS, headless: true };

/**
 * Starts Chromium with a profile of its own.
 * @param {string} executablePath
 * @returns {Promise<Browser>}
 */
export const launchBrowser = executablePath =>
  chromium.launch({ ...BROWSER_OPTIONS, executablePath });

/**
 * @typedef {object} EditorOptions
 * @property {string} [language] of the editor; default: `en-US`
 * @property {'light' | 'dark'} [theme] Node-RED 5 only; default: `light`
 * @property {{ width: number, height: number }} [viewport] default: VIEWPORT
 */

export const VIEWPORT = { width: 1400, height: 900 };

/**
 * Opens a page in a fresh profile.
 * @param {Browser} browser
 * @returns {Promise<{ page: Page, faults: string[] }>} faults: what the page reports as an error,
 *   as long as it is open
 */
export async function openPage(browser) {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  return { page, faults: collectFaults(page) };
}

/**
 * Shows the editor as at its first visit, whatever has been shown and kept before in the page and for
 * its user, and waits until palette and flows are there.
 * @param {Page} page
 * @param {string} url
 * @param {EditorOptions} [options]
 */
export async function showEditor(page, url, options = {}) {
  const { language = 'en-US', theme = 'light', viewport = VIEWPORT } = options;
  // What is not deployed would be asked about.
  await page.evaluate('window.onbeforeunload = null');
  await page.setViewportSize(viewport);
  // A small page of the same origin, for what the editor keeps must be there when it starts.
  await page.goto(`${url}/settings`);
  await page.evaluate(
    settings => {
      localStorage.clear();
      for (const [key, value] of Object.entries(settings)) localStorage.setItem(key, value);
    },
    { 'editor-language': language, 'view-dark-theme': theme },
  );
  // Now that the editor shown before cannot save anything any more.
  await forgetUser(url);
  await page.goto(url);
  await editorLoaded(page);
}

/**
 * Node-RED keeps for its user what the page does not: Node-RED 5 the width of the sidebar, which may cover a whole
 * narrow window. Where users have to sign in, they keep it all.
 * @param {string} url
 */
async function forgetUser(url) {
  const answer = await fetch(`${url}/settings/user`);
  if (!answer.ok) return;
  const kept = /** @type {object} */ (await answer.json());
  // What is saved is added to what is kept; null takes it away.
  await saveForUser(url, Object.fromEntries(Object.keys(kept).map(name => [name, null])));
  // Node-RED 5.0 itself: its editor shows a tip a second after it starts, and throws where the sidebar has no place
  // for it yet.
  await saveForUser(url, { editor: { view: { 'view-show-tips': false } } });
}

/** @param {string} url @param {object} settings */
async function saveForUser(url, settings) {
  await fetch(`${url}/settings/user`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
}

/** @param {Page} page */
export const editorLoaded = page => page.waitForFunction(isLoaded);

/** @param {Page} page @returns {string[]} */
function collectFaults(page) {
  /** @type {string[]} */
  const faults = [];
  page.on('pageerror', error => {
    // Node-RED 4.1.0 itself: its debug sidebar throws where a message comes before the flows are loaded.
    if (error.stack?.includes('handleDebugMessage')) return;
    // The stack begins with name and message. Where it comes from tells whose fault it is.
    faults.push(error.stack ?? `${error.name}: ${error.message}`);
  });
  page.on('console', message => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  return faults;
}

/** Runs in the page. The bar goes away when the flows are loaded, which comes last. */
function isLoaded() {
  const bar = document.querySelector('#red-ui-loading-progress');
  const palette = document.querySelector('.red-ui-palette-node');
  return palette !== null && bar !== null && getComputedStyle(bar).display === 'none';
}
