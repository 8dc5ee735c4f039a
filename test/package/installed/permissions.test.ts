import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import {
  endpoint as endpointNode,
  endpointConfig,
  monitorNode,
  TAB,
} from '../../support/flow-nodes';
import { startWithPackage } from '../../support/node-red';
import { nodeRedRequire } from '../../support/node-red-require';

const ADMIN_TOKENS = {
  writer: 'record-updates.write',
  /** May test endpoints, and may deploy besides. */
  both: ['record-updates.write', 'flows.read', 'flows.write'],
  reader: 'record-updates.read',
  deployer: ['flows.read', 'flows.write'],
  reviewer: ['record-updates.read', 'record-updates.review'],
};

const SCRAPE_TOKEN = 'a-token-of-the-scraper';
const TAB_NODE = { id: TAB, type: 'tab', label: 'Test' };

let nodeRed: NodeRed | undefined;

/** As the editor does, with credentials. */
async function deploy(nodes: readonly object[]): Promise<void> {
  const response = await nodeRed?.request('/flows', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer deployer' },
    body: JSON.stringify(nodes),
  });
  expect(response?.status).toBe(204);
}

let api: Server | undefined;
let origin = '';
const asked: string[] = [];

beforeAll(async () => {
  api = createServer({ keepAliveTimeout: 0 }, ({ url = '' }, response) => {
    asked.push(url);
    response.setHeader('etag', '"1"').setHeader('content-type', 'application/json');
    response.end('{"a":1}');
  });
  await new Promise<void>(resolve => api?.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${String((api.address() as AddressInfo).port)}`;
  const endpoint = endpointNode({ server: 'url', family: 'rest', baseUrl: `${origin}/deployed` });
  nodeRed = await startWithPackage({ adminTokens: ADMIN_TOKENS, flows: [endpoint] });
  const monitor = monitorNode('monitor', [[], []], { prometheus: true });
  await deploy([TAB_NODE, endpoint, { ...monitor, credentials: { scrapeToken: SCRAPE_TOKEN } }]);
});
afterAll(async () => {
  await new Promise(resolve => api?.close(resolve));
});
afterAll(() => nodeRed?.close());

async function gotten(route: string, token?: string): Promise<number | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await nodeRed?.request(route, { headers }))?.status;
}

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
  const ours = nodeRedRequire;
  const nodeRedsOwn = createRequire(ours.resolve('node-red'));
  expect(nodeRedsOwn.resolve('@node-red/editor-api')).toBe(ours.resolve('@node-red/editor-api'));
});

describe.each(['test', 'prove', 'describe'].map(path => `/record-updates/endpoint/x/${path}`))(
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

describe.each(['/record-updates/monitor', '/record-updates/monitor/endpoint'])('GET %s', route => {
  it('is open to a reader, and to nobody without that permission', async () => {
    expect(await gotten(route, 'reader')).toBe(200);
    expect(await gotten(route, 'deployer')).toBe(401);
    expect(await gotten(route)).toBe(401);
  });
});

it('queues of a store are open to a reader, and to nobody without that permission', async () => {
  const route = '/record-updates/store/none/queues';
  expect(await gotten(route, 'reader')).toBe(200);
  expect(await gotten(route, 'deployer')).toBe(401);
  expect(await gotten(route)).toBe(401);
});

describe('GET /record-updates/metrics', () => {
  const PAGE = '/record-updates/metrics';

  it('is open to a reader, and to whoever has the scrape token', async () => {
    expect(await gotten(PAGE, 'reader')).toBe(200);
    expect(await gotten(PAGE, SCRAPE_TOKEN)).toBe(200);
  });

  it('is refused to everybody else', async () => {
    expect(await gotten(PAGE)).toBe(401);
    expect(await gotten(PAGE, 'deployer')).toBe(401);
    expect(await gotten(PAGE, `${SCRAPE_TOKEN}x`)).toBe(401);
    expect(await gotten(PAGE, '')).toBe(400);
  });
});

describe.each([
  ['GET', '/record-updates/review', 'reader'],
  ['GET', '/record-updates/review/x/entries', 'reader'],
  ['GET', '/record-updates/review/x/entries/y', 'reader'],
  ['GET', '/record-updates/review/x/csv', 'reader'],
  ['GET', '/record-updates/review/x/progress', 'reader'],
  ['POST', '/record-updates/review/x/entries/y/look', 'reader'],
  ['POST', '/record-updates/review/x/entries/y/act', 'reviewer'],
  ['POST', '/record-updates/review/x/plan', 'reviewer'],
  ['POST', '/record-updates/review/x/start', 'reviewer'],
  ['POST', '/record-updates/review/x/stop', 'reviewer'],
] as const)('%s %s', (method, route, least) => {
  async function answered(token?: keyof typeof ADMIN_TOKENS): Promise<Response> {
    if (!nodeRed) throw new Error('Node-RED is not running');
    return nodeRed.request(route, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
  }

  it(`is open to a ${least} and to nobody less`, async () => {
    for (const token of [undefined, 'writer', 'deployer'] as const) {
      expect((await answered(token)).status).toBe(401);
    }
    if (least === 'reviewer') expect((await answered('reader')).status).toBe(401);
    const answer = await answered(least);
    const body = (await answer.json()) as { error?: { code: string }; lists?: unknown };
    if (route.endsWith('/review')) {
      expect(body).toEqual({ lists: [], mayReview: false, user: least });
    } else expect([answer.status, body.error?.code]).toEqual([404, 'LIST_GONE']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('case U46: who may not deploy', () => {
  interface Answer {
    readonly error?: { readonly code: string; readonly message: string };
    readonly lines?: readonly { readonly text?: string }[];
  }

  /** A test of other settings than the deployed ones. */
  async function tested(
    token: 'writer' | 'both',
    baseUrl: string,
    id = 'endpoint',
  ): Promise<Answer> {
    const config = endpointConfig({ server: 'url', family: 'rest', baseUrl });
    const response = await nodeRed?.request(`/record-updates/endpoint/${id}/test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ config, credentials: {}, collection: 'records', key: 'K' }),
    });
    return (await response?.json()) as Answer;
  }

  /** Where requests went since the last look. */
  const requested = (): string[] => asked.splice(0);

  it.each(['/typed', '${HOME}'])(
    'tests the deployed endpoint as it is, whatever he types: %s',
    async typed => {
      const { lines = [] } = await tested('writer', typed.startsWith('/') ? origin + typed : typed);
      expect(requested()).toEqual(['/deployed/records/K']);
      expect(lines.at(-1)?.text).toBe('record-endpoint.answer.as-deployed');
      expect(JSON.stringify(lines)).not.toContain(process.env.HOME ?? 'no home');
    },
  );

  it('tests nothing that is not deployed', async () => {
    const { error } = await tested('writer', `${origin}/typed`, 'new');
    expect(error?.code).toBe('NOT_DEPLOYED');
    expect(error?.message).toContain('flows.write');
    expect(requested()).toEqual([]);
  });

  it.each([
    ['writer', '/deployed/records/K'],
    ['both', '/typed/records/K'],
  ] as const)('and asked for names, a %s has the same reach', async (token, address) => {
    const config = endpointConfig({ server: 'url', family: 'rest', baseUrl: `${origin}/typed` });
    const response = await nodeRed?.request('/record-updates/endpoint/endpoint/describe', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ asked: { what: 'sample', collection: 'records', key: 'K' }, config }),
    });
    expect(requested()).toEqual([address]);
    expect(await response?.json()).toMatchObject({ form: 'sample', fields: [{ name: 'a' }] });
  });

  it('and who may, tests what he has typed', async () => {
    const { lines = [] } = await tested('both', `${origin}/typed`);
    expect(requested()).toEqual(['/typed/records/K']);
    expect(lines.map(({ text }) => text)).not.toContain('record-endpoint.answer.as-deployed');
  });
});
