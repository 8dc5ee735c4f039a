import { describe, expect, it } from 'vitest';
import { DEFAULT_OAUTH, TOKEN_PATH, orderId } from '../../sandbox';
import type { Sandbox } from '../../sandbox';
import { call, order, start, workOrder } from './client';
import type { Answered } from './client';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function askToken(sandbox: Sandbox, fields: Record<string, string> = {}): Promise<Answered> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: DEFAULT_OAUTH.clientId,
    client_secret: DEFAULT_OAUTH.clientSecret,
    scope: 'https://example.com/.default',
    ...fields,
  });
  return call(sandbox, 'POST', TOKEN_PATH, FORM, body.toString());
}

async function statusWith(
  sandbox: Sandbox,
  token: unknown,
  path = order(orderId(1)),
): Promise<number> {
  return (await call(sandbox, 'GET', path, { authorization: `Bearer ${String(token)}` })).status;
}

describe('OAuth2 client credentials', () => {
  it('wants no token unless auth is switched on', async () => {
    expect((await call(await start(), 'GET', order(orderId(1)))).status).toBe(200);
  });

  it('gives a token that both APIs accept', async () => {
    const sandbox = await start({ auth: { expiresIn: 60 } });
    const { status, json } = await askToken(sandbox);
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 60 });
    expect(await statusWith(sandbox, json.access_token)).toBe(200);
    expect(await statusWith(sandbox, json.access_token, workOrder('WO-12345'))).toBe(200);
    expect(sandbox.stats().tokens).toBe(1);
  });

  it('answers 401 with a challenge to a missing or made-up token, before the record is touched', async () => {
    const sandbox = await start({ auth: {}, load: { noise: 1, target: 0 } });
    const none = await call(sandbox, 'PATCH', order(orderId(1)), {}, { name: 'n' });
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await statusWith(sandbox, 'made-up')).toBe(401);
    expect(sandbox.orders.history(orderId(1))).toHaveLength(1);
  });

  it('refuses tokens that were revoked or have expired', async () => {
    const sandbox = await start({ auth: {} });
    const { json } = await askToken(sandbox);
    sandbox.revokeTokens();
    expect(await statusWith(sandbox, json.access_token)).toBe(401);
    const brief = await start({ auth: { expiresIn: 0 } });
    const expired = await askToken(brief);
    expect(await statusWith(brief, expired.json.access_token)).toBe(401);
  });

  it('takes the credentials by HTTP Basic too', async () => {
    const sandbox = await start({ auth: { clientId: 'a b', clientSecret: 'x:y+&' } });
    const pair = `${encodeURIComponent('a b')}:${encodeURIComponent('x:y+&')}`;
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    const body = 'grant_type=client_credentials';
    const answer = await call(sandbox, 'POST', TOKEN_PATH, { ...FORM, authorization }, body);
    expect(answer.status).toBe(200);
  });

  it.each([
    [{ client_secret: 'wrong' }, 401, 'invalid_client'],
    [{ client_id: 'wrong' }, 401, 'invalid_client'],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ])('answers %j with %i %s', async (fields, status, error) => {
    const answer = await askToken(await start(), fields);
    expect([answer.status, answer.json.error]).toEqual([status, error]);
  });

  it('lets faults strike the token endpoint alone', async () => {
    const sandbox = await start({ faults: [{ fault: 'unavailable', on: 'token', times: 1 }] });
    expect((await call(sandbox, 'GET', order(orderId(1)))).status).toBe(200);
    expect([(await askToken(sandbox)).status, (await askToken(sandbox)).status]).toEqual([
      503, 200,
    ]);
  });
});
