import { afterEach, describe, expect, it } from 'vitest';
import type { TransportSettings } from '../../../../lib/transport/settings';
import { asAnswer, asFault, Bench, get, json, options, patch, type Handle } from '../support';
import { CsrfApi } from './csrf-api';

const bench = new Bench();
afterEach(() => bench.close());

/** Everything that `start` sets for itself. */
type Overrides = Omit<Partial<TransportSettings>, 'csrf'> & {
  readonly csrf?: TransportSettings['csrf'] | undefined;
};

async function start(overrides: Overrides = {}, handle?: Handle) {
  const api = new CsrfApi();
  const server = await bench.serve(handle ?? api.handle);
  const base = `${server.url}/sap/service`;
  const { csrf = { query: '' }, ...others } = overrides;
  const wanted = 'csrf' in overrides && overrides.csrf === undefined ? {} : { csrf };
  const transport = bench.transport(base, { ...wanted, ...others });
  let count = 0;
  const write = (given = options()) =>
    transport.write(patch(`${base}/orders('1')`, '"1"', `{"n":${++count}}`), given);
  const read = () => transport.read(get(`${base}/orders('1')`), options());
  return { api, server, transport, base, write, read };
}

function writesTo(server: { seen: readonly { method: string; body: string }[] }): string[] {
  return server.seen.filter(({ method }) => method === 'PATCH').map(({ body }) => body);
}

describe('the CSRF session', () => {
  it('is fetched from the service root with the credentials, once for all writes that wait', async () => {
    const { api, server, write } = await start({
      auth: { kind: 'basic', user: 'u', password: 'p' },
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => write()));
    expect(answers.map(asAnswer).every(({ status }) => status === 200)).toBe(true);
    expect(api.fetches).toBe(1);
    expect(server.seen[0]).toMatchObject({ method: 'GET', path: '/sap/service/' });
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Basic dTpw' });
    expect(server.seen[0]?.headers).not.toHaveProperty('cookie');
    expect(writesTo(server)).toHaveLength(20);
  });

  it('is opened with the query of the endpoint, since it belongs to one client', async () => {
    const { server, write } = await start({ csrf: { query: 'sap-client=100' } });
    expect(asAnswer(await write()).status).toBe(200);
    expect(server.seen[0]?.path).toBe('/sap/service/?sap-client=100');
  });

  it('goes on with the cookies that later answers renew', async () => {
    const { api, server, write } = await start();
    await write();
    await write();
    expect(asAnswer(await write()).status).toBe(200);
    expect(api.fetches).toBe(1);
    expect(server.seen.at(-1)?.headers.cookie).toBe(
      'SAP_SESSIONID_ABC_100=session-1%3d; sap-usercontext=sap-client=100; sap-contextid=context-2',
    );
  });

  it('covers reads once there is one, and reads never wait for it', async () => {
    const { api, server, read, write } = await start();
    await read();
    expect(server.seen[0]?.headers).not.toHaveProperty('cookie');
    expect([api.fetches, api.opened]).toEqual([0, 1]);
    await write();
    await read();
    expect(api.opened).toBe(2);
    expect(server.seen.at(-1)?.headers).not.toHaveProperty('x-csrf-token');
  });

  it('trap 19: 50 parallel writes with an expired session cost one token fetch, and each is resent once', async () => {
    const { api, server, write } = await start();
    await write();
    api.expire();
    api.applied.length = 0;
    const answers = await Promise.all(Array.from({ length: 50 }, () => write()));
    expect(answers.map(asAnswer).every(({ status }) => status === 200)).toBe(true);
    expect(api.fetches).toBe(2);
    expect(new Set(api.applied).size).toBe(50);
    expect(api.applied).toHaveLength(50);
    const sent = writesTo(server).slice(1);
    for (const body of api.applied) {
      expect(sent.filter(other => other === body).length).toBeLessThanOrEqual(2);
    }
    // What comes with a refusal belongs to no session of ours.
    expect(server.seen.some(({ headers }) => headers.cookie?.includes('foreign'))).toBe(false);
  });

  it('is resent byte for byte but for token and cookies', async () => {
    const { api, server, write } = await start();
    await write();
    api.expire();
    await write();
    const [refused, resent] = server.seen
      .filter(({ method, body }) => method === 'PATCH' && body === '{"n":2}')
      .map(({ path, rawHeaders }) => ({
        path,
        headers: rawHeaders.filter((_text, i) => !isSessionHeader(rawHeaders[i - (i % 2)])),
      }));
    expect(resent).toEqual(refused);
    expect(resent?.headers).toContain('"1"');
  });

  it('trap 19: a 403 that does not ask for a token is not retried', async () => {
    const { server, write } = await start({}, ({ method }, response) =>
      method === 'GET'
        ? new CsrfApi().open(response)
        : json(response, 403, { error: { message: 'No authorization' } }),
    );
    expect(asAnswer(await write()).status).toBe(403);
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    ['the header, however it is written', '', { 'X-CSRF-Token': 'required' }],
    ['the body', 'CSRF token validation failed', {}],
  ])('is renewed at most once for one write, when asked for by %s', async (_what, text, header) => {
    const { server, write } = await start({}, ({ method }, response) => {
      if (method === 'GET') new CsrfApi().open(response);
      else json(response, 403, { text }, header);
    });
    expect(asAnswer(await write()).status).toBe(403);
    expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'GET', 'PATCH']);
  });

  it.each([
    ['431', 431, ''],
    ['nginx', 400, '<center>Request Header Or Cookie Too Large</center>'],
    ['IIS', 400, '<p>HTTP Error 400. The size of the request headers is too long.</p>'],
  ])(
    'case U39: is renewed when its cookies make a request too large: %s',
    async (_who, status, text) => {
      const api = new CsrfApi();
      let refusals = 0;
      const { server, write, read } = await start({}, (seen, response, count) => {
        // The second request that carries the session's cookies, and the read after that.
        const isRefused = seen.headers.cookie !== undefined && (count === 3 || count === 6);
        if (!isRefused) {
          api.handle(seen, response);
          return;
        }
        refusals++;
        response.writeHead(status, { 'content-type': 'text/html' });
        response.end(text);
      });
      for (let i = 0; i < 2; i++) expect(asAnswer(await write()).status).toBe(200);
      expect(asAnswer(await read()).status).toBe(200);
      expect([refusals, api.fetches]).toEqual([2, 2]);
      expect(api.applied).toEqual(['{"n":1}', '{"n":2}']);
      expect(server.seen.map(({ method }) => method)).toEqual([
        'GET',
        'PATCH',
        'PATCH',
        'GET',
        'PATCH',
        'GET',
        'GET',
      ]);
    },
  );

  it('case U39: is renewed at most once for one request that stays too large', async () => {
    const api = new CsrfApi();
    const { server, write } = await start({}, (seen, response) => {
      if (seen.method === 'GET') api.handle(seen, response);
      else json(response, 431, {});
    });
    expect(asAnswer(await write()).status).toBe(431);
    expect(server.seen).toHaveLength(4);
  });

  it('is not fetched without the setting, and a 403 is final then', async () => {
    const { api, write } = await start({ csrf: undefined });
    expect(asAnswer(await write()).headers['x-csrf-token']).toBe('Required');
    expect(api.fetches).toBe(0);
  });

  it('is usable when the fetch ends in an error, which is not repeated then', async () => {
    const { api, write } = await start();
    api.onFetch = (_seen, response) => api.open(response, 500);
    expect(asAnswer(await write()).status).toBe(200);
    expect(api.fetches).toBe(1);
  });

  it('is usable when the body of the answer is not', async () => {
    const { api, write } = await start();
    api.onFetch = (_seen, response) => {
      response.setHeader('content-length', 1_000_000);
      api.open(response);
    };
    expect(asAnswer(await write()).status).toBe(200);
  });
});

function isSessionHeader(name: string | undefined): boolean {
  return /^(?:cookie|x-csrf-token)$/i.test(name ?? '');
}

describe('where the root of the service is known by one spelling', () => {
  it.each(['/sap/service', '/sap/service/'])('case 15: it is found at %s', async root => {
    const { api, server, write } = await start();
    api.onFetch = (seen, response) => {
      if (seen.path === root) api.open(response);
      else json(response, 404, {});
    };
    expect(asAnswer(await write()).status).toBe(200);
    expect(asAnswer(await write()).status).toBe(200);
    expect(api.fetches).toBe(root.endsWith('/') ? 1 : 2);
    expect(writesTo(server)).toHaveLength(2);
  });

  it('case 15: where the root brings none, any GET of the service does: that of the record', async () => {
    const { api, server, write } = await start();
    const asked: string[] = [];
    api.onFetch = (seen, response) => {
      asked.push(seen.path);
      if (/^\/sap\/service\/?$/.test(seen.path)) json(response, 200, {});
      else api.open(response);
    };
    expect(asAnswer(await write()).status).toBe(200);
    expect(asked).toEqual(['/sap/service/', '/sap/service', "/sap/service/orders('1')"]);
    expect(writesTo(server)).toHaveLength(1);
    expect(asAnswer(await write()).status).toBe(200);
    expect(asked).toHaveLength(3);
  });

  it('case 15: an action is not called to find one', async () => {
    const { server, transport, base } = await start({}, (_seen, response) =>
      json(response, 404, {}),
    );
    const action = { ...patch(`${base}/orders('1')/Close`, '"1"', '{}'), method: 'POST' as const };
    expect(asFault(await transport.write(action, options())).code).toBe('CSRF_REFUSED');
    expect(server.seen.map(({ path }) => path)).toEqual(['/sap/service/', '/sap/service']);
  });

  it('case 15: with the query of the endpoint', async () => {
    const { api, write } = await start({ csrf: { query: 'sap-client=100' } });
    const asked: string[] = [];
    api.onFetch = (seen, response) => {
      asked.push(seen.path);
      json(response, 404, {});
    };
    await write();
    expect(asked.slice(0, 2)).toEqual([
      '/sap/service/?sap-client=100',
      '/sap/service?sap-client=100',
    ]);
  });

  it.each([401, 429, 503])('case 15: a %i is about something else', async status => {
    const { server, write } = await start({}, (_seen, response) => json(response, status, {}));
    await write();
    expect(new Set(server.seen.map(({ path }) => path)).size).toBe(1);
  });
});

describe('without a token', () => {
  it.each([
    [200, {}],
    [200, { 'x-csrf-token': 'Required' }],
    [302, { location: '/login', 'set-cookie': 'sid=1' }],
    [403, {}],
    [404, {}],
  ])('a write is refused: %i %j', async (status, headers) => {
    const { server, write } = await start({}, (_seen, response) =>
      json(response, status, {}, headers),
    );
    const fault = asFault(await write());
    expect(fault).toMatchObject({ code: 'CSRF_REFUSED', sent: 'no', fatal: true });
    expect(fault.message).toContain(String(status));
    expect(fault.message).toContain('root of the service');
    // With and without a slash at the end, and at the record.
    expect(server.seen).toHaveLength(3);
  });

  it.each([408, 429, 500, 503])('after a %i it may pass', async status => {
    const { write, server } = await start({}, (_seen, response) => json(response, status, {}));
    const fault = asFault(await write());
    expect(fault).toMatchObject({ code: 'CSRF_UNAVAILABLE', sent: 'no', fatal: false });
    expect(server.seen).toHaveLength(status === 429 ? 1 : 4);
  });

  it('a broken connection was none of the write', async () => {
    const { write } = await start({}, ({ socket }) => socket.resetAndDestroy());
    const fault = asFault(await write());
    expect(fault).toMatchObject({ code: 'CSRF_UNAVAILABLE', sent: 'no', fatal: false });
    expect(fault.message).toContain('ECONNRESET');
  });

  it('a throttled fetch names the time', async () => {
    const { write } = await start({}, (_seen, response) =>
      json(response, 429, {}, { 'retry-after': '60' }),
    );
    const fault = asFault(await write());
    expect(fault).toMatchObject({ code: 'THROTTLED', sent: 'no', fatal: false });
    expect(fault.retryAfterMs).toBeGreaterThan(59_000);
  });

  it('nobody waits beyond his own time or abort, and what was aborted is not sent', async () => {
    const { api, server, write } = await start();
    const fetched = new Promise<() => void>(resolve => {
      api.onFetch = (_seen, response) => resolve(() => api.open(response));
    });
    const abort = new AbortController();
    const aborted = write(options(30_000, abort.signal));
    const patient = write(options(Infinity));
    const answer = await fetched;
    expect(asFault(await write(options(20)))).toMatchObject({ code: 'DEADLINE', sent: 'no' });
    abort.abort();
    const late = write(options(30_000, abort.signal));
    for (const sent of [aborted, late]) {
      expect(asFault(await sent)).toMatchObject({ code: 'ABORTED', sent: 'no' });
    }
    answer();
    expect(asAnswer(await patient).status).toBe(200);
    expect(api.fetches).toBe(1);
    expect(writesTo(server)).toEqual(['{"n":2}']);
  });

  it('the next write asks again', async () => {
    const { api, write } = await start();
    api.onFetch = (_seen, response) => json(response, 404, {});
    expect(asFault(await write()).code).toBe('CSRF_REFUSED');
    api.onFetch = undefined;
    expect(asAnswer(await write()).status).toBe(200);
  });
});

describe('with renewable credentials', () => {
  /** An API that takes only the latest access token. */
  async function startOAuth2() {
    const tokens = await bench.serve((_seen, response, count) =>
      json(response, 200, { access_token: `access-${count}` }),
    );
    const valid = { token: 'Bearer access-1' };
    const api = new CsrfApi();
    const started = await start(
      {
        auth: {
          kind: 'oauth2',
          tokenUrl: tokens.url,
          clientId: 'client',
          client: { by: 'body', secret: 'secret' },
        },
      },
      (seen, response) => {
        if (seen.headers.authorization === valid.token) api.handle(seen, response);
        else json(response, 401, {});
      },
    );
    return { ...started, api, tokens, valid };
  }

  it('a 401 renews the session too, since it belongs to the old ones', async () => {
    const { api, tokens, valid, server, write } = await startOAuth2();
    await write();
    valid.token = 'Bearer access-2';
    expect(asAnswer(await write()).status).toBe(200);
    expect(tokens.seen).toHaveLength(2);
    expect(api.fetches).toBe(2);
    expect(writesTo(server)).toEqual(['{"n":1}', '{"n":2}', '{"n":2}']);
  });

  it('a 401 to the token fetch renews them before the write leaves', async () => {
    const { valid, server, tokens, write } = await startOAuth2();
    valid.token = 'Bearer access-2';
    expect(asAnswer(await write()).status).toBe(200);
    expect(tokens.seen).toHaveLength(2);
    expect(writesTo(server)).toEqual(['{"n":1}']);
  });

  it('a write is resent once for either reason, and no more', async () => {
    const refusals = [401, 403, 401, 403];
    const tokens = await bench.serve((_seen, response) =>
      json(response, 200, { access_token: 'access' }),
    );
    const auth = {
      kind: 'oauth2',
      tokenUrl: tokens.url,
      clientId: 'client',
      client: { by: 'body', secret: 'secret' },
    } as const;
    const { server, write } = await start({ auth }, ({ method }, response) => {
      if (method === 'GET') new CsrfApi().open(response);
      else json(response, refusals.shift() ?? 200, {}, { 'x-csrf-token': 'Required' });
    });
    expect(asAnswer(await write()).status).toBe(401);
    expect(writesTo(server)).toHaveLength(3);
  });

  it('no access token keeps its own code', async () => {
    const tokens = await bench.serve((_seen, response) => json(response, 400, {}));
    const auth = {
      kind: 'oauth2',
      tokenUrl: tokens.url,
      clientId: 'client',
      client: { by: 'body', secret: 'secret' },
    } as const;
    const { write } = await start({ auth });
    expect(asFault(await write())).toMatchObject({ code: 'TOKEN_REFUSED', sent: 'no' });
  });
});
