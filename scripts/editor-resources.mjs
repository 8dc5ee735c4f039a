// What the editor loads besides the html of the node sets: from `resources/`, where Node-RED serves it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The name of the package that a file belongs to. */
const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const SHARED = 'nodes/shared/editor/dialogs.ts';
/** What of it a dialog imports: its folder, and the rooms for both halves beside it. */
const FROM_SHARED = /\/shared\/(?:editor\/)?[^/]+$/;
/** The variable in the page that holds what all dialogs share. */
const GLOBAL = 'recordUpdatesDialogs';

/**
 * How the halves for the editor are bundled. Node-RED sends them as they are, uncompressed, so they go without blanks
 * and comments; names and literals stay, for the browser's tools and the Flow Library.
 */
export const BUNDLE = /** @type {const} */ ({
  bundle: true,
  minifyWhitespace: true,
  write: false,
  target: 'es2022',
  charset: 'utf8',
  logLevel: 'error',
  metafile: true,
  loader: { '.css': 'text' },
});

/**
 * The scripts of `resources/`, by file name: what all dialogs share, what one of them loads when it is opened, the lists
 * of names, which are loaded when one is first asked for, the sidebar, when it is shown, and the tour, when it begins.
 * @param {string} root
 * @returns {Promise<Record<string, string>>}
 */
export async function editorResources(root) {
  const plugins = [await fromSharedScript(root)];
  const [dialogs, picture, pickers, conflicts, preview, presets, answers, tour] = await Promise.all(
    [
      script(root, SHARED, { format: 'iife', globalName: GLOBAL }),
      script(root, 'nodes/transition-guard/machine-picture.editor.ts', { format: 'esm', plugins }),
      script(root, 'nodes/record-endpoint/pickers.editor.ts', { format: 'esm', plugins }),
      script(root, 'plugins/conflicts-sidebar/conflicts.editor.ts', { format: 'esm' }),
      script(root, 'nodes/record-endpoint/exchange-preview.editor.ts', { format: 'esm' }),
      script(root, 'nodes/record-endpoint/presets.ts', { format: 'esm' }),
      script(root, 'nodes/record-endpoint/test-answer.editor.ts', { format: 'esm' }),
      script(root, 'plugins/first-flow-tour/tour.editor.ts', { format: 'esm' }),
    ],
  );
  return {
    'dialogs.js': dialogs,
    'machine-picture.js': picture,
    'pickers.js': pickers,
    'conflicts.js': conflicts,
    'exchange-preview.js': preview,
    'presets.js': presets,
    'test-answer.js': answers,
    'first-flow-tour.js': tour,
  };
}

/**
 * The tag that loads what all dialogs share. Each node set brings it along, for any of them may be switched off, and
 * their order is not certain: Node-RED runs the other scripts of a set after those with such an address.
 * @param {string} root
 */
export async function sharedScriptTag(root) {
  const { name } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return `<script src="resources/${name}/dialogs.js"></script>`;
}

/**
 * Takes what a dialog imports from the shared folder out of the shared script instead.
 * @param {string} root
 * @returns {Promise<import('esbuild').Plugin>}
 */
export async function fromSharedScript(root) {
  const names = await sharedNames(root);
  // The mark lets the bundler leave out what a dialog does not use.
  const contents = [
    `const take = name => ${GLOBAL}[name];`,
    ...names.map(name => `export const ${name} = /* @__PURE__ */ take('${name}');`),
  ].join('\n');
  return {
    name: 'shared',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: FROM_SHARED }, () => ({
        path: 'dialogs',
        namespace: 'shared',
      }));
      onLoad({ filter: /.*/, namespace: 'shared' }, () => ({ contents }));
    },
  };
}

/** The names of what the shared script offers. @param {string} root */
async function sharedNames(root) {
  const { metafile } = await build({
    ...BUNDLE,
    absWorkingDir: root,
    entryPoints: [SHARED],
    format: 'esm',
  });
  return Object.values(metafile.outputs).flatMap(output => output.exports);
}

/**
 * @param {string} root
 * @param {string} entry
 * @param {Pick<import('esbuild').BuildOptions, 'format' | 'globalName' | 'plugins'>} shape
 */
async function script(root, entry, shape) {
  const result = await build({ ...BUNDLE, ...shape, absWorkingDir: root, entryPoints: [entry] });
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
      const folder = join(root, 'node_modules', name);
      // British spelling, or with the ending of a format.
      const file = (await readdir(folder)).find(entry => /^licen[sc]e(?:\.\w+)?$/i.test(entry));
      if (file === undefined) throw new Error(`${name} has no licence file`);
      const text = await readFile(join(folder, file), 'utf8');
      return `/*! ${name}\n\n${text.trim()}\n*/\n`;
    }),
  );
}
