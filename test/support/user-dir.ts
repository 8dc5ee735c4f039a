import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { makeTempDir } from '../../scripts/lib/temp.mjs';

export interface UserDir {
  readonly userDir: string;
  readonly remove: () => void;
}

/** A user directory with what is installed in another one, for one Node-RED at a time. */
export function linkedUserDir(installed: string): UserDir {
  const temp = makeTempDir('node-red');
  const userDir = path.join(temp.dir, 'user');
  mkdirSync(userDir);
  symlinkSync(path.join(installed, 'package.json'), path.join(userDir, 'package.json'));
  symlinkSync(path.join(installed, 'node_modules'), path.join(userDir, 'node_modules'), 'junction');
  return { userDir, remove: () => temp.remove() };
}
