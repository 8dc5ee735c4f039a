import type { Browser } from 'playwright-core';
import { inject } from 'vitest';
import { launchBrowser } from '../../../scripts/lib/browser.mjs';

const shared = inject('editor');

let launched: Promise<Browser> | undefined;

/**
 * The one browser. It belongs to the process of the tests, which is one for all files, and ends with it: in another
 * process, each step would be put into words and read once more.
 */
export function oneBrowser(): Promise<Browser> {
  if (shared === null) throw new Error('There is no Chromium, see the message above');
  launched ??= launchBrowser(shared.chromium);
  return launched;
}
