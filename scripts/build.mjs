// Builds the package into dist/ and resources/: type check, runtime, editor halves, texts and icons.
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogue, editorHtml, helpHtml, pluginHtml } from './editor-html.mjs';
import { editorResources } from './editor-resources.mjs';
import { tsc } from './lib/exec.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'dist', 'nodes');
const pluginTarget = join(root, 'dist', 'plugins');

await clean();
await compile();
const { nodes, plugins } = await declared();
const types = Object.keys(nodes);
await Promise.all(types.map(buildType));
await Promise.all(Object.keys(plugins).map(buildPlugin));
await buildTexts(types);
await buildResources();
await cp(join(root, 'icons'), join(target, 'icons'), { recursive: true });

/** The stamp of the last build goes first: a build that is interrupted is none. */
async function clean() {
  for (const stale of [
    '.cache/build.sha256',
    'dist',
    'resources',
    '.cache/types',
    '.cache/editor',
  ]) {
    await rm(join(root, stale), { recursive: true, force: true });
  }
}

/**
 * Compiles the runtime and checks the types of both halves; a type error ends the build. By force:
 * the compiler's records may speak of output that is gone.
 */
async function compile() {
  const { code } = await tsc(['-b', '--force'], { echo: true });
  if (code !== 0) process.exit(code);
}

async function declared() {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return manifest['node-red'];
}

/**
 * Node-RED wants script and html side by side, and finds icons and texts next to them.
 * @param {string} type
 */
async function buildType(type) {
  await writeSet(target, type, await editorHtml(root, type));
}

/** A plugin brings its texts along; it has no help. @param {string} name */
async function buildPlugin(name) {
  await writeSet(pluginTarget, name, await pluginHtml(root, name));
  for (const language of await readdir(join(root, 'locales'))) {
    const folder = join(pluginTarget, 'locales', language);
    await mkdir(folder, { recursive: true });
    await cp(join(root, 'locales', language, `${name}.json`), join(folder, `${name}.json`));
  }
}

/** @param {string} folder @param {string} name @param {string} html */
async function writeSet(folder, name, html) {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, `${name}.js`),
    `'use strict';\nmodule.exports = require('./${name}/${name}.js').default;\n`,
  );
  await writeFile(join(folder, `${name}.html`), html);
}

/** @param {readonly string[]} types */
async function buildTexts(types) {
  for (const language of await readdir(join(root, 'locales'))) {
    const folder = join(target, 'locales', language);
    await mkdir(folder, { recursive: true });
    for (const type of types) {
      const texts = JSON.stringify(await catalogue(root, language, type), null, 2);
      await writeFile(join(folder, `${type}.json`), `${texts}\n`);
      await writeFile(join(folder, `${type}.html`), await helpHtml(root, language, type));
    }
  }
}

/** Node-RED serves this folder, and only at the root of a package. */
async function buildResources() {
  const folder = join(root, 'resources');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(await editorResources(root))) {
    await writeFile(join(folder, name), text);
  }
}
