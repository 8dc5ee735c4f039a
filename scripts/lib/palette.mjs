import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './exec.mjs';
import { makeNpmFolder } from './package.mjs';

/**
 * @typedef {object} Palette
 * @property {string} nodeRedDir folder whose node_modules holds node-red
 * @property {string} execPath the Node.js that runs it
 * @property {boolean} [withOptional] default: with the optional dependencies, as everywhere where nobody says otherwise
 */

/**
 * Installs a tarball into a user directory by the command line of the palette manager, read from this very Node-RED: a
 * package that it does not take cannot be installed from the editor, whatever `npm install` says. Throws with npm's words.
 * @param {Palette} palette
 * @param {string} userDir made when it is not there
 * @param {string} tarball
 */
export async function installByPalette(palette, userDir, tarball) {
  const { nodeRedDir, execPath, withOptional = true } = palette;
  if (!existsSync(path.join(userDir, 'package.json'))) makeNpmFolder(userDir);
  const args = [npmOf(nodeRedDir), 'install', ...paletteArguments(nodeRedDir), '--', tarball];
  const env = {
    npm_config_prefer_offline: 'true',
    ...(withOptional ? {} : { npm_config_optional: 'false' }),
  };
  const { code, output } = await run(execPath, args, { cwd: userDir, env });
  if (code !== 0)
    throw new Error(`The palette's npm ${args.slice(1).join(' ')} failed:\n${output}`);
}

/** @param {string} nodeRedDir @returns {string[]} */
function paletteArguments(nodeRedDir) {
  const file = path.join(nodeRedDir, 'node_modules/@node-red/registry/lib/installer.js');
  const list = /\[[^\]]*'--engine-strict'[^\]]*\]/.exec(readFileSync(file, 'utf8'))?.[0];
  if (list === undefined) throw new Error(`${file} has no command line with --engine-strict`);
  return JSON.parse(list.replaceAll("'", '"'));
}

/** That of Node-RED; the first of its 4.1 line take the one that is installed. @param {string} nodeRedDir */
function npmOf(nodeRedDir) {
  const own = path.join(nodeRedDir, 'node_modules/npm/bin/npm-cli.js');
  const cli = existsSync(own) ? own : process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) return cli;
  throw new Error('Run this by npm: the palette of this Node-RED takes the npm that is installed.');
}
