// npm run test:azurite: the recipes of Azure Table and Blob Storage at Microsoft's emulator. It takes 186 MB, and wants a
// newer Node.js than the package does. Needs a network, so it is no part of npm test.
import path from 'node:path';
import { nodeBinary } from './lib/combination.mjs';
import { tool } from './lib/exec.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { installInto, makeNpmFolder } from './lib/package.mjs';
import { withTempDir } from './lib/temp.mjs';

const NODE = 24;

try {
  await ensureInstalled();
  await withTempDir('azurite', async dir => {
    makeNpmFolder(dir);
    await installInto(dir, ['azurite@3']);
    const env = { AZURITE_HOME: dir, AZURITE_NODE: await nodeBinary(NODE, path.join(dir, 'node')) };
    const args = ['run', '--project', 'code', 'test/emulators'];
    const { code } = await tool('vitest/vitest.mjs', args, { env, echo: true });
    process.exitCode = code;
  });
} catch (error) {
  console.error(`npm run test:azurite failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
