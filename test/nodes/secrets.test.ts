import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import helper from 'node-red-node-test-helper';
import { describe, expect, it } from 'vitest';
import type {
  RecordEndpointConfig,
  RecordEndpointCredentials,
} from '../../nodes/record-endpoint/config';
import {
  catcher,
  endpoint,
  endpointConfig,
  fetchNode,
  inboxes,
  updateNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer, type Script, type ScriptedServer } from '../support/scripted-server';

useNodeRed();

const PASSWORD = 'pass-7f3a-word';
const TOKEN = 'bearer-91bc-token';
const API_KEY = 'key-44de-value';
const CLIENT_SECRET = 'client-c0de-secret';
const ACCESS_TOKEN = 'access-5ace-token';
const COOKIE = 'session-c00c-cookie';
const BASIC = Buffer.from(`user:${PASSWORD}`).toString('base64');
const CSRF_TOKEN = 'csrf-70ce-token';
const CLIENT_BASIC = Buffer.from(`client:${CLIENT_SECRET}`).toString('base64');
const SECOND = 'second-2b0c-header';
const SECRETS = [
  ...[PASSWORD, TOKEN, API_KEY, CLIENT_SECRET],
  ...[ACCESS_TOKEN, COOKIE, BASIC, CSRF_TOKEN, CLIENT_BASIC, SECOND],
];

const CREDENTIALS: Record<
  Exclude<RecordEndpointConfig['auth'], 'none'>,
  RecordEndpointCredentials
> = {
  basic: { user: 'user', password: PASSWORD },
  bearer: { token: TOKEN },
  'api-key': { apiKey: API_KEY },
  'api-key-query': { apiKey: API_KEY },
  oauth2: { clientSecret: CLIENT_SECRET },
};
const SIGN_INS = Object.keys(CREDENTIALS) as (keyof typeof CREDENTIALS)[];

/** A server that hands out tokens and sessions and otherwise does what the test says. */
function startServer(script: Script): Promise<ScriptedServer> {
  return startScriptedServer((request, index) => {
    if (request.url === '/token') {
      return { status: 200, body: { access_token: ACCESS_TOKEN, expires_in: 3600 } };
    }
    if (request.headers['x-csrf-token'] !== 'Fetch') return script(request, index);
    const headers = { 'x-csrf-token': CSRF_TOKEN, 'set-cookie': `sid=${COOKIE}; Path=/` };
    return { status: 200, headers, body: {} };
  });
}

async function startTlsServer(): Promise<string> {
  const part = (name: string): Buffer =>
    readFileSync(new URL(`../support/tls/${name}.pem`, import.meta.url));
  const tls = { key: part('key'), cert: part('cert') };
  return (await startScriptedServer(() => ({ status: 200 }), tls)).url;
}

/** Reads, writes, tests the connection, stops; everything that anybody could get to see of it. */
async function everythingSeen(auth: keyof typeof CREDENTIALS, url: string): Promise<string> {
  const settings = {
    server: 'url',
    family: 'rest',
    baseUrl: url,
    auth,
    tokenUrl: `${url}/token`,
    clientId: 'client',
    secretHeader: 'Ocp-Apim-Subscription-Key',
    base: 0.01,
    cap: 0.01,
    transientRetries: 1,
    deadline: 1,
    maxWait: 0.1,
    timeout: 2,
    csrf: true,
    versionLog: true,
    idempotencyHeader: 'Idempotency-Key',
  } as const;
  const place = { collection: 'orders' };
  const flow = await Flow.start(
    [
      endpoint(settings),
      fetchNode('fetch', [['out'], ['out']], place),
      updateNode('update', [['out'], ['out']], place),
      ...inboxes('out'),
      ...catcher(),
    ],
    { endpoint: { ...CREDENTIALS[auth], secretHeaderValue: SECOND } },
  );
  const record = {
    key: 'A1',
    url: `${url}/orders/A1`,
    version: '"1"',
    values: { a: 1 },
    readAt: '',
  };
  const results = [
    await flow.pass('fetch', { key: 'A1', payload: { a: 2 } }),
    await flow.pass('update', { key: 'A1', payload: { a: 2 }, record }),
    await flow.pass('fetch', { key: '..', payload: { a: 2 } }),
  ];
  const probe = { config: endpointConfig(settings), collection: 'orders', key: 'A1', field: 'a' };
  const answers = [];
  for (const path of ['test', 'prove']) {
    const answer = await helper
      .request()
      .post(`/record-updates/endpoint/endpoint/${path}`)
      .send({ ...probe, credentials: {} });
    answers.push(answer.text, answer.headers);
  }
  await flow.stop();
  const { completions, statuses, logs } = flow;
  const all = { results, answers, completions, statuses, logs };
  return inspect(all, {
    depth: Infinity,
    showHidden: true,
    maxArrayLength: null,
    maxStringLength: null,
  });
}

function expectNoSecret(seen: string): void {
  for (const secret of SECRETS) expect(seen.includes(secret), secret).toBe(false);
}

/** What a sign-in shows to the API. */
const sentBy: Record<keyof typeof CREDENTIALS, readonly string[]> = {
  basic: [BASIC],
  bearer: [TOKEN],
  'api-key': [API_KEY],
  'api-key-query': [API_KEY],
  oauth2: [CLIENT_BASIC, ACCESS_TOKEN],
};

/** Somebody else has changed the record each time it is to be written. */
function conflicting(): Script {
  let version = 1;
  return ({ method }) => {
    if (method !== 'GET') version += 1;
    const headers = { etag: `"${String(version)}"` };
    return { status: method === 'GET' ? 200 : 412, headers, body: { a: version } };
  };
}

const FAILURES: Record<string, Script> = {
  'answers 401': () => ({ status: 401, headers: { 'set-cookie': `sid=${COOKIE}` }, body: {} }),
  'answers 403': () => ({ status: 403, body: { error: { code: 'no', message: 'Not allowed' } } }),
  redirects: () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/login' } }),
  'redirects with all that it was sent': ({ url }) => ({ status: 302, headers: { location: url } }),
  'breaks the connection': () => 'reset',
  'answers half': () => ({ status: 200, body: '{"a": 1', truncated: true }),
  'answers with a web page': () => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html></html>',
  }),
  'answers 500': () => ({ status: 500, body: 'boom' }),
  throttles: () => ({ status: 429, headers: { 'retry-after': '60' } }),
  'repeats all that it was sent': ({ url, headers }) => ({
    status: 400,
    body: { error: { code: 'no', message: JSON.stringify({ url, headers }) } },
  }),
  'says in a 200 that it failed, and repeats all that it was sent': ({ method, url, headers }) => ({
    status: 200,
    headers: { etag: '"1"' },
    body:
      method === 'GET' ? { a: 1 } : { success: false, message: JSON.stringify({ url, headers }) },
  }),
  'asks for a new CSRF token again and again': () => ({
    status: 403,
    headers: { 'x-csrf-token': 'Required', 'set-cookie': `sid=${COOKIE}; Path=/` },
    body: 'CSRF token validation failed',
  }),
};

describe.each(SIGN_INS)('trap 15: no secret of sign-in %s is seen when the server', auth => {
  it.each(Object.keys(FAILURES))('%s', async name => {
    const script = FAILURES[name];
    if (script === undefined) throw new Error(name);
    const { url } = await startServer(script);
    const seen = await everythingSeen(auth, url);
    expect(seen).toContain("outcome: '");
    expectNoSecret(seen);
  });

  it('works, and every attempt is logged', async () => {
    const server = await startServer(conflicting());
    const seen = await everythingSeen(auth, server.url);
    expect(seen).toContain('level: 50'); // debug
    expect(seen).toContain('versionSent');
    expectNoSecret(seen);
    // What must not be seen was really there: the API itself did see it.
    const sent = JSON.stringify(server.requests);
    for (const secret of [...sentBy[auth], SECOND, CSRF_TOKEN, COOKIE])
      expect(sent).toContain(secret);
  });

  it('has a certificate nobody vouches for', async () => {
    const seen = await everythingSeen(auth, await startTlsServer());
    expect(seen).toContain("outcome: '");
    expectNoSecret(seen);
  });

  it('is not there', async () => {
    expectNoSecret(await everythingSeen(auth, 'http://127.0.0.1:1'));
  });
});

it('trap 15: no secret is seen when the token endpoint refuses and repeats it', async () => {
  const { url } = await startScriptedServer(({ body }) => ({
    status: 401,
    body: { error: 'invalid_client', error_description: body },
  }));
  const seen = await everythingSeen('oauth2', url);
  expect(seen).toContain('TOKEN_REFUSED');
  expectNoSecret(seen);
});

it('trap 15: the deployed flow shows no secret in its nodes', async () => {
  await Flow.start([endpoint({ auth: 'basic', server: 'url', baseUrl: 'http://127.0.0.1:1' })], {
    endpoint: { ...CREDENTIALS.basic },
  });
  const { config } = helper.getNode('endpoint') as unknown as { config: object };
  expectNoSecret(inspect(config, { depth: Infinity }));
});
