import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ENGLISH, LANGUAGES } from '../../../scripts/lib/languages.mjs';
import { loadFaults } from '../../../scripts/lib/load-faults.mjs';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import { startWithPackage } from '../../support/node-red';
import { nodeRedRequire } from '../../support/node-red-require';

let nodeRed: NodeRed | undefined;

beforeAll(async () => {
  nodeRed = await startWithPackage();
});
afterAll(() => nodeRed?.close());

const running = (): NodeRed => {
  if (!nodeRed) throw new Error('Node-RED is not running');
  return nodeRed;
};

it('is loaded by the chosen Node-RED with every node set, text, icon and example', async () => {
  const { version } = nodeRedRequire('node-red/package.json') as { readonly version: string };
  expect(running().version).toBe(version);
  expect(await loadFaults(running(), inject('packageDir'))).toEqual([]);
});

it('is loaded without a warning', () => {
  const ofTheSetup = /^(Projects disabled|Using unencrypted credentials)/;
  expect(running().logs.filter(({ message }) => !ofTheSetup.test(message))).toEqual([]);
});

/** The texts of a node that the editor gets when a browser asks for a language. */
async function textsFor(language: string): Promise<unknown> {
  const response = await running().request(`/nodes/messages?lng=${language}`);
  const catalogues = (await response.json()) as Record<string, unknown>;
  return catalogues['@flow-concord/node-red-record-updates/conditional-update'];
}

it.each(LANGUAGES.filter(language => language !== ENGLISH))('speaks %s', async language => {
  const texts = await textsFor(language);
  expect(texts).toBeDefined();
  expect(texts).not.toEqual(await textsFor(ENGLISH));
});

it('is told by Node-RED in a language for every region, but not in that of another region', async () => {
  expect(await textsFor('de-AT')).toEqual(await textsFor('de'));
  // The editor shows English then, as it does for the texts of Node-RED itself.
  for (const other of ['es', 'es-MX', 'pt', 'pt-PT', 'zh', 'zh-Hans-CN', 'zh-HK']) {
    expect(await textsFor(other), other).toEqual({});
  }
});
