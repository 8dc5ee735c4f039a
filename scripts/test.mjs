// npm test: everything that must hold before a change lands. The last line counts it.
import { ensureInstalled } from './lib/install.mjs';

const STRICT = process.env.CI === 'true';

const total = { passed: 0, failed: 0, skipped: 0 };

/** @param {import('./lib/checks.mjs').Tally} tally */
function add({ passed, failed, skipped }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

try {
  await ensureInstalled();
  const { runChecks, runTests } = await import('./lib/checks.mjs');
  add(await runChecks());
  add(await runTests());
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  total.failed += 1;
}

if (STRICT && total.skipped > 0) {
  console.error(`${total.skipped} skipped: with CI=true nothing may be skipped.`);
  total.failed += total.skipped;
  total.skipped = 0;
}
process.exitCode = total.failed === 0 ? 0 : 1;
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
