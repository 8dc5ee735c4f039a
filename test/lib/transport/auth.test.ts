import { afterEach, describe, expect, it } from 'vitest';
import { createTransport } from '../../../lib/transport/client';
import type { AuthSettings } from '../../../lib/transport/auth/settings';
import { asAnswer, Bench, get, json, options, patch, settings } from './support';

const bench = new Bench();
afterEach(() => bench.close());

describe('fixed credentials', () => {
  it.each<[AuthSettings, string, string | undefined]>([
    [{ kind: 'none' }, 'authorization', undefined],
    [{ kind: 'basic', user: 'u', password: 'pä:w' }, 'authorization', 'Basic dTpww6Q6dw=='],
    [{ kind: 'bearer', token: 'abc' }, 'authorization', 'Bearer abc'],
    [{ kind: 'api-key', header: 'X-API-Key', key: 'abc' }, 'x-api-key', 'abc'],
  ])('%j go out as %s', async (auth, name, value) => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    await bench.transport(server.url, { auth }).read(get(`${server.url}/a`), options());
    expect(server.seen[0]?.headers[name]).toBe(value);
  });

  it('get a 401 once', async () => {
    const server = await bench.serve((_seen, response) => json(response, 401, {}));
    const transport = bench.transport(server.url, { auth: { kind: 'bearer', token: 'abc' } });
    expect(asAnswer(await transport.write(patch(`${server.url}/a`), options())).status).toBe(401);
    expect(server.seen).toHaveLength(1);
  });

  const oauth2 = {
    kind: 'oauth2',
    tokenUrl: 'https://x',
    clientId: 'c',
    clientSecret: 's',
  } as const;
  it.each<[AuthSettings, RegExp]>([
    [{ kind: 'basic', user: 'a:b', password: 's3cret' }, /user name/],
    [{ kind: 'basic', user: '', password: 's3cret' }, /user name/],
    [{ kind: 'bearer', token: 's3cret\n' }, /bearer token/],
    [{ kind: 'bearer', token: '' }, /bearer token/],
    [{ kind: 'api-key', header: 'X-Key', key: 's3crét' }, /API key/],
    [{ kind: 'api-key', header: 'X Key', key: 's3cret' }, /"X Key"/],
    [{ kind: 'api-key', header: 'If-Match', key: 's3cret' }, /"If-Match"/],
    [{ kind: 'api-key', header: 'Content-Length', key: 's3cret' }, /"Content-Length"/],
    [{ ...oauth2, tokenUrl: 'file:///etc/passwd' }, /token URL/],
    [{ ...oauth2, tokenUrl: 'login' }, /token URL/],
    [{ ...oauth2, clientSecret: '' }, /client secret/],
  ])('that cannot work are refused: %#', (auth, field) => {
    const make = () => createTransport(settings('http://127.0.0.1', { auth }));
    expect(make).toThrow(field);
    expect(make).toThrow(expect.objectContaining({ code: 'AUTH_INVALID' }));
    expect(make).not.toThrow(/s3cr/);
  });
});
