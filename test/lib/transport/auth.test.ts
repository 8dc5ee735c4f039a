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

  const also = { header: 'X-API-Key', value: 'gateway-77' };

  it.each<[AuthSettings, object]>([
    [{ kind: 'basic', user: 'u', password: 'p' }, { authorization: 'Basic dTpw' }],
    [{ kind: 'bearer', token: 'abc' }, { authorization: 'Bearer abc' }],
    [
      { kind: 'api-key', header: 'Ocp-Apim-Subscription-Key', key: 'abc' },
      { 'ocp-apim-subscription-key': 'abc' },
    ],
    [{ kind: 'api-key-query', parameter: 'k', key: 'abc' }, {}],
    [{ kind: 'none' }, {}],
  ])('case 11: %j goes beside another secret header', async (auth, own) => {
    const server = await bench.serve((seen, response) =>
      seen.headers['x-api-key'] === undefined
        ? json(response, 401, { ErrorMessage: 'Missing API key' })
        : json(response, 400, { message: JSON.stringify(seen.headers) }),
    );
    const transport = bench.transport(server.url, { auth: { ...auth, also } });
    const answer = asAnswer(await transport.write(patch(`${server.url}/a`), options()));
    expect(server.seen[0]?.headers).toMatchObject({ ...own, 'x-api-key': 'gateway-77' });
    // Echoed by the API, it is masked like the sign-in.
    expect(answer.text).not.toContain('gateway-77');
  });

  it.each<[AuthSettings, RegExp]>([
    [
      { kind: 'bearer', token: 't', also: { header: 'Authorization', value: 's3cret' } },
      /of the sign-in/,
    ],
    [
      { kind: 'api-key', header: 'x-key', key: 'k', also: { header: 'X-Key', value: 's3cret' } },
      /of the sign-in/,
    ],
    [{ kind: 'none', also: { header: 'If-Match', value: 's3cret' } }, /"If-Match"/],
    [{ kind: 'none', also: { header: 'Host', value: 's3cret' } }, /"Host"/],
    [{ kind: 'none', also: { header: 'X Key', value: 's3cret' } }, /"X Key"/],
    [{ kind: 'none', also: { header: 'X-Key', value: 's3cret\r\nX-Evil: 1' } }, /line break/],
    [{ kind: 'none', also: { header: 'X-Key', value: 's3crét' } }, /outside ASCII/],
    [{ kind: 'none', also: { header: 'X-Key', value: '' } }, /is empty/],
  ])('case 11: a second header that cannot work is refused: %#', (auth, field) => {
    const make = () => createTransport(settings('http://127.0.0.1', { auth }));
    expect(make).toThrow(field);
    expect(make).toThrow(expect.objectContaining({ code: 'AUTH_INVALID' }));
    expect(make).not.toThrow(/s3cr/);
  });

  const oauth2 = {
    kind: 'oauth2',
    tokenUrl: 'https://x',
    clientId: 'c',
    client: { by: 'body', secret: 's' },
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
    [{ ...oauth2, client: { by: 'body', secret: '' } }, /client secret/],
  ])('that cannot work are refused: %#', (auth, field) => {
    const make = () => createTransport(settings('http://127.0.0.1', { auth }));
    expect(make).toThrow(field);
    expect(make).toThrow(expect.objectContaining({ code: 'AUTH_INVALID' }));
    expect(make).not.toThrow(/s3cr/);
  });
});
