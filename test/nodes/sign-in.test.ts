import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import type { NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type {
  RecordEndpointConfig,
  RecordEndpointCredentials,
} from '../../nodes/record-endpoint/config';
import { inRoot } from '../../scripts/lib/root.mjs';
import { EC, judging, pem, RSA } from '../lib/transport/signed-in';
import { Bench, json } from '../lib/transport/support';
import {
  catcher,
  endpoint,
  endpointConfig,
  inboxes,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer, type Seen } from '../support/scripted-server';

useNodeRed();
const TLS_NODE = createRequire(import.meta.url)(
  '@node-red/nodes/core/network/05-tls.js',
) as NodeInitializer;
const bench = new Bench();
afterEach(() => bench.close());

const KEY = 'gateway-77-key';

/** An API behind its token endpoint, which wants of each request what the test says. */
function startApi(
  isWelcome: (request: Seen) => boolean,
  isClient = (_request: Seen) => true,
  tls?: ServerOptions,
) {
  return startScriptedServer(request => {
    if (request.url === '/token') {
      return isClient(request)
        ? { status: 200, body: { access_token: 'token-1', expires_in: 3600 } }
        : { status: 401, body: { error: 'invalid_client' } };
    }
    if (!isWelcome(request)) return { status: 401, body: { message: 'Missing API key' } };
    const headers = { etag: '"1"' };
    return request.method === 'GET'
      ? { status: 200, headers, body: { status: 'Open' } }
      : { status: 204 };
  }, tls);
}

async function update(
  settings: Partial<RecordEndpointConfig>,
  credentials: RecordEndpointCredentials,
  beside: readonly FlowNode[] = [],
) {
  const config = { server: 'url', family: 'rest', clientId: 'client', ...settings } as const;
  const flow = await Flow.start(
    [
      endpoint(config),
      updateNode('update', [['out'], ['out']], { collection: 'orders' }),
      ...inboxes('out'),
      ...catcher(),
      ...beside,
    ],
    { endpoint: { ...credentials } },
    [TLS_NODE],
  );
  const passed = await flow.pass('update', { key: 'A1', payload: { status: 'Done' } });
  return { outcome: passed.msg.update?.outcome, error: passed.msg.update?.error, flow, passed };
}

const bearer = ({ headers }: Seen): boolean => headers.authorization === 'Bearer token-1';

describe('case 11: two credentials', () => {
  it.each<[string, Partial<RecordEndpointConfig>, RecordEndpointCredentials, RegExp]>([
    ['x-api-key', { auth: 'basic' }, { user: 'u', password: 'p' }, /^Basic /],
    ['X-API-KEY', { auth: 'bearer' }, { token: 'token-1' }, /^Bearer token-1$/],
    ['Ocp-Apim-Subscription-Key', { auth: 'oauth2' }, { clientSecret: 's' }, /^Bearer token-1$/],
    [
      'apikey',
      { auth: 'api-key', apiKeyHeader: 'authorization' },
      { apiKey: 'Token x' },
      /^Token x$/,
    ],
  ])('%s beside another sign-in', async (secretHeader, settings, credentials, sign) => {
    const { url, requests } = await startApi(
      ({ headers }) =>
        headers[secretHeader.toLowerCase()] === KEY && sign.test(headers.authorization ?? ''),
    );
    const all = { baseUrl: url, tokenUrl: `${url}/token`, secretHeader, ...settings };
    const { outcome, flow } = await update(all, { ...credentials, secretHeaderValue: KEY });
    expect(outcome).toBe('updated');
    // The key of the API is none of the token endpoint's business.
    const tokens = requests.filter(request => request.url === '/token');
    expect(JSON.stringify(tokens)).not.toContain(KEY);
    expect(inspect(flow.logs, { depth: null })).not.toContain(KEY);
  });

  it.each<[string, Partial<RecordEndpointConfig>, RegExp]>([
    [
      'of the sign-in itself',
      { auth: 'bearer', secretHeader: 'Authorization' },
      /second secret header/i,
    ],
    [
      'that frames the request',
      { auth: 'bearer', secretHeader: 'Content-Length' },
      /second secret header/i,
    ],
    ['that is no name', { auth: 'bearer', secretHeader: 'x api\r\nkey' }, /second secret header/i],
    [
      'that the headers set too',
      { auth: 'bearer', secretHeader: 'x-api-key', headers: 'X-Api-Key: 1' },
      /headers/i,
    ],
  ])('a header %s is said before anything is sent', async (_name, settings, words) => {
    const { url, requests } = await startApi(() => true);
    const { passed } = await update(
      { baseUrl: url, ...settings },
      { token: 't', secretHeaderValue: KEY },
    );
    expect(inspect(passed, { depth: 6 })).not.toContain(KEY);
    expect(inspect(passed, { depth: 6 })).toMatch(words);
    expect(requests).toHaveLength(0);
  });

  it('lost on import, it is named', async () => {
    const { url, requests } = await startApi(() => true);
    const settings = { baseUrl: url, auth: 'bearer', secretHeader: 'x-api-key' } as const;
    const { passed } = await update(settings, { token: 't' });
    expect(inspect(passed, { depth: 6 })).toMatch(/secret header is empty.*not part of exported/);
    expect(requests).toHaveLength(0);
  });
});

describe('case 10b: how the client signs in', () => {
  const basicOnly = ({ headers }: Seen): boolean =>
    Buffer.from((headers.authorization ?? '').slice(6), 'base64').toString() ===
    'client:s3cret%2B1';
  const formOnly = ({ body }: Seen): boolean =>
    new URLSearchParams(body).get('client_secret') === 's3cret+1';
  const plain = ({ headers }: Seen): boolean =>
    Buffer.from((headers.authorization ?? '').slice(6), 'base64').toString() === 'client:s3cret+1';

  it.each([
    ['basic', basicOnly],
    ['basic-plain', plain],
    ['body', formOnly],
  ] as const)('%s, where the server takes no other', async (clientAuth, isClient) => {
    const { url } = await startApi(bearer, isClient);
    const settings = { baseUrl: url, auth: 'oauth2', tokenUrl: `${url}/token` } as const;
    const right = await update({ ...settings, clientAuth }, { clientSecret: 's3cret+1' });
    expect(right.outcome).toBe('updated');
  });

  it('an endpoint of an earlier version goes on to sign in in the form', async () => {
    const { url } = await startApi(bearer, formOnly);
    const settings: object = {
      baseUrl: url,
      auth: 'oauth2',
      tokenUrl: `${url}/token`,
      clientAuth: undefined,
      configVersion: undefined,
    };
    expect((await update(settings, { clientSecret: 's3cret+1' })).outcome).toBe('updated');
  });

  it('a refusal names the choice, and nothing secret', async () => {
    const { url } = await startApi(bearer, basicOnly);
    const settings = {
      baseUrl: url,
      auth: 'oauth2',
      tokenUrl: `${url}/token`,
      clientAuth: 'body',
    } as const;
    const { outcome, error } = await update(settings, { clientSecret: 's3cret+1' });
    expect([outcome, error?.code]).toEqual(['denied', 'TOKEN_REFUSED']);
    expect(error?.message).toMatch(/invalid_client.*how the client signs in/);
    expect(error?.message).not.toContain('s3cret');
  });
});

describe('a client that signs', () => {
  async function startSigned(publicKey = RSA.publicKey) {
    const tokens = await bench.serve(judging({ publicKey }));
    const api = await bench.serve(({ method, headers }, response) => {
      if (!/^Bearer token-\d$/.test(headers.authorization ?? '')) json(response, 401, {});
      else json(response, 200, { status: method === 'GET' ? 'Open' : 'Done' }, { etag: '"1"' });
    });
    const settings = {
      auth: 'oauth2',
      clientAuth: 'assertion',
      baseUrl: api.url,
      tokenUrl: `${tokens.url}/token`,
    } as const;
    return { tokens, api, settings };
  }

  it.each([
    ['RS256', RSA, (text: string) => text.replaceAll('\n', '\r\n')],
    ['PS256', RSA, (text: string) => text.replaceAll('\n', '\\n')],
    ['ES256', EC, (text: string) => text],
  ] as const)('%s: updates a record', async (assertionAlgorithm, pair, spelt) => {
    const { settings } = await startSigned(pair.publicKey);
    const privateKey = spelt(pem(pair.privateKey));
    const { outcome } = await update({ ...settings, assertionAlgorithm }, { privateKey });
    expect(outcome).toBe('updated');
  });

  it('takes key and passphrase from environment variables', async () => {
    const { settings } = await startSigned();
    const passphrase = 'open-5e5a-me';
    const key = RSA.privateKey.export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase,
    });
    vi.stubEnv('SIGN_IN_KEY', String(key));
    vi.stubEnv('SIGN_IN_PASS', passphrase);
    vi.stubEnv('SIGN_IN_ALG', 'PS256');
    const { outcome } = await update(
      { ...settings, assertionAlgorithm: '${SIGN_IN_ALG}' as 'PS256' },
      { privateKey: '${SIGN_IN_KEY}', passphrase: '${SIGN_IN_PASS}' },
    );
    vi.unstubAllEnvs();
    expect(outcome).toBe('updated');
  });

  it.each<[string, RecordEndpointCredentials, RegExp]>([
    ['that was lost on import', {}, /Private key is empty/],
    [
      'whose variable is not set',
      { privateKey: '${NO_SUCH_KEY}' },
      /variable \$\{NO_SUCH_KEY\}, which is not set/,
    ],
    ['that is none', { privateKey: 'hello' }, /private key is no PEM text/],
    ['of another kind', { privateKey: pem(EC.privateKey) }, /RS256 takes an RSA key/],
  ])('tells a key %s at the field, before any request', async (_name, credentials, words) => {
    const { settings, tokens, api } = await startSigned();
    const { passed } = await update(settings, credentials);
    expect(inspect(passed, { depth: 6 })).toMatch(words);
    const config = endpointConfig({
      server: 'url',
      family: 'rest',
      clientId: 'client',
      ...settings,
    });
    const answer = await helper
      .request()
      .post('/record-updates/endpoint/endpoint/test')
      .send({ config, credentials, collection: 'orders', key: 'A1' });
    expect(answer.text.replaceAll('\\', '')).toMatch(words);
    expect([...tokens.seen, ...api.seen]).toEqual([]);
  });

  it.each<[string, Partial<RecordEndpointConfig>]>([
    ['another audience', { assertionAudience: 'https://evil.example' }],
    ['another client', { clientId: 'somebody' }],
    ['another token URL', { tokenUrl: 'http://127.0.0.1:9/token' }],
  ])('signs nothing with a stored key for %s', async (_name, other) => {
    const { settings, tokens } = await startSigned();
    const { outcome } = await update(settings, { privateKey: pem(RSA.privateKey) });
    expect(outcome).toBe('updated');
    const before = tokens.seen.length;
    const config = endpointConfig({
      server: 'url',
      family: 'rest',
      clientId: 'client',
      ...settings,
      ...other,
    });
    const answer = await helper
      .request()
      .post('/record-updates/endpoint/endpoint/test')
      .send({ config, credentials: {}, collection: 'orders', key: 'A1' });
    expect(answer.body).toMatchObject({ error: { code: 'SECRET_NEEDED' } });
    expect(tokens.seen).toHaveLength(before);
  });
});

describe('further fields of the token request', () => {
  it('go along', async () => {
    const { url, requests } = await startApi(bearer);
    const tokenFields = 'audience = https://a.example/?x=1\nresource=r1\nresource=r2\n';
    const settings = {
      baseUrl: url,
      auth: 'oauth2',
      tokenUrl: `${url}/token`,
      tokenFields,
    } as const;
    expect((await update(settings, { clientSecret: 's' })).outcome).toBe('updated');
    const form = [...new URLSearchParams(requests[0]?.body)];
    expect(form.slice(1)).toEqual([
      ['audience', 'https://a.example/?x=1'],
      ['resource', 'r1'],
      ['resource', 'r2'],
    ]);
  });

  it.each([
    'client_secret=x',
    'grant_type=password',
    'scope=a',
    'tenant=a\ntenant=b',
    'no equals',
    '=x',
  ])('that would change what is asked for are refused: %j', async tokenFields => {
    const { url, requests } = await startApi(bearer);
    const settings = {
      baseUrl: url,
      auth: 'oauth2',
      tokenUrl: `${url}/token`,
      tokenFields,
    } as const;
    const { passed } = await update(settings, { clientSecret: 's' });
    expect(inspect(passed, { depth: 6 })).toMatch(/Further form fields/);
    expect(requests).toHaveLength(0);
  });
});

describe('a client certificate', () => {
  const pathOf = (name: string): string => inRoot(`test/support/tls/${name}.pem`);
  const [key, cert] = ['key', 'cert'].map(name => readFileSync(pathOf(name)));
  /** Nobody without a certificate gets as far as a request. */
  const MUTUAL = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: true };
  const tlsNode = (files: object): FlowNode => ({
    id: 'tls',
    type: 'tls-config',
    ...{ certType: 'files', cert: '', key: '', ca: pathOf('cert'), verifyservercert: true },
    ...files,
  });
  const OWN = { cert: pathOf('cert'), key: pathOf('key') };

  async function at(settings: Partial<RecordEndpointConfig>, files: object) {
    const { url, requests } = await startApi(bearer, undefined, MUTUAL);
    const all = { baseUrl: url, tokenUrl: `${url}/token`, tls: 'tls', ...FEW, ...settings };
    const secrets = { clientSecret: 's', token: 'token-1' };
    return { requests, ...(await update(all, secrets, [tlsNode(files)])) };
  }
  const FEW = { transientRetries: 0, retries: 0, deadline: 5 };

  it('goes to the token endpoint and to the API', async () => {
    const { outcome, requests } = await at({ auth: 'oauth2' }, OWN);
    expect(outcome).toBe('updated');
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /token',
      'GET /orders/A1',
      'PATCH /orders/A1',
    ]);
  });

  it.each(['oauth2', 'bearer'] as const)(
    'is missed by whoever wants one, before any request: %s',
    async auth => {
      const { outcome, requests } = await at({ auth }, {});
      expect(outcome).toBe('unavailable');
      expect(requests).toHaveLength(0);
    },
  );

  it('of a server that is not trusted, nothing is sent either', async () => {
    const { outcome, requests } = await at({ auth: 'oauth2' }, { ...OWN, ca: '' });
    expect(outcome).not.toBe('updated');
    expect(requests).toHaveLength(0);
  });
});

describe('case 9b: body and header name different ETags', () => {
  const ROWS = [
    ['"h1"', 'W/"b1"'],
    ['W/"7"', '"7"'],
    ['"1682532272"', 'W/"DB3B"'],
  ] as const;

  async function at(etag: string, inBody: string, etagFrom: 'body' | 'header') {
    const { url } = await startScriptedServer(({ method, headers }) => {
      if (method !== 'GET') return { status: headers['if-match'] === etag ? 204 : 412 };
      return { status: 200, headers: { etag }, body: { '@odata.etag': inBody, status: 'Open' } };
    });
    return update({ baseUrl: url, family: 'odata', etagFrom }, {});
  }

  it.each(ROWS)('the header is taken where the endpoint says so: %s, not %s', async (...row) => {
    expect((await at(...row, 'header')).outcome).toBe('updated');
  });

  it.each(ROWS)('and where it does not, the error tells how: %s, not %s', async (...row) => {
    const { outcome, error } = await at(...row, 'body');
    expect([outcome, error?.code]).toEqual(['unsupported', 'VERSION_NOT_PROGRESSING']);
    expect(error?.message).toContain('set ETag from to the header');
  });
});
