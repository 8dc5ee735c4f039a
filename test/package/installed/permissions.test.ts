import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import { startWithPackage } from '../../support/node-red';

const TEST_ROUTE = '/record-updates/endpoint/x/test';
const ADMIN_TOKENS = {
  writer: 'record-updates.write',
  reader: 'record-updates.read',
  deployer: ['flows.read', 'flows.write'],
};

let nodeRed: NodeRed | undefined;

beforeAll(async () => {
  nodeRed = await startWithPackage({ adminTokens: ADMIN_TOKENS });
});
afterAll(() => nodeRed?.close());

async function statusOfTest(token?: keyof typeof ADMIN_TOKENS): Promise<number | undefined> {
  const response = await nodeRed?.request(TEST_ROUTE, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: '{}',
  });
  return response?.status;
}

it('runs Node-RED with the admin API that the project names', () => {
  const ours = createRequire(import.meta.url);
  const nodeRedsOwn = createRequire(ours.resolve('node-red'));
  expect(nodeRedsOwn.resolve('@node-red/editor-api')).toBe(ours.resolve('@node-red/editor-api'));
});

it('refuses a connection test without a token', async () => {
  expect(await statusOfTest()).toBe(401);
});

it.each(['reader', 'deployer'] as const)(
  'refuses a connection test with the token of a %s',
  async token => {
    expect(await statusOfTest(token)).toBe(401);
  },
);

it('lets a writer in, who is told that there is no such endpoint', async () => {
  const status = await statusOfTest('writer');
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect([401, 403]).not.toContain(status);
});

it('keeps every route of the package behind a permission', async () => {
  const response = await nodeRed?.request('/record-updates/endpoint/x/prove', { method: 'POST' });
  expect(response?.status).not.toBe(200);
});
