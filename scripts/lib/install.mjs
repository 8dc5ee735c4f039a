import { existsSync } from 'node:fs';
import { prepare } from './claim.mjs';
import { npm } from './exec.mjs';
import { inRoot, readJson } from './root.mjs';
import { step } from './step.mjs';

/**
 * Installs the project's own dependencies unless node_modules holds what package-lock.json names.
 * Throws with npm's output when the install fails, and when another process is at it.
 */
export async function ensureInstalled() {
  if (!isInstalled()) await prepare(install);
}

async function install() {
  const { code, output } = await step('Installing dependencies (npm ci), a minute or two', () =>
    npm(['ci', '--prefer-offline', '--no-audit', '--no-fund']),
  );
  if (code !== 0) throw new Error(`npm ci failed:\n${output}`);
}

/** npm writes what it installed to a lock file of its own inside node_modules. */
function isInstalled() {
  const installedFile = inRoot('node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = readJson(installedFile).packages;
  const wanted = readJson(inRoot('package-lock.json')).packages;
  // Optional packages are those of other platforms: npm leaves them out.
  return Object.entries(wanted).every(
    ([folder, entry]) =>
      folder === '' ||
      (installed[folder] ? installed[folder].version === entry.version : isLeftOut(entry)),
  );
}

/** @param {{ optional?: boolean, devOptional?: boolean, peer?: boolean }} entry */
const isLeftOut = entry => Boolean(entry.optional ?? entry.devOptional ?? entry.peer);
