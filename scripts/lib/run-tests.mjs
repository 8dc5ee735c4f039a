import { fork } from 'node:child_process';
import { once } from 'node:events';
import { ensureChromium } from '../ensure-chromium.mjs';
import { ensureRedis } from '../ensure-redis.mjs';
import { ensureBuilt } from './build.mjs';
import { terminate } from './exec.mjs';
import { installUserDir, packPackage } from './package.mjs';
import { inRoot } from './root.mjs';
import { onExit } from './shutdown.mjs';
import { withTempDir } from './temp.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */
/** @typedef {import('./test-reporter.mjs').TestEvent} TestEvent */

/**
 * What runs at a time. The browser's tests follow one another, for they share one browser and one
 * Node-RED, and wait for it much of the time; the others fill the cores meanwhile.
 */
const LANES = [['--project=browser'], ['--project=code', '--project=alone', '--project=package']];

/** The package, packed and installed, for the lanes to share: see test/support/installed-package.ts. */
const INSTALLED = 'RECORD_UPDATES_INSTALLED';

/**
 * Runs the tests and counts them.
 * @param {readonly string[]} names only files whose path holds one of these; none: all
 * @param {Tally} tally
 */
export async function runTests(names, tally) {
  const browser = await ensureChromium();
  const redis = await ensureRedis();
  const env = {
    ...(browser ? { CHROMIUM_PATH: browser } : {}),
    ...(redis ? { REDIS_SERVER_PATH: redis } : {}),
  };
  if (names.length > 0) await runLane([...names], env, tally);
  else await runLanes(env, tally);
}

/**
 * Runs one project by itself, which is no part of `npm test`.
 * @param {string} project
 * @param {Record<string, string>} env by which vitest.config.mts has it
 * @param {Tally} tally
 */
export async function runProject(project, env, tally) {
  const browser = await ensureChromium();
  const all = { ...env, ...(browser ? { CHROMIUM_PATH: browser } : {}) };
  await runLane([`--project=${project}`], all, tally);
}

/** @param {Record<string, string>} env @param {Tally} tally */
async function runLanes(env, tally) {
  await ensureBuilt();
  await withTempDir('test', async dir => {
    const userDir = `${dir}/user`;
    await installUserDir(userDir, await packPackage(dir));
    const shared = { ...env, [INSTALLED]: userDir };
    await Promise.all(LANES.map(lane => runLane(lane, shared, tally)));
  });
}

/** @param {readonly string[]} args @param {Record<string, string>} env @param {Tally} tally */
async function runLane(args, env, tally) {
  const reporter = `--reporter=${inRoot('scripts/lib/test-reporter.mjs')}`;
  const child = fork(inRoot('node_modules/vitest/vitest.mjs'), ['run', ...args, reporter], {
    cwd: inRoot(),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const forget = onExit(() => terminate(child));
  const seen = { any: false, failure: false };
  child.on('message', message => {
    const event = /** @type {TestEvent} */ (message);
    seen.any = true;
    seen.failure ||= event.type === 'failed';
    count(event, tally);
  });
  const [code, signal] = await once(child, 'close');
  forget();
  if (code === 0 || seen.failure) return;
  // An error outside of the tests, which is on the screen, or a process that was killed.
  const end = `It ended with ${signal ?? `code ${code}`}`;
  tally.fail(
    `vitest run ${args.join(' ')}`,
    seen.any
      ? `${end}, though no test failed.`
      : `${end} before any test. A name must be part of the path of a test file.`,
  );
}

/** @param {TestEvent} event @param {Tally} tally */
function count(event, tally) {
  if (event.type === 'plan') return tally.plan(event.name);
  if (event.type === 'begin') return tally.begin(event.name);
  if (event.type === 'end') return tally.end(event.name);
  if (event.type === 'file') return tally.file(event.name, event.ms, event.tests);
  if (event.type === 'failed') return tally.fail(event.name, event.why);
  return event.type === 'skipped' ? tally.skip(event.name) : tally.pass();
}
