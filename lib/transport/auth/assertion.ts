import { constants, randomUUID, sign, type KeyObject, type X509Certificate } from 'node:crypto';
import type { ClientAssertion, OAuth2Settings, SigningAlgorithm } from './settings';
import { keyFault, readSigningKey } from './private-key';

/** Makes a new assertion at a time in milliseconds since the epoch. */
export type Signer = (now: number) => string;

/** How far this machine's clock may be ahead of the server's, in seconds. */
const AHEAD_S = 30;

/**
 * Signs JWTs as RFC 7523 section 3 wants them: each with an id of its own, so that a server can refuse one that it has
 * seen. Throws InputError `AUTH_INVALID` when the key cannot sign so.
 */
export function createSigner(settings: OAuth2Settings, client: ClientAssertion): Signer {
  const { algorithm, passphrase = '' } = client;
  const { key, certificate } = readSigningKey(client.key, passphrase);
  checkKey(key, algorithm);
  const head = encoded(headerOf(client, certificate));
  const signed = (now: number): string => {
    const data = `${head}.${encoded(claimsOf(settings, client, Math.floor(now / 1000)))}`;
    return `${data}.${signature(data, key, algorithm)}`;
  };
  try {
    signed(0);
  } catch {
    throw keyFault(`cannot sign with ${algorithm}. Choose another algorithm or key`);
  }
  return signed;
}

/** Entra ID knows a certificate by `x5t#S256`, AD FS and older servers by `x5t`, which is SHA-1. */
function headerOf(
  { algorithm, keyId }: ClientAssertion,
  certificate: X509Certificate | undefined,
): object {
  const isOld = algorithm === 'RS256';
  return {
    alg: algorithm,
    typ: 'JWT',
    ...(keyId ? { kid: keyId } : {}),
    ...(certificate ? { 'x5t#S256': thumbprint(certificate.fingerprint256) } : {}),
    ...(certificate && isOld ? { x5t: thumbprint(certificate.fingerprint) } : {}),
  };
}

function thumbprint(fingerprint: string): string {
  return Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
}

function claimsOf(settings: OAuth2Settings, client: ClientAssertion, now: number): object {
  const { tokenUrl, clientId, scope } = settings;
  const common = {
    iss: clientId,
    aud: client.audience === undefined || client.audience === '' ? tokenUrl : client.audience,
    jti: randomUUID(),
    iat: now - AHEAD_S,
    exp: now + client.lifetimeS,
  };
  if (client.by === 'assertion') return { ...common, sub: clientId, nbf: common.iat };
  // Google takes the scope of a grant from here.
  return {
    ...common,
    ...(client.subject ? { sub: client.subject } : {}),
    ...(scope ? { scope } : {}),
  };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

const WANTED: Readonly<Record<SigningAlgorithm, string>> = {
  RS256: 'an RSA key',
  PS256: 'an RSA key',
  ES256: 'a key of the curve P-256',
};

/** RFC 7518 section 3.3 and 3.5: of at least 2048 bits. */
const LEAST_BITS = 2048;

function checkKey(key: KeyObject, algorithm: SigningAlgorithm): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  const isRsa = type === 'rsa' || (type === 'rsa-pss' && algorithm === 'PS256');
  const fits = algorithm === 'ES256' ? details.namedCurve === 'prime256v1' : isRsa;
  if (!fits) throw keyFault(`does not fit: ${algorithm} takes ${WANTED[algorithm]}`);
  if (isRsa && (details.modulusLength ?? 0) < LEAST_BITS) {
    throw keyFault(`is too short: ${algorithm} takes ${String(LEAST_BITS)} bits at least`);
  }
}

function signature(data: string, key: KeyObject, algorithm: SigningAlgorithm): string {
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  const scheme = {
    RS256: {},
    PS256: { padding, saltLength },
    ES256: { dsaEncoding: 'ieee-p1363' },
  } as const;
  return sign('sha256', Buffer.from(data), { key, ...scheme[algorithm] }).toString('base64url');
}
