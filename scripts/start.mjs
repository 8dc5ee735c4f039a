// npm start: the package as users get it, in a Node-RED of its own, with every example running.
// npm start -- --check: the same until each example has shown its result, then ends.
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';
import { withTempDir } from './lib/temp.mjs';

const check = process.argv.includes('--check');
const unknown = process.argv.slice(2).filter(argument => argument !== '--check');

if (unknown.length > 0) {
  console.error(`Unknown argument ${unknown.join(' ')}. Known: --check`);
  process.exit(2);
}

try {
  await ensureInstalled();
  await ensureBuilt();
  const { checkPlayground, openPlayground } = await import('./lib/playground.mjs');
  if (check) process.exitCode = (await withTempDir('check', checkPlayground)) ? 0 : 1;
  else await openPlayground(inRoot('.start'));
} catch (error) {
  console.error(`\nnpm start failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
