import { inject } from 'vitest';
import { startNodeRed } from '../../scripts/lib/node-red.mjs';
import type { NodeRed, NodeRedOptions } from '../../scripts/lib/node-red.mjs';
import { linkedUserDir, type UserDir } from './user-dir';

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
export function makeUserDir(): UserDir {
  return linkedUserDir(inject('userDir'));
}
