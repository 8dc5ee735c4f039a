// npm run bench [-- ARGUMENTS]: compiles bench/*.ts and runs bench/main.ts with the arguments.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { ensureBuilt } from './lib/build.mjs';
import { compile } from './lib/compile.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';

const OUT_DIR = inRoot('.cache/bench');

try {
  await ensureInstalled();
  await ensureBuilt();
  await compileBench();
  // --expose-gc: memory is compared after a full collection.
  const args = ['--expose-gc', `${OUT_DIR}/main.mjs`, ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} catch (error) {
  console.error(`npm run bench failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}

/** Each file of bench/ becomes a program of its own: some are started as separate processes. */
async function compileBench() {
  const files = readdirSync(inRoot('bench')).filter(file => file.endsWith('.ts'));
  if (!files.includes('main.ts')) throw new Error('bench/main.ts is missing');
  await compile(
    files.map(file => `bench/${file}`),
    OUT_DIR,
  );
}
