// npm run test:cap: the updates of a real CAP service once more, with the next major of CAP. It writes decimals as text,
// and wants a newer Node.js than the package does. Needs a network, so it is no part of npm test.
import { cpSync } from 'node:fs';
import path from 'node:path';
import { nodeBinary } from './lib/combination.mjs';
import { tool } from './lib/exec.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { installInto, makeNpmFolder } from './lib/package.mjs';
import { inRoot } from './lib/root.mjs';
import { withTempDir } from './lib/temp.mjs';

const NODE = 24;
const PACKAGES = [
  '@sap/cds@10',
  '@cap-js/sqlite@3',
  '@cap-js-community/odata-v2-adapter',
  'express@4',
  'sql.js@1',
];

try {
  await ensureInstalled();
  await withTempDir('cap', async dir => {
    makeNpmFolder(dir);
    await installInto(dir, PACKAGES);
    cpSync(inRoot('test/peers/cap'), path.join(dir, 'cap'), { recursive: true });
    const env = { CAP_HOME: dir, CAP_NODE: await nodeBinary(NODE, path.join(dir, 'node')) };
    const tests = ['cap-update', 'cap-batch', 'cap-bulk'].map(name => `test/peers/${name}`);
    const args = ['run', '--project', 'code', ...tests];
    const { code } = await tool('vitest/vitest.mjs', args, { env, echo: true });
    process.exitCode = code;
  });
} catch (error) {
  console.error(`npm run test:cap failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
