import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { run } from './exec.mjs';

/** @param {readonly string[]} names @returns {string | undefined} the first of these in the search path */
export function findProgram(names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return names.flatMap(name => folders.map(folder => path.join(folder, name))).find(isProgram);
}

/** @param {string} file */
export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const mayInstall = () => process.getuid?.() === 0 && isProgram('/usr/bin/apt-get');

/**
 * Installs a package of Debian, where this process may.
 * @param {string} name
 * @param {string} purpose
 * @returns {Promise<boolean>} whether that was done
 */
export async function installPackage(name, purpose) {
  if (!mayInstall()) return false;
  console.log(`Installing ${name} for ${purpose} (apt-get) …`);
  // Nothing that it would start by itself is wanted.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const install = ['install', '-y', '--no-install-recommends', name];
  let result = await run('apt-get', ['update'], { env });
  if (result.code === 0) result = await run('apt-get', install, { env });
  if (result.code !== 0) console.warn(`${name} could not be installed:\n${result.output}`);
  return result.code === 0;
}
