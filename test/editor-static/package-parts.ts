import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../../scripts/editor-html.mjs';
import { ENGLISH, LANGUAGES } from '../../scripts/lib/languages.mjs';

export { ENGLISH, LANGUAGES };

/** The package's root folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The name of the package. */
export const PACKAGE = manifest().name;

/** The node types, as package.json lists them. */
export const TYPES = Object.keys(manifest()['node-red'].nodes);

/** The plugins, as package.json lists them. */
export const PLUGINS = Object.keys(manifest()['node-red'].plugins);

export function source(...path: string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8');
}

/** The catalogues of texts, which every language has: one per node type and plugin, and what the types share. */
export const CATALOGUES = textFiles('.json');

/** The helps, which every language has as well. */
export const HELPS = textFiles('.md');

function textFiles(ending: string): string[] {
  return readdirSync(join(ROOT, 'locales', ENGLISH)).filter(name => name.endsWith(ending));
}

/** The texts of a catalogue file by their keys. */
export function textsOf(language: string, file: string): Map<string, string> {
  return flatten(JSON.parse(source('locales', language, file)) as Catalogue);
}

/** What Node-RED appends to a key by its count. */
const PLURAL = /_(zero|one|two|few|many|other)$/;

/** A key without its plural form. */
export function singular(key: string): string {
  return key.replace(PLURAL, '');
}

/** The plural form at the end of a key; undefined: it counts nothing. */
export function pluralForm(key: string): string | undefined {
  return PLURAL.exec(key)?.[1];
}

/** The TypeScript sources of one node type with those that all types share. */
export function scripts(type: string): string {
  const folders = [join('nodes', type), join('nodes', 'shared'), join('nodes', 'shared', 'editor')];
  const files = folders.flatMap(folder =>
    readdirSync(join(ROOT, folder))
      .filter(name => name.endsWith('.ts'))
      .map(name => join(folder, name)),
  );
  return files.map(file => source(file)).join('\n');
}

/** All keys of a catalogue with their texts, as `group.name`. */
export function flatten(texts: Catalogue, prefix = ''): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value === 'string') keys.set(prefix + name, value);
    else for (const [key, text] of flatten(value, `${prefix}${name}.`)) keys.set(key, text);
  }
  return keys;
}

interface Manifest {
  readonly name: string;
  readonly 'node-red': {
    readonly nodes: Record<string, string>;
    readonly plugins: Record<string, string>;
  };
}

function manifest(): Manifest {
  return JSON.parse(source('package.json')) as Manifest;
}
