import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from './paths';

/** What a checkout needs for Node-RED to load the package from it, and how it gets there. */
const PARTS = { 'dist/nodes/conditional-update.js': 'npm run build', node_modules: 'npm ci' };

/** The absolute path of another build of this package. Throws an error that names the option and says what is missing there. */
export function otherBuild(option: string, folder: string): string {
  const build = resolve(folder);
  if (!existsSync(join(build, 'package.json')) || packageName(build) !== packageName(ROOT)) {
    throw new Error(`${option}: ${folder} is no checkout of ${packageName(ROOT)}.`);
  }
  for (const [part, command] of Object.entries(PARTS)) {
    if (existsSync(join(build, part))) continue;
    throw new Error(`${option}: ${folder} has no ${part}. Run ${command} there first.`);
  }
  return build;
}

/** The name in the package.json of a checkout. */
export function packageName(build: string): string {
  const manifest = readFileSync(join(build, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly name: string }).name;
}
