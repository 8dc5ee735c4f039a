// npm run test:matrix: the packed package on every supported line of Node-RED, installed as its palette does, with its
// examples and dialogs, and after an upgrade. npm run test:matrix -- 5.0: only the combinations whose Node-RED and
// Node.js begin so; `-- 5.0 24` names both.
import path from 'node:path';
import { ensureChromium } from './ensure-chromium.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { withTempDir } from './lib/temp.mjs';

try {
  await ensureInstalled();
  await ensureBuilt();
  const { chosenCombinations, checkCombination } = await import('./lib/combination.mjs');
  const { releasedBuild } = await import('./lib/earlier-build.mjs');
  const { packPackage } = await import('./lib/package.mjs');
  const combinations = chosenCombinations(...process.argv.slice(2));
  const chromium = await ensureChromium();
  await withTempDir('matrix', async dir => {
    const tarballs = {
      current: await packPackage(path.join(dir, 'current')),
      released: await packPackage(path.join(dir, 'released'), await releasedBuild()),
    };
    const summary = [];
    for (const combination of combinations) {
      summary.push(await checkCombination(combination, tarballs, chromium));
    }
    console.log('');
    for (const { line } of summary) console.log(line);
    process.exitCode = summary.every(({ ok }) => ok) ? 0 : 1;
  });
} catch (error) {
  console.error(`npm run test:matrix failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
