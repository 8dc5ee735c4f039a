import { ensureBuilt } from './build.mjs';
import { chooseNodeRed } from './chosen-node-red.mjs';
import { claim } from './claim.mjs';
import { loadExamples } from './examples.mjs';
import { ensureInstalled } from './install.mjs';
import { installPlayground } from './playground.mjs';
import { inRoot } from './root.mjs';
import { withTempDir } from './temp.mjs';

/**
 * Sets the exit code when it fails, or when the check finds an example that is not right.
 * @param {readonly string[]} args of the command line
 */
export async function start(args) {
  const unknown = args.filter(argument => argument !== '--check');
  if (unknown.length > 0) {
    console.error(`Unknown argument ${unknown.join(' ')}. Known: --check`);
    process.exitCode = 2;
    return;
  }
  try {
    if (args.includes('--check')) await check();
    else await show();
  } catch (error) {
    console.error(`\nnpm start failed: ${/** @type {Error} */ (error).message}`);
    process.exitCode = 1;
  }
}

async function check() {
  await prepare();
  const { checkExamples } = await import('./check-examples.mjs');
  const ok = await withTempDir('check', async dir => checkExamples(await installPlayground(dir)));
  process.exitCode = ok ? 0 : 1;
}

/** Runs until it is interrupted. One per clone: there is one folder for its Node-RED. */
async function show() {
  let place = 'It is not ready yet.';
  await claim(
    'start',
    () => `npm start runs in this folder already (process ${process.pid}). ${place}`,
  );
  await prepare();
  const { showExamples } = await import('./show-examples.mjs');
  const userDir = await installPlayground(inRoot('.start'));
  await showExamples(
    userDir,
    loadExamples(),
    url => (place = `Open ${url}/, or end it with Ctrl+C.`),
  );
}

async function prepare() {
  await ensureInstalled();
  await chooseNodeRed();
  await ensureBuilt();
}
