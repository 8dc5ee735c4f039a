// npm run test:languages: every dialog and the sidebar in every language, light and dark, at the widths at which they must
// do. The dark theme is one of Node-RED 5, which wants a newer Node.js than the package does. Needs a network, and takes
// minutes; npm test has English, German and a language with long texts.
import path from 'node:path';
import { nodeBinary } from './lib/combination.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { installInto, makeNpmFolder } from './lib/package.mjs';
import { runProject } from './lib/run-tests.mjs';
import { Tally } from './lib/tally.mjs';
import { withTempDir } from './lib/temp.mjs';

const NODE_RED = '5.0';
const NODE = 24;

const tally = new Tally({ strict: true });
process.once('exit', code => {
  const closing = tally.close(code);
  process.exitCode = closing.exitCode;
  for (const line of closing.lines) console.log(line);
});

try {
  await ensureInstalled();
  tally.watch();
  await withTempDir('languages', async dir => {
    const nodeRedDir = path.join(dir, 'node-red');
    makeNpmFolder(nodeRedDir);
    await installInto(nodeRedDir, [`node-red@${NODE_RED}`]);
    const env = {
      RECORD_UPDATES_LANGUAGES: 'all',
      RECORD_UPDATES_PICTURES: 'all',
      RECORD_UPDATES_NODE_RED: nodeRedDir,
      RECORD_UPDATES_NODE: await nodeBinary(NODE, path.join(dir, 'node')),
    };
    await runProject('languages', env, tally);
  });
} catch (error) {
  tally.fail('npm run test:languages', /** @type {Error} */ (error).stack ?? String(error));
}
