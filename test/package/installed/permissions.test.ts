import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import { startWithPackage } from '../../support/node-red';

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

async function statusOf(route: string, token?: keyof typeof ADMIN_TOKENS): Promise<number> {
  if (!nodeRed) throw new Error('Node-RED is not running');
  const response = await nodeRed.request(route, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: '{}',
  });
  return response.status;
}

it('runs Node-RED with the admin API that the project names', () => {
  const ours = createRequire(import.meta.url);
  const nodeRedsOwn = createRequire(ours.resolve('node-red'));
  expect(nodeRedsOwn.resolve('@node-red/editor-api')).toBe(ours.resolve('@node-red/editor-api'));
});

describe.each(['/record-updates/endpoint/x/test', '/record-updates/endpoint/x/prove'])(
  'POST %s',
  route => {
    it('is refused without a token', async () => {
      expect(await statusOf(route)).toBe(401);
    });

    it.each(['reader', 'deployer'] as const)('is refused with the token of a %s', async token => {
      expect(await statusOf(route, token)).toBe(401);
    });

    it('is open to a writer', async () => {
      expect([401, 403, 404]).not.toContain(await statusOf(route, 'writer'));
    });
  },
);
