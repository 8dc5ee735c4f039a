// What is installed with the package, by the lock file: the palette manager takes only what runs everywhere as it comes.
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUNDLE, editorResources, fromSharedScript } from '../../scripts/editor-resources.mjs';
import { inRoot, readJson, readManifest, ROOT } from '../../scripts/lib/root.mjs';
import { BUNDLED } from '../../scripts/lib/sbom.mjs';
import { PERMISSIVE } from '../support/licences';

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly engines?: { readonly node?: string };
  readonly hasInstallScript?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Versions {
  readonly satisfies: (version: string, range: string) => boolean;
}

const { satisfies } = createRequire(import.meta.url)('semver') as Versions;
const { packages: locked } = readJson(inRoot('package-lock.json')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const manifest = readManifest();

/** The folder of a package that another one asks for: its own, or the nearest further up. */
function folderOf(from: string, name: string): string {
  const folder = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (folder in locked) return folder;
  if (from === '') throw new Error(`package-lock.json does not hold ${name}`);
  return folderOf(from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), name);
}

/** All packages that come with those named, by their folders. */
function installed(names: readonly string[]): Map<string, Locked> {
  const found = new Map<string, Locked>();
  const visit = (from: string, wanted: readonly string[]): void => {
    for (const folder of wanted.map(name => folderOf(from, name))) {
      const entry = locked[folder];
      if (entry === undefined || found.has(folder)) continue;
      found.set(folder, entry);
      visit(folder, Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }));
    }
  };
  visit('', names);
  return found;
}

const ALL = installed(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }));

/** Packages that compile or fetch a program, or find the one that they have. */
const NATIVE =
  /(^|\/)(node-gyp|node-gyp-build|node-addon-api|nan|bindings|prebuild-install|node-pre-gyp)$/;
/** The least Node.js of ours, and that of the newest Node-RED: the palette installs with --engine-strict. */
const NODES = ['20.19.0', '22.9.0', '24.0.0'];
const without = (isFine: (entry: Locked, folder: string) => boolean): string[] =>
  [...ALL].filter(([folder, entry]) => !isFine(entry, folder)).map(([folder]) => folder);

it('are found, with what they need themselves', () => {
  expect([...ALL.keys()]).toEqual(
    expect.arrayContaining(
      ['undici', 'axios', 'form-data', 'denque'].map(name => `node_modules/${name}`),
    ),
  );
});

describe('every package that comes with this one', () => {
  it.each(NODES)('takes Node.js %s', version => {
    expect(without(({ engines }) => satisfies(version, engines?.node ?? '*'))).toEqual([]);
  });

  it('runs nothing when it is installed', () => {
    expect(without(({ hasInstallScript }) => hasInstallScript !== true)).toEqual([]);
    const scripts = Object.keys((readJson(inRoot('package.json')) as { scripts: object }).scripts);
    expect(scripts.filter(name => /^(pre|post)?install$|^(pre)?prepare$/.test(name))).toEqual([]);
  });

  it('is the same on every computer: no native code', () => {
    expect(without(({ os, cpu }, folder) => !os && !cpu && !NATIVE.test(folder))).toEqual([]);
  });

  it('may be used for every purpose', () => {
    expect(without(({ license = '' }) => PERMISSIVE.includes(license))).toEqual([]);
  });

  it('D02: is not known to be incompatible with Node-RED', () => {
    expect(
      without(
        ({ version }, folder) => !folder.endsWith('/agent-base') || satisfies(version, '>=6'),
      ),
    ).toEqual([]);
  });
});

describe('what is bundled into the files for the editor', () => {
  let bundled: string[] = [];

  beforeAll(async () => {
    const texts = Object.values(await editorResources(ROOT)).join('\n');
    // Its licence goes before it.
    const notices = texts.matchAll(/^\/\*! (\S+)$/gm);
    bundled = [...new Set([...notices].map(([, name = '']) => name))];
  });

  it('is a dependency already, or stands in the bill of materials', () => {
    const known = [...Object.keys(manifest.dependencies), ...BUNDLED];
    expect(bundled.filter(name => !known.includes(name))).toEqual([]);
    expect(BUNDLED.filter(name => !bundled.includes(name))).toEqual([]);
  });

  it('may be passed on with its licence', () => {
    const licences = bundled.map(name => locked[`node_modules/${name}`]?.license ?? 'none');
    expect(licences.filter(licence => !PERMISSIVE.includes(licence))).toEqual([]);
  });

  it('is no part of the html, where no licence stands', async () => {
    const { nodes, plugins } = manifest['node-red'];
    const { metafile } = await build({
      ...BUNDLE,
      absWorkingDir: ROOT,
      entryPoints: [
        ...Object.keys(nodes).map(type => `nodes/${type}/${type}.editor.ts`),
        ...Object.keys(plugins).map(name => `plugins/${name}/${name}.editor.ts`),
      ],
      format: 'iife',
      outdir: 'html',
      plugins: [await fromSharedScript(ROOT)],
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs).toContain('nodes/conditional-update/conditional-update.editor.ts');
    expect(inputs.filter(file => file.includes('node_modules/'))).toEqual([]);
  });
});
