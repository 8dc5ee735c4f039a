import { constants, generateKeyPairSync, verify, type KeyObject } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { json, type Handle, type Seen } from './support';

/** Key pairs that tests sign with; made once, for an RSA key takes its time. */
export const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export function pem(key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8'): string {
  return key.export({ format: 'pem', type } as never) as unknown as string;
}

/** What a JWT says. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Takes a JWT apart whose signature this key made; throws for any other. */
export function verified(jwt: string, publicKey: KeyObject): Jwt {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const [header, claims] = [head, body].map(
    part => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>,
  );
  const scheme = {
    RS256: {},
    PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
    ES256: { dsaEncoding: 'ieee-p1363' },
  }[String(header?.alg)];
  const data = Buffer.from(`${head}.${body}`);
  const key = { key: publicKey, ...scheme } as never;
  const isGood = verify('sha256', data, key, Buffer.from(signature, 'base64url'));
  if (!isGood || header === undefined || claims === undefined) throw new Error('bad signature');
  return { header, claims };
}

export interface TokenServerRules {
  readonly publicKey: KeyObject;
  readonly audience?: string;
  /** Of the server's clock, milliseconds since the epoch. */
  readonly now?: () => number;
  readonly field?: 'client_assertion' | 'assertion';
}

/** A token endpoint that believes nothing: signature, audience, times, and each id once. */
export function judging(rules: TokenServerRules, accepted: Jwt[] = []): Handle {
  const { publicKey, audience, now = Date.now, field = 'client_assertion' } = rules;
  const ids = new Set<unknown>();
  const refuse = (response: ServerResponse, error: string): void => {
    json(response, 400, { error }, { date: new Date(now()).toUTCString() });
  };
  return (seen: Seen, response) => {
    const form = new URLSearchParams(seen.body);
    let jwt: Jwt;
    try {
      jwt = verified(form.get(field) ?? '', publicKey);
    } catch {
      refuse(response, 'invalid_client');
      return;
    }
    const { claims } = jwt;
    const seconds = now() / 1000;
    const own = audience ?? `http://${String(seen.headers.host)}${seen.path}`;
    const isTimely =
      Number(claims.exp) > seconds &&
      Number(claims.exp) <= seconds + 3600 &&
      Number(claims.iat) <= seconds;
    if (claims.aud !== own || !isTimely || ids.has(claims.jti)) {
      refuse(response, 'invalid_grant');
      return;
    }
    ids.add(claims.jti);
    accepted.push(jwt);
    json(response, 200, { access_token: `token-${String(ids.size)}`, expires_in: 3600 });
  };
}
