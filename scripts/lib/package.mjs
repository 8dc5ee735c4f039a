import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npm } from './exec.mjs';
import { ROOT } from './root.mjs';

/** @typedef {{ filename: string, files: { path: string, size: number }[] }} PackReport */

/**
 * Packs what `npm publish` would send, from the build that is there.
 * @param {string} outDir where the tarball goes
 * @param {string} [packageDir] default: the project
 * @returns {Promise<string>} path of the tarball
 */
export async function packPackage(outDir, packageDir) {
  mkdirSync(outDir, { recursive: true });
  const report = await pack(['--pack-destination', outDir], packageDir);
  return path.join(outDir, report.filename);
}

/** What a tarball would hold. @returns {Promise<PackReport>} */
export const listPackage = () => pack(['--dry-run']);

/** @param {string[]} args @param {string} [cwd] @returns {Promise<PackReport>} */
async function pack(args, cwd = ROOT) {
  // Scripts stay off: `prepack` would build again and print into the JSON.
  const { code, stdout, output } = await npm(['pack', '--json', '--ignore-scripts', ...args], {
    cwd,
  });
  if (code !== 0) throw new Error(`npm pack failed:\n${output}`);
  const reports = Object.values(JSON.parse(stdout));
  const [report] = reports;
  if (!report) throw new Error(`npm pack reported no package:\n${output}`);
  return /** @type {PackReport} */ (report);
}

/**
 * Installs the tarball into a Node-RED user directory as the palette manager would, with the
 * tarball's own dependencies. Does nothing when exactly this tarball is installed there.
 * @param {string} userDir
 * @param {string} tarball
 */
export async function installUserDir(userDir, tarball) {
  const stamp = path.join(userDir, '.tarball.sha256');
  const sum = createHash('sha256').update(readFileSync(tarball)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sum) return;
  rmSync(path.join(userDir, 'node_modules'), { recursive: true, force: true });
  makeNpmFolder(userDir);
  await installInto(userDir, [tarball]);
  writeFileSync(stamp, sum);
}

/**
 * A folder with nothing but an empty package.json, which npm takes for the root of its project.
 * @param {string} dir
 */
export function makeNpmFolder(dir) {
  mkdirSync(dir, { recursive: true });
  const manifest = { name: 'record-updates-host', version: '1.0.0', private: true };
  writeFileSync(path.join(dir, 'package.json'), JSON.stringify(manifest, null, 2));
}

/**
 * @param {string} dir
 * @param {readonly string[]} packages names with versions, or paths of tarballs
 */
export async function installInto(dir, packages) {
  const { code, output } = await npm(
    [
      'install',
      '--prefix',
      dir,
      '--omit=dev',
      '--no-package-lock',
      '--prefer-offline',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      ...packages,
    ],
    { cwd: dir },
  );
  if (code !== 0) throw new Error(`npm install ${packages.join(' ')} failed:\n${output}`);
}
