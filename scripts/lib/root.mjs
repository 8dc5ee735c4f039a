import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of package.json. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A path inside the project. @param {string[]} parts */
export const inRoot = (...parts) => path.join(ROOT, ...parts);

/** @param {string} file @returns {any} */
export const readJson = file => JSON.parse(readFileSync(file, 'utf8'));

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} license
 * @property {string[]} keywords
 * @property {object} [repository]
 * @property {object} [bugs]
 * @property {{ node: string }} engines
 * @property {{ version: string, nodes: Record<string, string>, plugins: Record<string, string> }} node-red
 * @property {Record<string, string>} dependencies
 * @property {Record<string, string>} optionalDependencies
 * @property {Record<string, string>} devDependencies
 */

/** @returns {Manifest} */
export const readManifest = () => readJson(inRoot('package.json'));
