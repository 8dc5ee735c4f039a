import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createTokenSources } from '../../../lib/transport/auth/token-sources';
import { createTransport } from '../../../lib/transport/client';
import type { ClientAssertion, OAuth2Settings } from '../../../lib/transport/auth/settings';
import { systemTime, type Time } from '../../../lib/retry/time';
import { EC, judging, pem, RSA, type Jwt } from './signed-in';
import {
  asAnswer,
  asFault,
  Bench,
  get,
  json,
  options,
  patch,
  settings,
  type Handle,
} from './support';

const bench = new Bench();
afterEach(() => bench.close());

const KEY = pem(RSA.privateKey);
const CLIENT: ClientAssertion = { by: 'assertion', algorithm: 'RS256', key: KEY, lifetimeS: 180 };

interface Wanted {
  readonly client?: Partial<ClientAssertion>;
  readonly more?: Partial<OAuth2Settings>;
  readonly time?: Time;
}

/** An API that accepts the tokens in `valid`, behind a token endpoint that answers so. */
async function signedIn(
  handle: Handle,
  { client = {}, more = {}, time = systemTime }: Wanted = {},
) {
  const tokens = await bench.serve(handle);
  const valid = new Set(['token-1', 'token-2']);
  const api = await bench.serve(({ headers }, response: ServerResponse) =>
    json(response, valid.has((headers.authorization ?? '').slice(7)) ? 200 : 401, {}),
  );
  const tokenUrl = `${tokens.url}/token`;
  const auth = {
    kind: 'oauth2',
    tokenUrl,
    clientId: 'client',
    client: { ...CLIENT, ...client },
    ...more,
  } as const;
  const transport = bench.transport(api.url, { auth, time });
  const read = () => transport.read(get(`${api.url}/a`), options());
  const write = () => transport.write(patch(`${api.url}/a`), options());
  return { tokens, tokenUrl, api, valid, auth, read, write };
}

const formOf = (body = ''): Record<string, string> => Object.fromEntries(new URLSearchParams(body));

describe('a client that signs (private_key_jwt)', () => {
  it.each([
    ['RS256', KEY, RSA.publicKey],
    ['PS256', KEY, RSA.publicKey],
    ['RS256', pem(RSA.privateKey, 'pkcs1'), RSA.publicKey],
    ['ES256', pem(EC.privateKey), EC.publicKey],
    ['ES256', pem(EC.privateKey, 'sec1'), EC.publicKey],
  ] as const)('is believed by a server that verifies: %s', async (algorithm, key, publicKey) => {
    const seen: Jwt[] = [];
    const { read, tokens, tokenUrl } = await signedIn(judging({ publicKey }, seen), {
      client: { algorithm, key, keyId: 'k-1' },
      more: { scope: 'a/.default' },
    });
    const before = Math.floor(Date.now() / 1000);
    expect(asAnswer(await read()).status).toBe(200);
    const [jwt] = seen;
    expect(jwt?.header).toEqual({ alg: algorithm, typ: 'JWT', kid: 'k-1' });
    expect(jwt?.claims).toMatchObject({ iss: 'client', sub: 'client', aud: tokenUrl });
    expect(Number(jwt?.claims.exp) - before).toBeGreaterThanOrEqual(180);
    expect(Number(jwt?.claims.exp) - before).toBeLessThan(190);
    expect(formOf(tokens.seen[0]?.body)).toEqual({
      client_assertion: expect.any(String) as string,
      grant_type: 'client_credentials',
      client_id: 'client',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      scope: 'a/.default',
    });
    expect(tokens.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('case 10b: names its certificate by thumbprint, as Entra ID wants it', async () => {
    const part = (name: string): string =>
      readFileSync(new URL(`../../support/tls/${name}.pem`, import.meta.url), 'utf8');
    const certificate = new X509Certificate(part('cert'));
    const isRsa = certificate.publicKey.asymmetricKeyType === 'rsa';
    const der = createHash('sha256').update(certificate.raw).digest('base64url');
    const seen: Jwt[] = [];
    const { read } = await signedIn(judging({ publicKey: certificate.publicKey }, seen), {
      client: { algorithm: isRsa ? 'PS256' : 'ES256', key: part('cert') + part('key') },
    });
    await read();
    expect(seen[0]?.header).toEqual({ alg: expect.any(String), typ: 'JWT', 'x5t#S256': der });
    const wrongPair = { ...CLIENT, key: KEY + part('cert') };
    expect(() => make(wrongPair)).toThrow(/does not belong to the certificate/);
  });

  it('makes a new one for each request, a repeat after a 503 too', async () => {
    const judge = judging({ publicKey: RSA.publicKey });
    const { read, tokens } = await signedIn((seen, response, count) => {
      // A server that saw the id before it failed would refuse the same one.
      if (count > 1) judge(seen, response, count);
      else json(response, 503, {});
    });
    expect(asAnswer(await read()).status).toBe(200);
    const [first, second] = tokens.seen.map(({ body }) => formOf(body).client_assertion);
    expect(first).not.toBe(second);
  });

  it('renews once after a 401, and gives the second one back', async () => {
    const { read, valid, tokens, write } = await signedIn(judging({ publicKey: RSA.publicKey }));
    await read();
    valid.delete('token-1');
    expect(asAnswer(await write()).status).toBe(200);
    valid.clear();
    expect(asAnswer(await write()).status).toBe(401);
    expect(tokens.seen).toHaveLength(3);
  });

  it('says so when the clock of this machine is wrong', async () => {
    for (const [offset, side] of [
      [-600_000, 'behind'],
      [600_000, 'ahead of'],
    ] as const) {
      const time = { ...systemTime, now: () => Date.now() + offset };
      const { read, api } = await signedIn(judging({ publicKey: RSA.publicKey }), { time });
      const fault = asFault(await read());
      expect(fault).toMatchObject({ code: 'TOKEN_REFUSED', sent: 'no' });
      expect(fault.message).toContain('invalid_grant');
      expect(fault.message).toMatch(new RegExp(`clock of this machine is (?:599|60\\d) s ${side}`));
      expect(api.seen).toHaveLength(0);
    }
  });

  it.each([20_000, -20_000])('is believed where the clocks differ by %i ms', async offset => {
    const time = { ...systemTime, now: () => Date.now() + offset };
    const { read } = await signedIn(judging({ publicKey: RSA.publicKey }), { time });
    expect(asAnswer(await read()).status).toBe(200);
  });

  it('speaks to another audience where one is named', async () => {
    const rules = { publicKey: RSA.publicKey, audience: 'https://issuer.example' };
    const { read } = await signedIn(judging(rules), {
      client: { audience: 'https://issuer.example' },
    });
    expect(asAnswer(await read()).status).toBe(200);
  });
});

describe('a signed grant (JWT bearer)', () => {
  it('asks as Salesforce wants it: for a user, to an audience that is not the token URL', async () => {
    const audience = 'https://login.salesforce.com';
    const seen: Jwt[] = [];
    const rules = { publicKey: RSA.publicKey, audience, field: 'assertion' } as const;
    const { read, tokens } = await signedIn(judging(rules, seen), {
      client: { by: 'grant', audience, subject: 'sync@example.com' },
    });
    expect(asAnswer(await read()).status).toBe(200);
    expect(seen[0]?.claims).toMatchObject({ iss: 'client', sub: 'sync@example.com' });
    expect(Object.keys(formOf(tokens.seen[0]?.body))).toEqual(['grant_type', 'assertion']);
    expect(formOf(tokens.seen[0]?.body).grant_type).toBe(
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    );
  });

  it('asks as Google wants it: the scope in the claims, and no subject', async () => {
    const seen: Jwt[] = [];
    const rules = { publicKey: RSA.publicKey, field: 'assertion' } as const;
    const { read } = await signedIn(judging(rules, seen), {
      client: { by: 'grant' },
      more: { scope: 'https://www.googleapis.com/auth/spreadsheets' },
    });
    expect(asAnswer(await read()).status).toBe(200);
    expect(seen[0]?.claims.scope).toBe('https://www.googleapis.com/auth/spreadsheets');
    expect(seen[0]?.claims).not.toHaveProperty('sub');
  });
});

function make(client: ClientAssertion) {
  const auth = { kind: 'oauth2', tokenUrl: 'https://x/t', clientId: 'c', client } as const;
  return createTransport(settings('http://127.0.0.1', { auth }));
}

describe('a private key', () => {
  const encrypted = RSA.privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'open-5e5a-me',
  }) as string;
  const legacy = RSA.privateKey.export({
    format: 'pem',
    type: 'pkcs1',
    cipher: 'aes-256-cbc',
    passphrase: 'open-5e5a-me',
  }) as string;
  const [head = '', ...rest] = KEY.trim().split('\n');
  const tail = rest.pop() ?? '';

  it.each<[string, string]>([
    ['with CRLF', KEY.replaceAll('\n', '\r\n')],
    ['with CR', KEY.replaceAll('\n', '\r')],
    ['in one line, as an input field leaves it', KEY.replaceAll('\n', '')],
    ['with blanks for its ends of lines', KEY.replaceAll('\n', ' ')],
    ['with \\n in words, as a JSON file of Google has it', JSON.stringify({ private_key: KEY })],
    ['escaped twice', JSON.stringify(JSON.stringify({ private_key: KEY }))],
    ['indented, behind a mark of byte order', `\uFEFF${KEY.replaceAll(/^/gm, '    ')}`],
    ['in lines of 76', `${head}\n${rest.join('').replace(/(.{76})/g, '$1\n')}\n${tail}`],
    ['with words around it', `Bag Attributes\n  friendlyName: x\n${KEY}\nbye`],
    ['as Base64', Buffer.from(KEY).toString('base64')],
    [
      'as Base64 in lines',
      Buffer.from(KEY)
        .toString('base64')
        .replace(/(.{76})/g, '$1\n'),
    ],
  ])('is read %s', (_name, key) => {
    expect(() => make({ ...CLIENT, key })).not.toThrow();
  });

  it.each([
    ['PKCS 8', encrypted],
    ['the old way', legacy],
    ['the old way, with CRLF', legacy.replaceAll('\n', '\r\n')],
  ])('is read encrypted in %s, with its passphrase only', (_name, key) => {
    expect(() => make({ ...CLIENT, key, passphrase: 'open-5e5a-me' })).not.toThrow();
    expect(() => make({ ...CLIENT, key })).toThrow(/is encrypted/);
    expect(() => make({ ...CLIENT, key, passphrase: 'wrong' })).toThrow(/passphrase is wrong/);
  });

  const short = pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
  const p384 = pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey);
  const edwards = pem(generateKeyPairSync('ed25519').privateKey);
  const publicPem = RSA.publicKey.export({ format: 'pem', type: 'spki' }) as string;

  it.each<[string, Partial<ClientAssertion>, RegExp]>([
    ['nothing', { key: '' }, /no PEM text/],
    ['words', { key: 'my key' }, /no PEM text/],
    ['a variable that is not set', { key: '${SIGNING_KEY}' }, /no PEM text/],
    ['a name of a file', { key: '/data/key.pem' }, /no PEM text/],
    ['a public key', { key: publicPem }, /only a public key/],
    ['half of a key', { key: KEY.slice(0, 900) }, /no PEM text/],
    ['a damaged key', { key: KEY.replace(/^MII.{8}/m, 'MII########') }, /damaged/],
    ['a key with a hole', { key: `${head}\n${rest.slice(3).join('\n')}\n${tail}` }, /damaged/],
    ['two keys', { key: KEY + pem(EC.privateKey) }, /several keys/],
    ['a key of SSH', { key: KEY.replaceAll('PRIVATE', 'OPENSSH PRIVATE') }, /OpenSSH/],
    [
      'a certificate of nonsense',
      { key: `${KEY}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----` },
      /certificate beside it/,
    ],
    ['1024 bits', { key: short }, /too short/],
    ['RSA for ES256', { algorithm: 'ES256' }, /ES256 takes a key of the curve P-256/],
    ['EC for RS256', { key: pem(EC.privateKey) }, /RS256 takes an RSA key/],
    ['another curve', { key: p384, algorithm: 'ES256' }, /P-256/],
    ['an Edwards curve', { key: edwards, algorithm: 'PS256' }, /RSA key/],
  ])('is told before any request, and not shown: %s', (_name, client, words) => {
    const wrong = { ...CLIENT, ...client };
    expect(() => make(wrong)).toThrow(words);
    expect(() => make(wrong)).toThrow(expect.objectContaining({ code: 'AUTH_INVALID' }));
    expect(() => make(wrong)).toThrow(/^The private key /);
    const secret = wrong.key.split('\n')[3] ?? '';
    if (secret.length > 20) expect(() => make(wrong)).not.toThrow(secret);
  });

  it('stands in nothing that prints the transport', () => {
    const transport = make({ ...CLIENT, key: encrypted, passphrase: 'open-5e5a-me' });
    const printed = inspect(transport, { depth: null, showHidden: true });
    for (const secret of ['open-5e5a-me', rest[2] ?? '?']) expect(printed).not.toContain(secret);
  });
});

describe('endpoints with one credential', () => {
  const auth = (tokenUrl: string, more: Partial<OAuth2Settings> = {}): OAuth2Settings => ({
    kind: 'oauth2',
    tokenUrl,
    clientId: 'client',
    client: { by: 'basic', secret: 's3cret' },
    ...more,
  });

  async function shared(handle: Handle, more: readonly Partial<OAuth2Settings>[] = [{}, {}]) {
    const tokens = await bench.serve(handle);
    const api = await bench.serve((_seen, response) => json(response, 200, {}));
    const sources = createTokenSources();
    const transports = more.map(one => {
      const given = settings(api.url, { auth: auth(`${tokens.url}/token`, one) });
      const transport = createTransport(given, sources);
      let closing: Promise<void> | undefined;
      const close = () => (closing ??= transport.close());
      bench.closing(close);
      return { read: transport.read.bind(transport), close };
    });
    const read = (index: number) =>
      transports[index]?.read(get(`${api.url}/a`), options()) ?? Promise.reject(new Error());
    return { tokens, api, transports, read, sources };
  }

  const issue: Handle = (_seen, response, count) =>
    json(response, 200, { access_token: `token-${String(count)}`, expires_in: 3600 });

  it('share one token, asked for once', async () => {
    const { tokens, api, read } = await shared(issue);
    await Promise.all([read(0), read(1), read(0)]);
    await read(1);
    expect(tokens.seen).toHaveLength(1);
    expect(api.seen.map(({ headers }) => headers.authorization)).toEqual(
      Array(4).fill('Bearer token-1'),
    );
  });

  it.each<[string, Partial<OAuth2Settings>]>([
    ['scope', { scope: 'b' }],
    ['secret', { client: { by: 'basic', secret: 'other' } }],
    ['way to sign in', { client: { by: 'body', secret: 's3cret' } }],
    ['form field', { form: [['audience', 'https://b']] }],
    ['client', { clientId: 'other' }],
  ])('have tokens of their own with another %s', async (_name, other) => {
    const { tokens, read } = await shared(issue, [{}, other]);
    await Promise.all([read(0), read(1)]);
    expect(tokens.seen).toHaveLength(2);
  });

  it('share it whatever secret header goes beside it', async () => {
    const also = { header: 'x-api-key', value: 'gateway-77' };
    const { tokens, api, read } = await shared(issue, [{}, { also }]);
    await read(0);
    await read(1);
    expect(tokens.seen).toHaveLength(1);
    expect(tokens.seen[0]?.headers['x-api-key']).toBeUndefined();
    expect(api.seen.map(({ headers }) => headers['x-api-key'])).toEqual([undefined, 'gateway-77']);
  });

  it('a deploy of one in the middle ends its wait, and the other gets the token', async () => {
    let answer: () => void = () => undefined;
    const { tokens, read, transports } = await shared((seen, response, count) => {
      answer = () => issue(seen, response, count);
    });
    const [first, second] = [read(0), read(1)];
    await expect.poll(() => tokens.seen.length).toBe(1);
    await transports[0]?.close();
    expect(asFault(await first)).toMatchObject({ code: 'ABORTED', sent: 'no' });
    answer();
    expect(asAnswer(await second).status).toBe(200);
    expect(tokens.seen).toHaveLength(1);
  });

  it('nothing is left of it once nobody uses it, and nothing shows its secret', async () => {
    const { read, transports, sources, tokens } = await shared(issue);
    await read(0);
    expect(inspect(sources, { depth: null, showHidden: true })).not.toContain('s3cret');
    for (const { close } of transports) await close();
    const fresh = sources.lease({
      ...settings('http://x'),
      auth: auth(`${tokens.url}/token`),
    });
    expect(fresh.source.usable()).toBeUndefined();
    await fresh.release();
  });
});
