import { InputError } from '../../lib/errors';
import type { AuthSettings } from '../../lib/transport/auth/settings';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';

/** Throws InputError `CREDENTIALS_MISSING` naming the field. */
export function authSettings(
  config: RecordEndpointConfig,
  credentials: RecordEndpointCredentials,
): AuthSettings {
  switch (config.auth) {
    case 'none':
      return { kind: 'none' };
    case 'basic':
      return {
        kind: 'basic',
        user: needed(credentials.user, 'User'),
        password: credentials.password ?? '',
      };
    case 'bearer':
      return { kind: 'bearer', token: needed(credentials.token, 'Token') };
    case 'api-key':
      return {
        kind: 'api-key',
        header: needed(config.apiKeyHeader, 'Header'),
        key: needed(credentials.apiKey, 'API key'),
      };
    case 'oauth2':
      return {
        kind: 'oauth2',
        tokenUrl: needed(config.tokenUrl, 'Token URL'),
        clientId: needed(config.clientId, 'Client ID'),
        clientSecret: needed(credentials.clientSecret, 'Client secret'),
        scope: config.scope,
      };
  }
}

function needed(value: string | undefined, label: string): string {
  if (value !== undefined && value.trim() !== '') return value;
  throw new InputError(
    'CREDENTIALS_MISSING',
    `${label} is empty. Fill it in the endpoint's dialog; secrets are not part of exported flows.`,
  );
}
