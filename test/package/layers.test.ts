// The rules of .dependency-cruiser.mjs, each on a tree that breaks it.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tool } from '../../scripts/lib/exec.mjs';
import { inRoot } from '../../scripts/lib/root.mjs';
import { withTempDir } from '../../scripts/lib/temp.mjs';

/** An import and the rules that it breaks. */
type Case = readonly [file: string, code: string, ...rules: string[]];

/** What is imported in the cases. */
const FILES = [
  ...['lib/errors', 'lib/record/fields', 'lib/retry/time', 'lib/lifecycle/refusal'],
  ...['lib/outcome/outcome', 'lib/transport/transport', 'lib/api/family', 'lib/unheard-of/x'],
  ...['lib/coordination/lock', 'lib/update/request', 'nodes/shared/status', 'sandbox/sandbox'],
  ...['nodes/etag-fetch/etag-fetch', 'nodes/conflict-switch/config', 'nodes/shared/editor/draw'],
  ...['nodes/shared/conditions', 'nodes/shared/record-fields'],
  ...['nodes/record-endpoint/lookup', 'nodes/record-endpoint/connection'],
].map(name => `${name}.ts`);

const DEPENDENCIES = ['axios', 'big.js', 'undici'];
const DEV_DEPENDENCIES = ['node-red', '@node-red/util', 'dagre'];

const REFUSED: readonly Case[] = [
  ['lib/record/a.ts', "import RED from 'node-red';", 'no-node-red', 'record-packages'],
  ['lib/update/b.ts', "import type { NodeAPI } from 'node-red';", 'no-node-red'],
  ['lib/update/c.ts', "import { util } from '@node-red/util';", 'no-node-red'],
  ['sandbox/d.ts', "import { log } from '@node-red/util';", 'no-node-red'],
  ['sandbox/e.ts', "import type { NodeAPI } from 'node-red';", 'no-node-red'],
  ['nodes/etag-fetch/f.ts', "import { util } from '@node-red/util';", 'node-red-types-only'],
  ['nodes/etag-fetch/g.ts', "const RED = require('node-red');", 'node-red-types-only'],
  [
    'nodes/etag-fetch/h.ts',
    "import { util, type NodeAPI } from 'node-red';",
    'node-red-types-only',
  ],
  ['nodes/etag-fetch/i.editor.ts', "import RED from 'node-red';", 'node-red-types-only'],
  ['lib/record/j.ts', "import { send } from '../transport/transport';", 'record-uses'],
  ['lib/record/k.ts', "import type { Transport } from '../transport/transport';", 'record-uses'],
  ['lib/outcome/l.ts', "export * from '../update/request';", 'outcome-uses'],
  ['lib/retry/m.ts', "export { acquire } from '../coordination/lock';", 'retry-uses'],
  ['lib/retry/n.ts', "import axios from 'axios';", 'retry-packages'],
  ['lib/record/o.ts', "import type { Outcome } from '../outcome/outcome';", 'record-uses'],
  ['lib/record/p.ts', "export type { Outcome } from '../outcome/outcome';", 'record-uses'],
  ['lib/record/q.ts', "export type O = import('../outcome/outcome').Outcome;", 'record-uses'],
  ['lib/retry/r.ts', "import type { State } from '../lifecycle/refusal';", 'retry-uses'],
  ['lib/lifecycle/s.ts', "import type { Outcome } from '../outcome/outcome';", 'lifecycle-uses'],
  ['lib/lifecycle/t.ts', "import Big from 'big.js';", 'lifecycle-packages'],
  ['lib/record/u.ts', "import { readFileSync } from 'node:fs';", 'record-packages'],
  ['lib/outcome/v.ts', "import type { Server } from 'node:http';", 'outcome-packages'],
  ['lib/errors.ts', "import { fields } from './record/fields';", 'errors-uses'],
  ['lib/api/w.ts', "import { send } from '../transport/transport';", 'api-types-only'],
  [
    'lib/api/x.ts',
    "import { send } from '../transport/transport';\nimport type { T } from '../transport/transport';",
    'api-types-only',
  ],
  ['lib/api/y.ts', "import { send, type T } from '../transport/transport';", 'api-types-only'],
  ['lib/api/z.ts', "import { update } from '../update/request';", 'api-uses'],
  ['lib/transport/a.ts', "import { family } from '../api/family';", 'transport-uses'],
  ['lib/coordination/a.ts', "import { send } from '../transport/transport';", 'coordination-uses'],
  ['lib/update/d.ts', "const late = import('../../nodes/shared/status');", 'update-uses'],
  ['lib/update/e.ts', "import { startSandbox } from '../../sandbox/sandbox';", 'update-uses'],
  ['lib/update/f.ts', "import { x } from '../unheard-of/x';", 'update-uses'],
  ['lib/update/g.ts', "import { x } from './gone';", 'no-unknown-file'],
  ['lib/update/h.ts', "import { layout } from 'dagre';", 'no-undeclared-package'],
  ['lib/unheard-of/y.ts', "import { fields } from '../record/fields';", 'no-file-without-layer'],
  ['sandbox/f.ts', "import { fields } from '../lib/record/fields';", 'sandbox-uses'],
  ['sandbox/g.ts', "import { status } from '../nodes/shared/status';", 'sandbox-uses'],
  ['nodes/etag-fetch/a.editor.ts', "import { fetch } from './etag-fetch';", 'editor-uses'],
  [
    'nodes/shared/editor/a.ts',
    "import { fields } from '../../../lib/record/fields';",
    'editor-types-only',
  ],
  ['nodes/etag-fetch/j.ts', "import { draw } from '../shared/editor/draw';", 'nodes-uses'],
  ['nodes/etag-fetch/k.ts', "import type { Draw } from '../shared/editor/draw';", 'nodes-uses'],
  [
    'nodes/etag-fetch/config.ts',
    "import { OUTCOMES } from '../../lib/outcome/outcome';",
    'config-types-only',
  ],
  ['nodes/record-lock/config.ts', "import 'undici';", 'config-packages'],
  ['nodes/shared/fields.ts', "import { english } from './english';", 'config-uses'],
  [
    'nodes/shared/checks.ts',
    "import { fields } from '../../lib/record/fields';",
    'config-types-only',
  ],
  [
    'nodes/etag-fetch/l.ts',
    "import type { Connection } from '../record-endpoint/connection';",
    'lookup-only',
  ],
];

const ALLOWED: readonly Case[] = [
  ['lib/record/aa.ts', "import Big from 'big.js';"],
  ['lib/outcome/aa.ts', "import { fields } from '../record/fields';"],
  ['lib/api/aa.ts', "import type { Transport } from '../transport/transport';"],
  ['lib/api/ab.ts', "import { type Transport } from '../transport/transport';"],
  ['lib/api/ac.ts', "export type { Transport } from '../transport/transport';"],
  ['lib/transport/aa.ts', "import { request } from 'undici';\nimport { readFile } from 'node:fs';"],
  ['lib/coordination/aa.ts', "import { sleep } from '../retry/time';"],
  ['lib/update/aa.ts', "import { send } from '../transport/transport';"],
  ['nodes/etag-fetch/aa.ts', "import type { NodeAPI } from 'node-red';"],
  ['nodes/etag-fetch/ab.ts', "import { update } from '../../lib/update/request';"],
  ['nodes/record-endpoint/aa.ts', "import { startSandbox } from '../../sandbox/sandbox';"],
  ['nodes/etag-fetch/aa.editor.ts', "import { draw } from '../shared/editor/draw';"],
  // Bundled: what it needs is in the package.
  ['nodes/etag-fetch/ab.editor.ts', "import { layout } from 'dagre';"],
  ['nodes/conflict-switch/ab.editor.ts', "import { DEFAULT_ROWS } from './config';"],
  ['nodes/backoff-delay/config.ts', "import type { O } from '../../lib/outcome/outcome';"],
  ['nodes/record-store/config.ts', "import { KEY_FIELDS } from '../shared/record-fields';"],
  ['nodes/shared/editor/ab.ts', "import { checkField } from '../conditions';"],
  ['nodes/shared/english.ts', "import texts from '../../locales/en-US/shared.json';"],
  ['nodes/etag-fetch/ac.ts', "import { endpointOf } from '../record-endpoint/lookup';"],
];

/** Each leads to itself; the second by types only. */
const CIRCLES: Readonly<Record<string, readonly Case[]>> = {
  'of two files': [
    ['lib/retry/one.ts', "import { two } from './two';", 'no-circle'],
    ['lib/retry/two.ts', "export { one } from './one';"],
  ],
  'of types only': [
    ['nodes/shared/one.ts', "import type { Two } from './two';", 'no-circle'],
    ['nodes/shared/two.ts', "import type { Three } from './three';"],
    ['nodes/shared/three.ts', "import type { One } from './one';"],
  ],
  'one way of which is types only': [
    ['sandbox/one.ts', "import type { Two } from './two';", 'no-circle'],
    ['sandbox/two.ts', "import { one } from './one';"],
  ],
};

interface Report {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly rule: { readonly name: string };
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
}

/** Rules that are broken, by the file that breaks them; circles by every file of them. */
const broken = new Map<string, Set<string>>();

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function writeTree(dir: string): void {
  const named = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, '*']));
  const manifest = {
    dependencies: named(DEPENDENCIES),
    devDependencies: named(DEV_DEPENDENCIES),
  };
  write(path.join(dir, 'package.json'), JSON.stringify(manifest));
  for (const name of [...DEPENDENCIES, ...DEV_DEPENDENCIES]) {
    write(path.join(dir, 'node_modules', name, 'package.json'), JSON.stringify({ name }));
    write(path.join(dir, 'node_modules', name, 'index.js'), '');
  }
  for (const file of FILES) write(path.join(dir, file), 'export {};\n');
  write(path.join(dir, 'locales/en-US/shared.json'), '{}');
  const cases = [...REFUSED, ...ALLOWED, ...Object.values(CIRCLES).flat()];
  for (const [file, code] of cases) write(path.join(dir, file), `${code}\n`);
}

beforeAll(() =>
  withTempDir('layers', async dir => {
    writeTree(dir);
    const args = ['--config', inRoot('.dependency-cruiser.mjs'), '--output-type', 'json'];
    const { stdout } = await tool(
      'dependency-cruiser/bin/dependency-cruise.mjs',
      [...args, 'lib', 'nodes', 'sandbox'],
      { cwd: dir },
    );
    for (const { from, rule, cycle = [] } of (JSON.parse(stdout) as Report).summary.violations) {
      for (const file of [from, ...cycle.map(({ name }) => name)]) {
        broken.set(file, (broken.get(file) ?? new Set()).add(rule.name));
      }
    }
  }),
);

const rulesBrokenBy = (file: string) => [...(broken.get(file) ?? [])].sort();

describe('refuses', () => {
  it.each(REFUSED)('%s: %s', (file, _code, ...rules) => {
    expect(rulesBrokenBy(file)).toEqual([...rules].sort());
  });
});

describe('allows', () => {
  it.each(ALLOWED)('%s: %s', file => {
    expect(rulesBrokenBy(file)).toEqual([]);
  });
});

describe('finds a circle', () => {
  it.each(Object.entries(CIRCLES))('%s', (_name, files) => {
    for (const [file] of files) expect(rulesBrokenBy(file)).toEqual(['no-circle']);
  });
});
