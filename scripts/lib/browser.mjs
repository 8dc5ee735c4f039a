import { chromium } from 'playwright-core';

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

/** Longest wait for anything in the editor; only a broken editor or a stalled machine needs it. */
const LIMIT_MS = 20_000;

/**
 * Starts Chromium with a profile of its own.
 * @param {string} executablePath
 * @returns {Promise<Browser>}
 */
export const launchBrowser = executablePath =>
  chromium.launch({ executablePath, args: FLAGS, headless: true });

/**
 * @typedef {object} EditorOptions
 * @property {string} [language] of the editor; default: `en-US`
 * @property {'light' | 'dark'} [theme] Node-RED 5 only; default: `light`
 * @property {{ width: number, height: number }} [viewport] default: 1400 × 900
 */

/**
 * Opens the editor in a fresh profile and waits until palette and flows are there.
 * @param {Browser} browser
 * @param {string} url
 * @param {EditorOptions} [options]
 * @returns {Promise<{ page: Page, faults: string[] }>} faults: what the page reports as an error,
 *   as long as it is open
 */
export async function openEditor(browser, url, options = {}) {
  const { language = 'en-US', theme = 'light', viewport = { width: 1400, height: 900 } } = options;
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
  context.setDefaultTimeout(LIMIT_MS);
  await context.addInitScript(
    settings => {
      for (const [key, value] of Object.entries(settings)) localStorage.setItem(key, value);
    },
    { 'editor-language': language, 'view-dark-theme': theme },
  );
  const page = await context.newPage();
  const faults = collectFaults(page);
  await page.goto(url);
  await editorLoaded(page);
  return { page, faults };
}

/** @param {Page} page */
export const editorLoaded = page => page.waitForFunction(isLoaded);

/** @param {Page} page @returns {string[]} */
function collectFaults(page) {
  /** @type {string[]} */
  const faults = [];
  page.on('pageerror', error => void faults.push(`${error.name}: ${error.message}`));
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
