import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { prepare } from './claim.mjs';
import { run } from './exec.mjs';
import { inRoot } from './root.mjs';
import { step } from './step.mjs';

/**
 * The state of 0.1.0-rc.1 that later ones are compared with and upgraded from: its nine nodes. It is not in the registry,
 * so it is built from the history of the repository.
 */
const RELEASED = '765b4ec';

/** Where its flows are kept: `test/stored-flows`. */
export const RELEASED_FLOWS = '0.1.0-rc.1-next';

/**
 * Builds the released version once for this folder, with today's compiler and dependencies. Throws where the history does
 * not reach back to it.
 * @returns {Promise<string>} the folder of its package
 */
export async function releasedBuild() {
  const dir = inRoot('.cache', `released-${RELEASED}`);
  const stamp = path.join(dir, '.built');
  if (existsSync(stamp)) return dir;
  await prepare(() =>
    step('Building 0.1.0-rc.1 from the history, half a minute', async () => {
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir, { recursive: true });
      const archive = path.join(dir, 'source.tar');
      await must('git', ['archive', '--format=tar', '--output', archive, RELEASED]);
      await must('tar', ['-xf', archive, '-C', dir]);
      rmSync(archive);
      await must(process.execPath, [path.join(dir, 'scripts/build.mjs')], dir);
      writeFileSync(stamp, '');
    }),
  );
  return dir;
}

/** @param {string} command @param {readonly string[]} args @param {string} [cwd] */
async function must(command, args, cwd = inRoot()) {
  const { code, output } = await run(command, args, { cwd });
  if (code === 0) return;
  throw new Error(
    `${command} ${args[0]} failed. The history has to reach back to ${RELEASED} (git fetch --unshallow).\n${output}`,
  );
}
