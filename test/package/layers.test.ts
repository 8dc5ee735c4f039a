import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/root.mjs';

// The project's own configuration; only what needs a file on disk is off.
const eslint = new ESLint({
  cwd: inRoot(),
  overrideConfig: [tseslint.configs.disableTypeChecked],
  ruleFilter: ({ ruleId }) => ruleId === 'layers/imports',
});

async function faults(file: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(`${code}\n`, { filePath: inRoot(file) });
  return results.flatMap(result => result.messages.map(message => message.message));
}

describe('refuses', () => {
  it.each([
    ['lib/record/x.ts', "import RED from 'node-red';"],
    ['lib/update/x.ts', "import type { NodeAPI } from 'node-red';"],
    ['lib/update/x.ts', "import { util } from '@node-red/util';"],
    ['sandbox/x.ts', "import { log } from '@node-red/util';"],
    ['nodes/etag-fetch/x.ts', "import { util } from '@node-red/util';"],
    ['nodes/etag-fetch/x.ts', "const RED = require('node-red');"],
    ['lib/record/x.ts', "import { send } from '../transport/transport';"],
    ['lib/record/x.ts', "import type { Transport } from '../transport/transport';"],
    ['lib/outcome/x.ts', "export * from '../update/request';"],
    ['lib/retry/x.ts', "export { acquire } from '../coordination/lock';"],
    ['lib/retry/x.ts', "import axios from 'axios';"],
    ['lib/record/x.ts', "import type { Outcome } from '../outcome/outcome';"],
    ['lib/retry/x.ts', "import type { State } from '../lifecycle/refusal';"],
    ['lib/lifecycle/x.ts', "import type { Outcome } from '../outcome/outcome';"],
    ['lib/record/x.ts', "import { readFileSync } from 'node:fs';"],
    ['lib/errors.ts', "import { fields } from './record/fields';"],
    ['lib/api/x.ts', "import { send } from '../transport/transport';"],
    ['lib/api/x.ts', "import { update } from '../update/request';"],
    ['lib/transport/x.ts', "import { family } from '../api/family';"],
    ['lib/coordination/x.ts', "import { fields } from '../record/fields';"],
    ['lib/update/x.ts', "const late = import('../../nodes/shared/status');"],
    ['lib/update/x.ts', "import { startSandbox } from '../../sandbox/sandbox';"],
    ['lib/update/x.ts', "import { x } from '../unheard-of/x';"],
    ['sandbox/x.ts', "import { fields } from '../lib/record/fields';"],
    ['sandbox/x.ts', "import { status } from '../nodes/shared/status';"],
    ['nodes/etag-fetch/etag-fetch.editor.ts', "import { fetch } from './etag-fetch';"],
    ['nodes/shared/editor/x.ts', "import { fields } from '../../../lib/record/fields';"],
    ['nodes/etag-fetch/etag-fetch.ts', "import { draw } from '../shared/editor/draw';"],
    ['nodes/etag-fetch/config.ts', "import { OUTCOMES } from '../../lib/outcome/outcome';"],
    ['nodes/shared/fields.ts', "import { english } from './english';"],
    ['nodes/shared/checks.ts', "import { parseUrl } from '../../lib/record/url';"],
  ])('%s: %s', async (file, code) => {
    expect(await faults(file, code)).toHaveLength(1);
  });
});

describe('allows', () => {
  it.each([
    ['lib/record/x.ts', "import Big from 'big.js';"],
    ['lib/outcome/x.ts', "import { fields } from '../record/fields';"],
    ['lib/api/x.ts', "import type { Transport } from '../transport/transport';"],
    ['lib/api/x.ts', "import { type Transport } from '../transport/transport';"],
    ['lib/transport/x.ts', "import { request } from 'undici';"],
    ['lib/coordination/x.ts', "import { sleep } from '../retry/time';"],
    ['lib/update/x.ts', "import { send } from '../transport/transport';"],
    ['nodes/etag-fetch/etag-fetch.ts', "import type { NodeAPI } from 'node-red';"],
    ['nodes/etag-fetch/etag-fetch.ts', "import { update } from '../../lib/update/request';"],
    ['nodes/record-endpoint/x.ts', "import { startSandbox } from '../../sandbox/sandbox';"],
    ['nodes/etag-fetch/etag-fetch.editor.ts', "import { draw } from '../shared/editor/draw';"],
    ['nodes/conflict-switch/x.editor.ts', "import { DEFAULT_ROWS } from './config';"],
    ['nodes/conflict-switch/config.ts', "import type { O } from '../../lib/outcome/outcome';"],
    ['nodes/conflict-switch/config.ts', "import { KEY_FIELDS } from '../shared/record-fields';"],
    ['nodes/shared/editor/x.ts', "import { checkField } from '../checks';"],
    ['nodes/shared/x.ts', "import texts from '../../locales/en-US/shared.json';"],
  ])('%s: %s', async (file, code) => {
    expect(await faults(file, code)).toEqual([]);
  });
});
