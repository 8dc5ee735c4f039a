import helper from 'node-red-node-test-helper';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import type {
  RecordEndpointConfig,
  RecordEndpointCredentials,
} from '../../nodes/record-endpoint/config';
import { endpoint, endpointConfig, fetchNode, inboxes, updateNode } from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer } from '../support/scripted-server';

useNodeRed();

const SECRET = 'repeated-5ec-ret';
const ACCESS_TOKEN = 'repeated-acc-e55';
const BASIC = Buffer.from(`user:${SECRET}`).toString('base64');

it.each<[RecordEndpointConfig['auth'], RecordEndpointCredentials]>([
  ['basic', { user: 'user', password: SECRET }],
  ['bearer', { token: SECRET }],
  ['api-key', { apiKey: SECRET }],
  ['api-key-query', { apiKey: SECRET }],
  ['oauth2', { clientSecret: SECRET }],
])(
  'trap 15: an API that repeats the credentials in its error puts them nowhere: %s',
  async (auth, credentials) => {
    const { url } = await startScriptedServer(({ url: path, headers }) => {
      if (path === '/token') return { status: 200, body: { access_token: ACCESS_TOKEN } };
      const given = headers.authorization ?? headers['x-api-key']?.toString() ?? path;
      return { status: 401, body: { error: { code: '401', message: `Not valid: ${given}` } } };
    });
    const settings = {
      server: 'url',
      family: 'rest',
      baseUrl: url,
      auth,
      tokenUrl: `${url}/token`,
      clientId: 'client',
    } as const;
    const place = { collection: 'orders' };
    const flow = await Flow.start(
      [
        endpoint(settings),
        fetchNode('fetch', [['out'], ['out']], place),
        updateNode('update', [['out'], ['out']], place),
        ...inboxes('out'),
      ],
      { endpoint: { ...credentials } },
    );
    const key = 'A1';
    const record = { key, url: `${url}/orders/A1`, version: '"1"', values: { a: 1 }, readAt: '' };
    const read = await flow.pass('fetch', { key });
    const written = await flow.pass('update', { key, payload: { a: 2 }, record });
    const probe = { config: endpointConfig(settings), credentials: {}, collection: 'orders', key };
    const answer = await helper
      .request()
      .post('/record-updates/endpoint/endpoint/test')
      .send(probe);
    const seen = inspect([read, written, answer.text, flow.logs], { depth: Infinity });
    expect([read, written].map(({ msg }) => msg.update?.outcome)).toEqual(['denied', 'denied']);
    expect(seen).toContain('Not valid: ');
    for (const secret of [SECRET, ACCESS_TOKEN, BASIC]) expect(seen).not.toContain(secret);
  },
);

it('case U31: a key in the query goes with every request, and links that repeat it lose it', async () => {
  const stored: Record<string, unknown> = { a: 1, note: SECRET };
  const { url, requests } = await startScriptedServer(({ url: path, method, body }) => {
    if (method === 'PUT') Object.assign(stored, JSON.parse(body));
    const self = `http://api.example${path}&more=1`;
    const headers = { etag: `"${String(stored.a)}"`, 'content-location': self };
    return {
      status: 200,
      headers,
      body: { self: self.replace('5ec', '%35ec'), ...stored, link: self },
    };
  });
  const settings = { server: 'url', family: 'rest', baseUrl: url, auth: 'api-key-query' } as const;
  const flow = await Flow.start(
    [
      endpoint({ ...settings, apiKeyParameter: 'code', query: 'v=2' }),
      updateNode('update', [['out'], ['out']], { collection: 'orders', method: 'PUT' }),
      fetchNode('fetch', [['out'], ['out']], { collection: 'orders' }),
      ...inboxes('out'),
    ],
    { endpoint: { apiKey: SECRET } },
  );
  const written = await flow.pass('update', { key: 'A1', payload: { a: 2 } });
  const read = await flow.pass('fetch', { key: 'A1' });
  expect(written.msg.update?.outcome).toBe('updated');
  expect(requests.map(({ url: path }) => path)).toEqual(
    requests.map(() => `/orders/A1?v=2&code=${SECRET}`),
  );
  // What the record holds is its own affair, a link that came from our request is not.
  const { values } = read.msg.record ?? {};
  expect(values).toMatchObject({
    link: 'http://api.example/orders/A1?v=2&code=•••&more=1',
    note: SECRET,
  });
  const seen = inspect([written, flow.logs], { depth: Infinity });
  expect(seen).not.toContain(`code=${SECRET}`);
  // A PUT sends back what came.
  const put = requests.find(({ method }) => method === 'PUT')?.body ?? '{}';
  expect(JSON.parse(put)).toMatchObject({
    link: expect.stringContaining(`code=${SECRET}`) as string,
  });
});
