import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onExit } from './shutdown.mjs';

/**
 * A new folder outside the project, so that nothing in it can borrow the project's node_modules.
 * @param {string} purpose
 * @returns {{ dir: string, remove(): void }}
 */
export function makeTempDir(purpose) {
  const dir = mkdtempSync(path.join(os.tmpdir(), `record-updates-${purpose}-`));
  const removeDir = () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  const forget = onExit(removeDir);
  return {
    dir,
    remove() {
      forget();
      removeDir();
    },
  };
}

/**
 * @template T
 * @param {string} purpose
 * @param {(dir: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withTempDir(purpose, use) {
  const temp = makeTempDir(purpose);
  try {
    return await use(temp.dir);
  } finally {
    temp.remove();
  }
}
