// Makes the pictures of README and docs anew: runs the browser tests and compresses what they
// photographed.
import { readdirSync, rmSync } from 'node:fs';
import { ensureChromium } from './ensure-chromium.mjs';
import { tool } from './lib/exec.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';

/** Picture in docs/images → what the tests call it. */
const PICTURES = {
  'first-flow': 'orders-01-update-an-order-status',
  'retry-loop': 'orders-02-wire-the-retry-loop-yourself',
  'shift-change-flow': 'work-orders-03-shift-change',
  'sync-flow': 'territories-03-sync-500-assignments',
  'first-dialog': 'first-dialog',
  'changes-table': 'changes-table',
  'transition-guard': 'transition-guard-states',
  endpoint: 'endpoint',
  'bulk-update': 'bulk-update-list',
  'conflicts-entry': 'conflicts-entry',
  'conflict-rates': 'conflicts-numbers',
};

try {
  await ensureInstalled();
  const { compressPictures } = await import('./lib/webp.mjs');
  const browser = await ensureChromium();
  if (!browser) throw new Error('Without a browser there are no pictures');
  const { code } = await tool('vitest/vitest.mjs', ['run', 'test/browser'], {
    echo: true,
    env: { CHROMIUM_PATH: browser, RECORD_UPDATES_PICTURES: 'all' },
  });
  if (code !== 0) throw new Error('The browser tests failed');
  // Only these: what is drawn lies there, too.
  const old = readdirSync(inRoot('docs/images')).filter(file => file.endsWith('.webp'));
  for (const file of old) rmSync(inRoot('docs/images', file));
  const pictures = Object.entries(PICTURES).map(([picture, shot]) => ({
    png: inRoot(`test-results/screenshots/${shot}.png`),
    webp: inRoot(`docs/images/${picture}.webp`),
  }));
  await compressPictures(browser, pictures);
} catch (error) {
  console.error(`npm run screenshots failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
