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
  ['oauth2', { clientSecret: SECRET }],
])(
  'trap 15: an API that repeats the credentials in its error puts them nowhere: %s',
  async (auth, credentials) => {
    const { url } = await startScriptedServer(({ url: path, headers }) => {
      if (path === '/token') return { status: 200, body: { access_token: ACCESS_TOKEN } };
      const given = headers.authorization ?? String(headers['x-api-key']);
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
