// npm run test:matrix: the packed package on every supported line of Node-RED, with its examples
// and dialogs.
import { ensureChromium } from './ensure-chromium.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { withTempDir } from './lib/temp.mjs';

try {
  await ensureInstalled();
  await ensureBuilt();
  const { COMBINATIONS, checkCombination } = await import('./lib/combination.mjs');
  const { packPackage } = await import('./lib/package.mjs');
  const chromium = await ensureChromium();
  await withTempDir('matrix', async dir => {
    const tarball = await packPackage(dir);
    const summary = [];
    for (const combination of COMBINATIONS) {
      summary.push(await checkCombination(combination, tarball, chromium));
    }
    console.log('');
    for (const { line } of summary) console.log(line);
    process.exitCode = summary.every(({ ok }) => ok) ? 0 : 1;
  });
} catch (error) {
  console.error(`npm run test:matrix failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
