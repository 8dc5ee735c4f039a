// Puts together what the editor loads for one node type: script, style, form and help.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The name of the package that a file belongs to. */
const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;
/** `with` names the property, for fragments that serve several. */
const INCLUDE = /<!-- include (\S+) as (\S+)(?: with (\S+))? -->/g;

/**
 * The html file of a node set: the bundled script, the style and the form.
 * @param {string} root
 * @param {string} type
 */
export async function editorHtml(root, type) {
  const [script, style, form] = await Promise.all([
    editorScript(root, type),
    editorStyle(root, type),
    formTemplate(root, type),
  ]);
  return [
    `<script type="text/javascript">\n${script}</script>`,
    `<style>\n${style}</style>`,
    `<script type="text/html" data-template-name="${type}">\n<div class="record-updates">\n${form}</div>\n</script>\n`,
  ].join('\n');
}

/**
 * The form with its shared fragments filled in.
 * @param {string} root
 * @param {string} type
 */
export async function formTemplate(root, type) {
  const form = await readFile(join(root, 'nodes', type, `${type}.html`), 'utf8');
  const names = new Set([...form.matchAll(INCLUDE)].map(match => match[1]));
  const fragments = new Map();
  for (const name of names) {
    const file = join(root, 'nodes/shared/editor/fragments', `${name}.html`);
    fragments.set(name, await readFile(file, 'utf8'));
  }
  return form.replace(INCLUDE, (_, name, prefix, property = '') =>
    fragments.get(name).replaceAll('@prefix@', prefix).replaceAll('@property@', property).trimEnd(),
  );
}

/**
 * What all dialogs share, and what only this one has.
 * @param {string} root
 * @param {string} type
 */
async function editorStyle(root, type) {
  const own = join(root, 'nodes', type, `${type}.css`);
  const files = [join(root, 'nodes/shared/editor/dialog.css'), ...(existsSync(own) ? [own] : [])];
  return (await Promise.all(files.map(file => readFile(file, 'utf8')))).join('');
}

/**
 * Unminified, so that it can be read in the browser's tools and by the Flow Library.
 * @param {string} root
 * @param {string} type
 */
async function editorScript(root, type) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [`nodes/${type}/${type}.editor.ts`],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'error',
    metafile: true,
  });
  const notices = await licenceNotices(root, Object.keys(result.metafile.inputs));
  return [...notices, ...result.outputFiles.map(file => file.text)].join('');
}

/**
 * The licence texts of the packages that went into a script: they must go along with every copy.
 * @param {string} root
 * @param {readonly string[]} inputs paths from the root
 */
async function licenceNotices(root, inputs) {
  const names = inputs.flatMap(input => PACKAGE.exec(input)?.[1] ?? []);
  return Promise.all(
    [...new Set(names)].map(async name => {
      const text = await readFile(join(root, 'node_modules', name, 'LICENSE'), 'utf8');
      return `/*! ${name}\n\n${text.trim()}\n*/\n`;
    }),
  );
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
