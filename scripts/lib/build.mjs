import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { prepare } from './claim.mjs';
import { run } from './exec.mjs';
import { ROOT, inRoot } from './root.mjs';
import { step } from './step.mjs';

const SOURCES = [
  'lib',
  'nodes',
  'plugins',
  'sandbox',
  'icons',
  'locales',
  'scripts/build.mjs',
  'scripts/editor-html.mjs',
  'scripts/editor-resources.mjs',
  'tsconfig.json',
  'tsconfig.base.json',
  'tsconfig.runtime.json',
  'tsconfig.editor.json',
  'package-lock.json',
];
const STAMP = inRoot('.cache/build.sha256');

/** Under way in this process. @type {Promise<void> | undefined} */
let building;

/**
 * Builds when there is no build of exactly these sources. Throws when it fails, and when another
 * process is at it.
 * @returns {Promise<void>}
 */
export function ensureBuilt() {
  building ??= buildUnlessBuilt().finally(() => {
    building = undefined;
  });
  return building;
}

async function buildUnlessBuilt() {
  if (isBuilt()) return;
  const { code, output } = await prepare(() => step('Building the nodes, half a minute', build));
  if (code !== 0) throw new Error(`The build failed:\n${output}`);
}

const isBuilt = () =>
  existsSync(inRoot('dist')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash();

/** The stamp is that of the sources before the build: edits during it count. */
async function build() {
  const before = hash();
  const result = await run(process.execPath, [inRoot('scripts/build.mjs')]);
  if (result.code === 0) {
    mkdirSync(path.dirname(STAMP), { recursive: true });
    writeFileSync(STAMP, before);
  }
  return result;
}

function hash() {
  const sum = createHash('sha256');
  for (const file of SOURCES.flatMap(filesOf)) {
    sum
      .update(file)
      .update('\0')
      .update(readFileSync(inRoot(file)))
      .update('\0');
  }
  return sum.digest('hex');
}

/** @param {string} source @returns {string[]} paths below the root, sorted */
function filesOf(source) {
  if (!existsSync(inRoot(source))) return [];
  if (path.extname(source) !== '') return [source];
  return readdirSync(inRoot(source), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}
