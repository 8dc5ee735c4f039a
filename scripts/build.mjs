// Builds the package into dist/ and resources/: type check, runtime, editor halves, texts and icons.
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogue, editorHtml, helpHtml } from './editor-html.mjs';
import { editorResources } from './editor-resources.mjs';
import { tool } from './lib/exec.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'dist', 'nodes');

await clean();
await compile();
const types = await nodeTypes();
await Promise.all(types.map(buildType));
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
  const { code } = await tool('typescript/bin/tsc', ['-b', '--force'], { echo: true });
  if (code !== 0) process.exit(code);
}

async function nodeTypes() {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return Object.keys(manifest['node-red'].nodes);
}

/**
 * Node-RED wants script and html side by side, and finds icons and texts next to them.
 * @param {string} type
 */
async function buildType(type) {
  await mkdir(target, { recursive: true });
  await writeFile(
    join(target, `${type}.js`),
    `'use strict';\nmodule.exports = require('./${type}/${type}.js').default;\n`,
  );
  await writeFile(join(target, `${type}.html`), await editorHtml(root, type));
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
