// Puts together what the editor loads for one node type: script, style, form and help.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { BUNDLE, fromSharedScript, sharedScriptTag } from './editor-resources.mjs';
import { fieldTables, propertyLiterals, withRows } from './editor-fields.mjs';

const INCLUDE = /<!-- include (\S+) as (\S+) -->/g;

/**
 * The html file of a node set: the bundled script, the style of its own, if it has one, and the form.
 * @param {string} root
 * @param {string} type
 */
export async function editorHtml(root, type) {
  const [shared, script, style, form] = await Promise.all([
    sharedScriptTag(root),
    editorScript(root, type),
    editorStyle(root, type),
    formTemplate(root, type),
  ]);
  return [
    shared,
    `<script type="text/javascript">\n${script}</script>`,
    ...(style === undefined ? [] : [`<style>${style}</style>`]),
    `<script type="text/html" data-template-name="${type}"><div class="record-updates">${tight(form)}</div></script>\n`,
  ].join('\n');
}

/**
 * The html file of a plugin: a script of its own, for plugins are loaded before the nodes and what they share.
 * @param {string} root
 * @param {string} name
 */
export async function pluginHtml(root, name) {
  const entry = `plugins/${name}/${name}.editor.ts`;
  const { outputFiles } = await build({
    ...BUNDLE,
    absWorkingDir: root,
    entryPoints: [entry],
    format: 'iife',
  });
  const script = outputFiles.map(file => file.text).join('');
  return `<script type="text/javascript">\n${script}</script>\n`;
}

/**
 * The form with its shared fragments filled in.
 * @param {string} root
 * @param {string} type
 */
export async function formTemplate(root, type) {
  const form = await readFile(join(root, 'nodes', type, `${type}.html`), 'utf8');
  const whole = await withFragments(root, form);
  const { fields } = await fieldTables(root, type);
  return withRows(whole, fields);
}

/**
 * A fragment may include others.
 * @param {string} root
 * @param {string} form
 * @returns {Promise<string>}
 */
async function withFragments(root, form) {
  const names = new Set([...form.matchAll(INCLUDE)].map(match => match[1]));
  if (names.size === 0) return form;
  const fragments = new Map();
  for (const name of names) {
    const file = join(root, 'nodes/shared/editor/fragments', `${name}.html`);
    fragments.set(name, await readFile(file, 'utf8'));
  }
  const whole = form.replace(INCLUDE, (_, name, prefix) =>
    fragments.get(name).replaceAll('@prefix@', prefix).trimEnd(),
  );
  return withFragments(root, whole);
}

/**
 * @param {string} root
 * @param {string} type
 */
async function editorStyle(root, type) {
  const file = join(root, 'nodes', type, `${type}.css`);
  if (!existsSync(file)) return undefined;
  const { code } = await transform(await readFile(file, 'utf8'), { loader: 'css', minify: true });
  return code.trim();
}

/** Around these a blank shows nothing. */
const BESIDE_BLOCKS = / ?(<\/?(?:div|option|optgroup)\b[^>]*>) ?/g;

/**
 * A form without the layout of its source: where a blank stands, it stays one.
 * @param {string} form
 */
function tight(form) {
  return form.replace(/\s+/g, ' ').replaceAll(' >', '>').replace(BESIDE_BLOCKS, '$1').trim();
}

/**
 * The script, with the properties of its registration written out.
 * @param {string} root
 * @param {string} type
 */
async function editorScript(root, type) {
  const result = await build({
    ...BUNDLE,
    absWorkingDir: root,
    entryPoints: [`nodes/${type}/${type}.editor.ts`],
    format: 'iife',
    plugins: [await fromSharedScript(root), propertyLiterals(await fieldTables(root, type))],
  });
  return result.outputFiles.map(file => file.text).join('');
}

/**
 * The texts of one node type, together with those that all types share.
 * @param {string} root
 * @param {string} language
 * @param {string} type
 */
export async function catalogue(root, language, type) {
  const texts = await Promise.all(
    [type, 'shared'].map(name => readFile(join(root, 'locales', language, `${name}.json`), 'utf8')),
  );
  return Object.assign({}, ...texts.map(text => JSON.parse(text)));
}

/**
 * The help text as the editor expects it.
 * @param {string} root
 * @param {string} language
 * @param {string} type
 */
export async function helpHtml(root, language, type) {
  const text = await readFile(join(root, 'locales', language, `${type}.md`), 'utf8');
  return `<script type="text/markdown" data-help-name="${type}">\n${text}</script>\n`;
}
