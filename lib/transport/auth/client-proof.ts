import { InputError } from '../../errors';
import type { Headers } from '../headers';
import { createSigner } from './assertion';
import type { ClientSecret, FormField, OAuth2Settings } from './settings';

/** How a client shows in a token request who it is. */
export interface ClientProof {
  readonly grant: string;
  readonly headers: Headers;
  /** Anew for every request, at a time in milliseconds since the epoch. */
  readonly form: (now: number) => readonly FormField[];
  /** What no error may repeat. */
  readonly secrets: readonly string[];
}

const CLIENT_CREDENTIALS = 'client_credentials';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Throws InputError `AUTH_INVALID`, which names the field. */
export function createClientProof(settings: OAuth2Settings): ClientProof {
  const { client, clientId } = settings;
  if (clientId === '') throw invalid('The client id is empty. Enter it.');
  if ('secret' in client) return secretProof(clientId, client);
  const sign = createSigner(settings, client);
  if (client.by === 'grant') {
    return {
      grant: JWT_BEARER,
      headers: {},
      form: now => [['assertion', sign(now)]],
      secrets: [],
    };
  }
  return {
    grant: CLIENT_CREDENTIALS,
    headers: {},
    form: now => [
      ['client_id', clientId],
      ['client_assertion_type', ASSERTION_TYPE],
      ['client_assertion', sign(now)],
    ],
    secrets: [],
  };
}

function secretProof(clientId: string, { by, secret }: ClientSecret): ClientProof {
  if (secret === '') throw invalid('The client secret is empty. Enter it.');
  if (by === 'body') {
    const form: readonly FormField[] = [
      ['client_id', clientId],
      ['client_secret', secret],
    ];
    return { grant: CLIENT_CREDENTIALS, headers: {}, form: () => form, secrets: [secret] };
  }
  const sent = by === 'basic' ? encodedBasic(clientId, secret) : plainBasic(clientId, secret);
  return {
    grant: CLIENT_CREDENTIALS,
    headers: { authorization: `Basic ${sent}` },
    form: () => [],
    secrets: [secret, sent],
  };
}

function encodedBasic(clientId: string, secret: string): string {
  return inBase64(formEncoded(clientId), formEncoded(secret));
}

function plainBasic(clientId: string, secret: string): string {
  if (!clientId.includes(':')) return inBase64(clientId, secret);
  throw invalid('The client id holds a colon, which ends it in the header. Have it encoded there.');
}

function inBase64(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

/** What every form decodes to the same: marks that need no escape are left alone for servers that decode nothing. */
function formEncoded(text: string): string {
  const [, encoded = ''] = new URLSearchParams({ a: text }).toString().split('=');
  return encoded.replace(/%(?:7E|21|27|28|29)/g, decodeURIComponent);
}

function invalid(message: string): InputError {
  return new InputError('AUTH_INVALID', message);
}
