import { InputError } from '../../lib/errors';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';
import type { RecordEndpointNode } from './record-endpoint';

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
  const secret = SECRET_OF[config.auth];
  if (secret === undefined || credentials[secret] !== undefined) return credentials;
  if (deployed !== null && DESTINATION.every(name => config[name] === deployed.config[name])) {
    return { ...deployed.credentials, ...credentials };
  }
  throw new InputError(
    'SECRET_NEEDED',
    'The address or the sign-in differs from what is deployed, so the stored secret is not used. Type the secret again to test these settings, or deploy first.',
  );
}
