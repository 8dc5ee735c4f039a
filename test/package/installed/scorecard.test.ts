// The rules of the Flow Library's scorecard and what the library itself asks of a package.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { loadExamples } from '../../../scripts/lib/examples.mjs';
import { readJson } from '../../../scripts/lib/root.mjs';
import type { Manifest } from '../../../scripts/lib/root.mjs';
import { registeredNodes } from '../../support/registered-nodes';

const packageDir = inject('packageDir');
const manifest = readJson(path.join(packageDir, 'package.json')) as Manifest;
const { version, nodes: sets } = manifest['node-red'];

describe('package.json', () => {
  it('P01: names its licence', () => {
    expect(manifest.license).toBe('Apache-2.0');
  });

  it('P03: says where to get support', () => {
    expect(manifest.repository).toBeDefined();
    expect(manifest.bugs).toBeDefined();
  });

  it('P04: has a scoped name', () => {
    expect(manifest.name).toMatch(/^@[a-z-]+\/node-red-[a-z-]+$/);
  });

  it('P05: has the keyword by which the library finds it', () => {
    expect(manifest.keywords).toContain('node-red');
  });

  it('P06: takes the maintained and the newest line of Node-RED', () => {
    expect(version).toBe('>=4.1.0');
  });

  it('P07: takes the least Node.js of the newest Node-RED, 22.9', () => {
    expect(manifest.engines.node).toBe('>=20.19');
  });

  it('D01: has at most six dependencies, none of them Node-RED', () => {
    const names = Object.keys(manifest.dependencies);
    expect(names.length).toBeLessThanOrEqual(6);
    expect(names.filter(name => /^(@node-red\/|node-red$)/.test(name))).toEqual([]);
  });

  it('asks for no peer that npm would install', () => {
    expect(manifest).not.toHaveProperty('peerDependencies');
  });
});

describe.each(Object.entries(sets))('node set %s', (set, file) => {
  const html = readFileSync(path.join(packageDir, file.replace(/\.js$/, '.html')), 'utf8');
  const nodes = registeredNodes(html);

  it('N01: registers one node of its name in the way the library can read', () => {
    expect(nodes.map(node => node.type)).toEqual([set]);
    expect(html).toContain(`data-template-name="${set}"`);
  });

  it('shows its look as literals', () => {
    const { literals = {}, properties = [] } = nodes[0] ?? {};
    if (literals.category === 'config') return;
    expect(literals).toMatchObject({
      category: expect.any(String),
      color: expect.stringMatching(/^#[0-9a-f]{6}$/i),
      icon: expect.stringMatching(/\.svg$/),
      inputs: expect.any(Number),
      outputs: expect.any(Number),
    });
    expect(properties).toContain('defaults');
    const icon = path.join(path.dirname(file), 'icons', String(literals.icon));
    expect(existsSync(path.join(packageDir, icon))).toBe(true);
  });
});

it('N02: shows every node in an example', () => {
  const shown = loadExamples(packageDir).flatMap(example => example.nodes.map(node => node.type));
  expect(Object.keys(sets).filter(type => !shown.includes(type))).toEqual([]);
});
