import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRoot } from './root.mjs';

/**
 * Compiles TypeScript of tests and benchmarks to programs, each with all that it imports. Packages
 * and the scripts stay what they are: they find the project by where they lie.
 * @param {readonly string[]} files paths from the root
 * @param {string} outDir for the programs, which are called as the files, with `.mjs`
 */
export async function compile(files, outDir) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: files.map(file => inRoot(file)),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported when it is needed is loaded only then.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    external: [inRoot('scripts/*')],
    logLevel: 'error',
  });
}

/**
 * Compiles and loads a module.
 * @param {string} file path from the root
 * @returns {Promise<any>}
 */
export async function importTypeScript(file) {
  const outDir = inRoot('.cache/compiled');
  await compile([file], outDir);
  return import(pathToFileURL(path.join(outDir, `${path.parse(file).name}.mjs`)).href);
}
