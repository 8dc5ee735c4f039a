import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { loadFaults } from '../../../scripts/lib/load-faults.mjs';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import { startWithPackage } from '../../support/node-red';

let nodeRed: NodeRed | undefined;

beforeAll(async () => {
  nodeRed = await startWithPackage();
});
afterAll(() => nodeRed?.close());

const running = (): NodeRed => {
  if (!nodeRed) throw new Error('Node-RED is not running');
  return nodeRed;
};

it('is loaded by Node-RED 4.1 with every node set, text, icon and example', async () => {
  expect(running().version).toMatch(/^4\.1\./);
  expect(await loadFaults(running(), inject('packageDir'))).toEqual([]);
});

it('is loaded without a warning', () => {
  const ofTheSetup = /^(Projects disabled|Using unencrypted credentials)/;
  expect(running().logs.filter(({ message }) => !ofTheSetup.test(message))).toEqual([]);
});

it('translates its texts', async () => {
  const texts = await Promise.all(
    ['en-US', 'de'].map(async language => {
      const response = await running().request(`/nodes/messages?lng=${language}`);
      const catalogues = (await response.json()) as Record<string, unknown>;
      return catalogues['@flow-concord/node-red-record-updates/conditional-update'];
    }),
  );
  expect(texts[0]).toBeDefined();
  expect(texts[1]).not.toEqual(texts[0]);
});
