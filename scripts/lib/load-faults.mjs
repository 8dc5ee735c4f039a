import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { LANGUAGES } from './languages.mjs';
import { readManifest } from './root.mjs';

/** @typedef {import('./node-red.mjs').NodeRed} NodeRed */

const ICON_FILE = /\.(svg|png|gif)$/;

/**
 * What a running Node-RED did not take of the installed package: node sets, plugins, text catalogues,
 * icons, examples of the Import menu.
 * @param {NodeRed} nodeRed
 * @param {string} packageDir where the package is installed
 * @returns {Promise<string[]>} one sentence per fault, empty when all is well
 */
export async function loadFaults(nodeRed, packageDir) {
  const faults = await Promise.all([
    nodeSetFaults(nodeRed),
    pluginFaults(nodeRed),
    ...LANGUAGES.flatMap(language => [
      catalogueFaults(nodeRed, language),
      pluginCatalogueFaults(nodeRed, language),
    ]),
    iconFaults(nodeRed, packageDir),
    exampleMenuFaults(nodeRed, packageDir),
  ]);
  return faults.flat();
}

const { name: MODULE, 'node-red': declared } = readManifest();
const SETS = Object.keys(declared.nodes);
const PLUGINS = Object.keys(declared.plugins);

/** @param {NodeRed} nodeRed @param {string} route */
async function getJson(nodeRed, route) {
  const response = await nodeRed.request(route, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`GET ${route} answered ${response.status}`);
  return /** @type {Promise<any>} */ (response.json());
}

/** @param {NodeRed} nodeRed */
async function nodeSetFaults(nodeRed) {
  /** @type {{ module: string, name: string, err?: unknown, types: string[] }[]} */
  const all = await getJson(nodeRed, '/nodes');
  return SETS.flatMap(name => {
    const set = all.find(entry => entry.module === MODULE && entry.name === name);
    if (!set) return [`Node set ${name} is not known to Node-RED`];
    if (set.err) return [`Node set ${name} did not load: ${JSON.stringify(set.err)}`];
    return set.types.includes(name) ? [] : [`Node set ${name} does not hold a node ${name}`];
  });
}

/** @param {NodeRed} nodeRed */
async function pluginFaults(nodeRed) {
  /** @type {{ id: string, enabled: boolean, err?: unknown }[]} */
  const all = await getJson(nodeRed, '/plugins');
  return PLUGINS.flatMap(name => {
    const plugin = all.find(({ id }) => id === `${MODULE}/${name}`);
    if (!plugin) return [`Plugin ${name} is not known to Node-RED`];
    if (plugin.err) return [`Plugin ${name} did not load: ${JSON.stringify(plugin.err)}`];
    return plugin.enabled ? [] : [`Plugin ${name} is switched off`];
  });
}

/** @param {NodeRed} nodeRed @param {string} language */
async function pluginCatalogueFaults(nodeRed, language) {
  const catalogues = await getJson(nodeRed, `/plugins/messages?lng=${language}`);
  return PLUGINS.flatMap(name => {
    const texts = catalogues[`${MODULE}/${name}`];
    return texts?.[name] ? [] : [`Plugin ${name} has no ${language} texts under "${name}"`];
  });
}

/** @param {NodeRed} nodeRed @param {string} language */
async function catalogueFaults(nodeRed, language) {
  const catalogues = await getJson(nodeRed, `/nodes/messages?lng=${language}`);
  return SETS.flatMap(name => {
    const texts = catalogues[`${MODULE}/${name}`];
    return texts?.[name] ? [] : [`Node set ${name} has no ${language} texts under "${name}"`];
  });
}

/** @param {NodeRed} nodeRed @param {string} packageDir */
async function iconFaults(nodeRed, packageDir) {
  const folder = path.join(packageDir, 'dist/nodes/icons');
  const icons = readdirSync(folder).filter(file => ICON_FILE.test(file));
  if (icons.length === 0) return ['The package has no icons'];
  const listed = (await getJson(nodeRed, '/icons'))[MODULE] ?? [];
  const faults = icons.filter(icon => !listed.includes(icon)).map(icon => `Icon ${icon} unlisted`);
  for (const icon of icons) {
    const response = await nodeRed.request(`/icons/${MODULE}/${icon}`);
    const served = Buffer.from(await response.arrayBuffer());
    // For an icon it does not find, Node-RED answers 200 with another one.
    const ours = readFileSync(path.join(folder, icon));
    if (!served.equals(ours)) faults.push(`Icon ${icon} not served`);
  }
  return faults;
}

/** @param {NodeRed} nodeRed @param {string} packageDir */
async function exampleMenuFaults(nodeRed, packageDir) {
  const menu = await getJson(nodeRed, '/library/examples/flows/');
  if (!JSON.stringify(menu).includes(MODULE))
    return ['Import > Examples does not list the package'];
  const files = readdirSync(path.join(packageDir, 'examples'), { recursive: true });
  const faults = [];
  for (const file of files.map(String).filter(entry => entry.endsWith('.json'))) {
    const entry = file.replaceAll(path.sep, '/').slice(0, -'.json'.length);
    const route = `/library/examples/flows/${MODULE}/${encodeURI(entry)}`;
    const response = await nodeRed.request(route);
    if (!response.ok) faults.push(`Example ${entry} cannot be imported: ${response.status}`);
  }
  return faults;
}
