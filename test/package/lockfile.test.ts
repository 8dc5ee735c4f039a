import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inRoot, readManifest } from '../../scripts/lib/root.mjs';

interface Lockfile {
  packages: Record<string, LockedPackage>;
}
interface LockedPackage {
  resolved?: string;
  integrity?: string;
  inBundle?: boolean;
  optionalDependencies?: Record<string, string>;
}

const lockfile = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')) as Lockfile;

it('names no registry host', () => {
  const named = Object.entries(lockfile.packages).filter(([, entry]) => entry.resolved);
  expect(named).toEqual([]);
});

it('proves every package by its content', () => {
  const unproven = Object.entries(lockfile.packages)
    .filter(([folder, entry]) => folder !== '' && !entry.integrity && !entry.inBundle)
    .map(([folder]) => folder);
  expect(unproven).toEqual([]);
});

it('holds the packages of every platform, without which npm ci refuses it', () => {
  const locked = new Set(
    Object.keys(lockfile.packages).map(folder => folder.replace(/^.*node_modules\//, '')),
  );
  const optional = Object.values(lockfile.packages)
    .filter(entry => !entry.inBundle)
    .flatMap(entry => Object.keys(entry.optionalDependencies ?? {}));
  expect(optional.filter(name => !locked.has(name))).toEqual([]);
});

it('has one version of Node-RED and of its admin API', () => {
  const { devDependencies } = readManifest();
  expect(devDependencies['@node-red/editor-api']).toBe(devDependencies['node-red']);
  const copies = Object.keys(lockfile.packages).filter(folder =>
    folder.endsWith('node_modules/@node-red/editor-api'),
  );
  expect(copies).toEqual(['node_modules/@node-red/editor-api']);
});
