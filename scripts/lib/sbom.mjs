import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { npm } from './exec.mjs';
import { inRoot, readJson, readManifest } from './root.mjs';

/**
 * @typedef {{ name: string, version: string, licenses?: { license?: { id?: string }, expression?: string }[] }} Component
 * @typedef {{ bomFormat: string, specVersion: string, metadata: { component: Component }, components: Component[] }} Bill CycloneDX
 */

/** What the build puts into our own files. */
export const BUNDLED = ['@dagrejs/dagre'];

/**
 * The bill of materials: the package and everything that npm installs with it.
 *
 * It is made where nothing else is installed, because `npm sbom --omit dev` in the folder of the project leaves out every
 * dependency that a development dependency needs as well (findings/npm-sbom-omits-what-is-shared.sh).
 * @param {string} emptyDir
 * @returns {Promise<Bill>}
 */
export async function billOfMaterials(emptyDir) {
  const { name, version, license, dependencies, optionalDependencies } = readManifest();
  const manifest = { name, version, license, dependencies, optionalDependencies };
  writeFileSync(path.join(emptyDir, 'package.json'), JSON.stringify(manifest));
  await npmIn(emptyDir, [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
  ]);
  const stdout = await npmIn(emptyDir, ['sbom', '--sbom-format', 'cyclonedx']);
  const bill = /** @type {Bill} */ (JSON.parse(stdout));
  const { metadata, components } = bill;
  // npm gives the name of the folder.
  const component = { ...metadata.component, name };
  return {
    ...bill,
    metadata: { ...metadata, component },
    components: [...components, ...BUNDLED.map(bundled)],
  };
}

/** @param {string} name */
function bundled(name) {
  const { version, license } = readJson(inRoot(`node_modules/${name}/package.json`));
  const ref = `${name}@${version}`;
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    'bom-ref': ref,
    type: 'library',
    name,
    version,
    purl,
    licenses: [{ license: { id: license } }],
  };
}

/** @param {string} cwd @param {readonly string[]} args */
async function npmIn(cwd, args) {
  const { code, stdout, output } = await npm(args, { cwd });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${output}`);
  return stdout;
}
