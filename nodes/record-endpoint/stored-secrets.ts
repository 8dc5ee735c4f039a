import { InputError } from '../../lib/errors';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';
import type { RecordEndpointNode } from './lookup';

interface Typed {
  readonly config: RecordEndpointConfig;
  readonly credentials: RecordEndpointCredentials;
}

/** Settings that decide where a secret travels. */
const DESTINATION = [
  'server',
  'baseUrl',
  'auth',
  'tokenUrl',
  'apiKeyHeader',
  'proxy',
  'tls',
] as const;

const SECRET_OF: Record<RecordEndpointConfig['auth'], keyof RecordEndpointCredentials | undefined> =
  {
    none: undefined,
    basic: 'password',
    bearer: 'token',
    'api-key': 'apiKey',
    oauth2: 'clientSecret',
  };

/**
 * The credentials for a test from the dialog. A stored secret goes only where the deployed endpoint sends it:
 * otherwise anybody who may edit could have it sent to a server of their own. Throws InputError `SECRET_NEEDED`.
 */
export function credentialsFor(
  deployed: RecordEndpointNode | null,
  { config, credentials }: Typed,
): RecordEndpointCredentials {
  // The user's name is no secret, and the dialog sends only what was typed anew.
  const { user } = deployed?.credentials ?? {};
  const typed = { ...(user === undefined ? {} : { user }), ...credentials };
  const secret = SECRET_OF[config.auth];
  const isTyped = secret === undefined || credentials[secret] !== undefined;
  // A client certificate and a proxy password are stored secrets as well.
  if (isTyped && config.tls === '' && config.proxy === '') return typed;
  if (deployed !== null && DESTINATION.every(name => config[name] === deployed.config[name])) {
    return { ...deployed.credentials, ...credentials };
  }
  throw new InputError(
    'SECRET_NEEDED',
    'The address or the sign-in differs from what is deployed, so stored secrets are not used. Type the secret again to test these settings without TLS and proxy, or deploy first.',
  );
}
