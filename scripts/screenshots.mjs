// Makes the pictures of the README anew: runs the browser tests and copies what they photographed.
import { copyFileSync, mkdirSync } from 'node:fs';
import { ensureChromium } from './ensure-chromium.mjs';
import { tool } from './lib/exec.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';

/** Picture in docs/images → what the tests call it. */
const PICTURES = {
  'example-flow': 'orders-02-wire-the-retry-loop-yourself',
  'conditional-update': 'conditional-update',
  endpoint: 'endpoint',
  result: 'result',
  'transition-guard': 'transition-guard-states',
  'changes-table': 'changes-table',
  'recipe-orders-flow': 'orders-01-update-an-order-status',
  'recipe-shift-change-flow': 'work-orders-03-shift-change',
};

try {
  await ensureInstalled();
  const browser = await ensureChromium();
  if (!browser) throw new Error('Without a browser there are no pictures');
  const { code } = await tool('vitest/vitest.mjs', ['run', 'test/browser'], {
    echo: true,
    env: { CHROMIUM_PATH: browser },
  });
  if (code !== 0) throw new Error('The browser tests failed');
  mkdirSync(inRoot('docs/images'), { recursive: true });
  for (const [picture, shot] of Object.entries(PICTURES)) {
    copyFileSync(
      inRoot(`test-results/screenshots/${shot}.png`),
      inRoot(`docs/images/${picture}.png`),
    );
  }
} catch (error) {
  console.error(`npm run screenshots failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
