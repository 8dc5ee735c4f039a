import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Time } from '../../../lib/retry/time';
import { systemTime } from '../../../lib/retry/time';
import type { TransportSettings } from '../../../lib/transport/settings';
import type { ClientSecret, FormField } from '../../../lib/transport/auth/settings';
import {
  asAnswer,
  asFault,
  Bench,
  get,
  json,
  options,
  patch,
  type Handle,
  type TestServer,
} from './support';

const bench = new Bench();
afterEach(() => bench.close());

const SECRET = 's3cret&=+ü';

/** A wall clock that tests move. */
function clock(): Time & { advance(ms: number): void } {
  let offset = 0;
  return {
    ...systemTime,
    now: () => Date.now() + offset,
    advance: ms => {
      offset += ms;
    },
  };
}

const issue: Handle = (_seen, response, count) =>
  json(response, 200, { access_token: `token-${count}`, expires_in: 3600 });

/** An API that accepts only the tokens in `valid`, and its token endpoint. */
async function oauth2(
  handleToken: Handle,
  overrides: Partial<TransportSettings> | ((tokens: TestServer) => Partial<TransportSettings>) = {},
) {
  const valid = new Set<string>(['token-1', 'token-2', 'token-3']);
  const tokens = await bench.serve(handleToken);
  const api = await bench.serve(({ headers }, response: ServerResponse) =>
    json(response, valid.has((headers.authorization ?? '').slice(7)) ? 200 : 401, {}),
  );
  const tokenUrl = `${tokens.url}/oauth2/token`;
  const transport = bench.transport(api.url, {
    auth: {
      kind: 'oauth2',
      tokenUrl,
      clientId: 'client',
      client: { by: 'body', secret: SECRET },
      scope: 'a/.default',
    },
    ...(typeof overrides === 'function' ? overrides(tokens) : overrides),
  });
  const read = (ms?: number) => transport.read(get(`${api.url}/a`), options(ms));
  const write = () => transport.write(patch(`${api.url}/a`), options());
  return { valid, tokens, api, transport, read, write };
}

describe('OAuth2 client credentials', () => {
  it.each([200, 201, 202, 203])('case 10: takes a token that comes with a %i', async status => {
    const { read } = await oauth2((_seen, response) =>
      json(response, status, { access_token: 'token-1', expires_in: 3600 }),
    );
    expect(asAnswer(await read()).status).toBe(200);
  });

  it('asks for a token by form, once for many requests in parallel', async () => {
    const { tokens, api, read } = await oauth2(issue);
    const answers = await Promise.all(Array.from({ length: 20 }, () => read()));
    expect(answers.map(asAnswer).every(({ status }) => status === 200)).toBe(true);
    expect(api.seen.every(({ headers }) => headers.authorization === 'Bearer token-1')).toBe(true);
    expect(tokens.seen).toHaveLength(1);
    expect(tokens.seen[0]).toMatchObject({ method: 'POST', path: '/oauth2/token' });
    expect(tokens.seen[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(tokens.seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: SECRET,
      scope: 'a/.default',
    });
  });

  it('renews in the background five minutes before the end', async () => {
    const time = clock();
    const { tokens, api, read } = await oauth2(issue, { time });
    await read();
    time.advance(54 * 60_000);
    await read();
    expect(tokens.seen).toHaveLength(1);
    time.advance(2 * 60_000);
    await read();
    await expect.poll(() => tokens.seen.length).toBe(2);
    await expect
      .poll(async () => {
        await read();
        return api.seen.at(-1)?.headers.authorization;
      })
      .toBe('Bearer token-2');
    expect(tokens.seen).toHaveLength(2);
  });

  it('keeps using a valid token while renewing it fails', async () => {
    const time = clock();
    const { read, tokens } = await oauth2(
      (seen, response, count) =>
        count === 1 ? issue(seen, response, count) : json(response, 400, { error: 'x' }),
      { time },
    );
    await read();
    time.advance(56 * 60_000);
    for (let i = 0; i < 3; i++) expect(asAnswer(await read()).status).toBe(200);
    await expect.poll(() => tokens.seen.length).toBe(2);
    time.advance(5 * 60_000);
    expect(asFault(await read()).code).toBe('TOKEN_REFUSED');
  });

  it('fetches anew when the token has expired', async () => {
    const time = clock();
    const { tokens, api, read } = await oauth2(
      (_seen, response, count) =>
        json(response, 200, { access_token: `token-${count}`, expires_in: '60' }),
      { time },
    );
    await read();
    time.advance(61_000);
    await read();
    expect(tokens.seen).toHaveLength(2);
    expect(api.seen.at(-1)?.headers.authorization).toBe('Bearer token-2');
  });

  it('a 401 renews the token and resends the write once, byte for byte', async () => {
    const { valid, tokens, api, write } = await oauth2(issue);
    await write();
    valid.delete('token-1');
    expect(asAnswer(await write()).status).toBe(200);
    expect(tokens.seen).toHaveLength(2);
    expect(api.seen).toHaveLength(3);
    const [, refused, resent] = api.seen.map(({ method, path, body, rawHeaders }) => ({
      method,
      path,
      body,
      rawHeaders: rawHeaders.map(text => text.replace(/token-\d/, 'TOKEN')),
    }));
    expect(resent).toEqual(refused);
    expect(resent?.rawHeaders).toContain('W/"1"');
  });

  it('a storm of 401 costs one token call', async () => {
    const { valid, tokens, api, read, write } = await oauth2(issue);
    await read();
    valid.delete('token-1');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? read() : write())),
    );
    expect(answers.map(asAnswer).every(({ status }) => status === 200)).toBe(true);
    expect(tokens.seen).toHaveLength(2);
    expect(api.seen).toHaveLength(1 + 20 + 20);
  });

  it('gives the second 401 back', async () => {
    const { valid, tokens, api, write } = await oauth2(issue);
    valid.clear();
    expect(asAnswer(await write()).status).toBe(401);
    expect(api.seen).toHaveLength(2);
    expect(tokens.seen).toHaveLength(2);
  });

  it.each([
    [400, { error: 'invalid_scope' }, 'invalid_scope'],
    [401, { error: 'invalid_client', error_description: `bad ${SECRET}` }, 'invalid_client'],
    [403, {}, '403'],
    [200, { token_type: 'bearer' }, '200'],
    [200, { access_token: 'a\nb' }, '200'],
    [302, {}, '302'],
    [400, { error: `no ${SECRET}` }, '400'],
  ])('is not repeated when refused with %i %j', async (status, body, word) => {
    const { tokens, api, read } = await oauth2((_seen, response) => json(response, status, body));
    const fault = asFault(await read());
    expect(fault).toMatchObject({ code: 'TOKEN_REFUSED', sent: 'no', fatal: true });
    expect(fault.message).toContain(word);
    expect(fault.message).not.toContain('s3cret');
    expect(tokens.seen).toHaveLength(1);
    expect(api.connections()).toBe(0);
  });

  it.each([429, 500, 503])('is repeated after a %i', async status => {
    const { tokens, read } = await oauth2((seen, response, count) =>
      count < 3 ? json(response, status, {}) : issue(seen, response, 1),
    );
    expect(asAnswer(await read()).status).toBe(200);
    expect(tokens.seen).toHaveLength(3);
  });

  it('is unavailable when the trouble stays', async () => {
    const { tokens, read } = await oauth2(({ socket }) => socket.resetAndDestroy());
    const fault = asFault(await read());
    expect(fault).toMatchObject({ code: 'TOKEN_UNAVAILABLE', sent: 'no', fatal: false });
    expect(fault.message).toContain('ECONNRESET');
    expect(tokens.seen).toHaveLength(4);
  });

  it('a write that still waits for a token when it is aborted is not sent', async () => {
    let arrived: (answer: () => void) => void = () => undefined;
    const asked = new Promise<() => void>(resolve => (arrived = resolve));
    const { api, tokens, transport, read } = await oauth2((seen, response, count) =>
      arrived(() => issue(seen, response, count)),
    );
    const abort = new AbortController();
    const given = options(30_000, abort.signal);
    const sent = transport.write(patch(`${api.url}/a`), given);
    const answer = await asked;
    abort.abort();
    expect(asFault(await sent)).toMatchObject({ code: 'ABORTED', sent: 'no' });
    answer();
    await read();
    expect(api.seen.map(({ method }) => method)).toEqual(['GET']);
    expect(tokens.seen).toHaveLength(1);
  });

  it('no token is asked for on behalf of a request that was aborted before', async () => {
    const { api, tokens, transport } = await oauth2(issue);
    const given = options(30_000, AbortSignal.abort());
    const sent = await transport.write(patch(`${api.url}/a`), given);
    expect(asFault(sent)).toMatchObject({ code: 'ABORTED', sent: 'no' });
    expect(tokens.seen).toHaveLength(0);
  });

  it('keeps nobody waiting beyond his own time or abort', async () => {
    let release: () => void = () => undefined;
    const { api, tokens, transport, read } = await oauth2((seen, response, count) => {
      release = () => issue(seen, response, count);
    });
    const abort = new AbortController();
    const aborted = transport.read(get(`${api.url}/a`), options(30_000, abort.signal));
    const patient = read(Infinity);
    expect(asFault(await read(20))).toMatchObject({ code: 'DEADLINE', sent: 'no' });
    abort.abort();
    const late = transport.read(get(`${api.url}/a`), options(30_000, abort.signal));
    for (const sent of [aborted, late]) {
      expect(asFault(await sent)).toMatchObject({ code: 'ABORTED', sent: 'no' });
    }
    await expect.poll(() => tokens.seen.length).toBe(1);
    release();
    expect(asAnswer(await patient).status).toBe(200);
  });
});

describe('case 10b: a client with a secret signs in', () => {
  const ID = 'my client:1';

  /** As a server reads the Basic header that decodes what it gets (RFC 6749, section 2.3.1), or does not. */
  const basicOf = (authorization = '', decodes = true): string[] => {
    const text = Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
    const [, id = '', secret = ''] = /^([^:]*):([\s\S]*)$/.exec(text) ?? [];
    const decoded = (part: string): string => new URLSearchParams(`a=${part}`).get('a') ?? '';
    return decodes ? [id, secret].map(decoded) : [id, secret];
  };

  async function signIn(client: ClientSecret, clientId = ID, handle: Handle = issue) {
    const { tokens, read } = await oauth2(handle, ({ url }) => ({
      auth: { kind: 'oauth2', tokenUrl: `${url}/t`, clientId, client },
    }));
    const answer = await read();
    return { answer, seen: tokens.seen[0], form: new URLSearchParams(tokens.seen[0]?.body) };
  }

  it.each([SECRET, 'a b+c%20d', 'Entra8Q~x.y-z_', '100%', '::', 'pä\ud800ß€𝄞', `'();!*`])(
    'by a Basic header that is encoded as a form: %j',
    async secret => {
      const { seen, form } = await signIn({ by: 'basic', secret });
      expect(basicOf(seen?.headers.authorization)).toEqual([ID, Buffer.from(secret).toString()]);
      expect([...form.keys()]).toEqual(['grant_type']);
    },
  );

  it.each(['plain8Q~x.y-z_', `it's(1)*!`])('unescaped where nothing needs it: %j', async secret => {
    const { seen } = await signIn({ by: 'basic', secret }, 'client');
    expect(basicOf(seen?.headers.authorization, false)).toEqual(['client', secret]);
  });

  it('by a Basic header as it is, for servers that decode nothing', async () => {
    const { seen } = await signIn({ by: 'basic-plain', secret: 'a+b/c=' }, 'me@example.com');
    expect(basicOf(seen?.headers.authorization, false)).toEqual(['me@example.com', 'a+b/c=']);
    await expect(signIn({ by: 'basic-plain', secret: 's' })).rejects.toThrow(/holds a colon/);
  });

  it('in the form, and nowhere else', async () => {
    const { seen, form } = await signIn({ by: 'body', secret: SECRET });
    expect(seen?.headers.authorization).toBeUndefined();
    expect([form.get('client_id'), form.get('client_secret')]).toEqual([ID, SECRET]);
  });

  it('at a server that takes Basic only, which the refusal of the other way hints at', async () => {
    const basicOnly: Handle = (seen, response, count) =>
      seen.headers.authorization === undefined
        ? json(response, 401, { error: 'invalid_client' })
        : issue(seen, response, count);
    const { answer } = await signIn({ by: 'basic', secret: SECRET }, ID, basicOnly);
    expect(asAnswer(answer).status).toBe(200);
    const refused = asFault((await signIn({ by: 'body', secret: SECRET }, ID, basicOnly)).answer);
    expect(refused.message).toMatch(/invalid_client.*Basic header only/);
  });

  it('and no error repeats what it signed in with', async () => {
    const echo: Handle = ({ headers }, response) =>
      json(response, 400, { error: headers.authorization?.slice('Basic '.length) });
    const { answer } = await signIn({ by: 'basic', secret: 'tiny' }, 'c', echo);
    const encoded = Buffer.from('c:tiny').toString('base64');
    expect(asFault(answer).message).not.toContain(encoded.replace(/=+$/, ''));
  });

  it('with further fields of the form, some of them twice', async () => {
    const form: readonly FormField[] = [
      ['audience', 'https://a.example/?x=1&y=2'],
      ['resource', 'r1'],
      ['resource', 'r2'],
    ];
    const { tokens, read } = await oauth2(issue, ({ url }) => ({
      auth: {
        kind: 'oauth2',
        tokenUrl: url,
        clientId: 'c',
        client: { by: 'basic', secret: 's' },
        form,
      },
    }));
    await read();
    expect([...new URLSearchParams(tokens.seen[0]?.body)].slice(1)).toEqual(form);
  });
});
