import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { inject } from 'vitest';
import { startNodeRed } from '../../scripts/lib/node-red.mjs';
import type { NodeRed, NodeRedOptions } from '../../scripts/lib/node-red.mjs';
import { makeTempDir } from '../../scripts/lib/temp.mjs';

/**
 * Starts Node-RED with the installed package, in a user directory of its own so that several tests
 * can run at once. Its `close` removes the directory.
 */
export async function startWithPackage(options: Partial<NodeRedOptions> = {}): Promise<NodeRed> {
  const { userDir, remove } = makeUserDir();
  try {
    const nodeRed = await startNodeRed({ ...options, userDir });
    const close = async () => {
      await nodeRed.close();
      remove();
    };
    return { ...nodeRed, close };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A user directory with the installed package, to be used by one Node-RED at a time. */
export function makeUserDir(): { readonly userDir: string; readonly remove: () => void } {
  const temp = makeTempDir('node-red');
  const userDir = path.join(temp.dir, 'user');
  mkdirSync(userDir);
  symlinkSync(path.join(inject('userDir'), 'package.json'), path.join(userDir, 'package.json'));
  symlinkSync(
    path.join(inject('userDir'), 'node_modules'),
    path.join(userDir, 'node_modules'),
    'junction',
  );
  return { userDir, remove: () => temp.remove() };
}
