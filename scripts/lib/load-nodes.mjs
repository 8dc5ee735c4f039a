// Loads all nodes and plugins of a package as Node-RED does when it starts, in a process of its own, and prints as JSON
// what that took. Started by start-up.mjs only.
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [, , packageDir = ''] = process.argv;
const manifestFile = path.join(packageDir, 'package.json');
const require = createRequire(manifestFile);
const { nodes, plugins = {} } = JSON.parse(readFileSync(manifestFile, 'utf8'))['node-red'];
const files = [...Object.values(plugins), ...Object.values(nodes)].map(file =>
  path.join(packageDir, /** @type {string} */ (file)),
);

const since = performance.now();
for (const file of files) require(file);
const ms = performance.now() - since;

const loaded = Object.keys(require.cache);
const bytes = loaded.reduce((sum, file) => sum + statSync(file).size, 0);
console.log(JSON.stringify({ ms, modules: loaded.length, bytes, loaded }));
