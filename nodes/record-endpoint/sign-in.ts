import { InputError } from '../../lib/errors';
import type {
  AuthSettings,
  ClientAssertion,
  ClientSecret,
  SecretHeader,
} from '../../lib/transport/auth/settings';
import { formLines, isEnvironment } from '../shared/checks';
import { settingsOf } from '../shared/settings';
import {
  ENDPOINT_FIELDS,
  type RecordEndpointConfig,
  type RecordEndpointCredentials,
} from './config';

/** Throws InputError `CREDENTIALS_MISSING` and others that name the field. */
export function authSettings(
  config: RecordEndpointConfig,
  credentials: RecordEndpointCredentials,
): AuthSettings {
  const also = secretHeader(config, credentials);
  const auth = signIn(config, credentials);
  return also === undefined ? auth : { ...auth, also };
}

function signIn(
  config: RecordEndpointConfig,
  credentials: RecordEndpointCredentials,
): AuthSettings {
  const read = settingsOf(ENDPOINT_FIELDS, config);
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
        header: read.text('apiKeyHeader'),
        key: needed(credentials.apiKey, 'API key'),
      };
    case 'api-key-query':
      return {
        kind: 'api-key-query',
        parameter: read.text('apiKeyParameter'),
        key: needed(credentials.apiKey, 'API key'),
      };
    case 'oauth2':
      return {
        kind: 'oauth2',
        tokenUrl: read.text('tokenUrl'),
        clientId: read.text('clientId'),
        client: client(config, credentials),
        scope: read.text('scope'),
        form: formLines(read.text('tokenFields')),
      };
  }
}

function client(
  config: RecordEndpointConfig,
  credentials: RecordEndpointCredentials,
): ClientSecret | ClientAssertion {
  const read = settingsOf(ENDPOINT_FIELDS, config);
  const by = read.choice('clientAuth');
  if (by !== 'assertion' && by !== 'grant') {
    return { by, secret: needed(credentials.clientSecret, 'Client secret') };
  }
  return {
    by,
    algorithm: read.choice('assertionAlgorithm'),
    key: needed(credentials.privateKey, 'Private key'),
    passphrase: given(credentials.passphrase, 'Passphrase'),
    keyId: read.text('assertionKeyId'),
    audience: read.text('assertionAudience'),
    subject: read.text('assertionSubject'),
    lifetimeS: read.number('assertionLifetime'),
  };
}

/** Undefined where none is named. */
function secretHeader(
  config: RecordEndpointConfig,
  { secretHeaderValue }: RecordEndpointCredentials,
): SecretHeader | undefined {
  const header = settingsOf(ENDPOINT_FIELDS, config).text('secretHeader');
  return header === ''
    ? undefined
    : { header, value: needed(secretHeaderValue, 'The value of the second secret header') };
}

function needed(value: string | number | undefined, label: string): string {
  const text = given(value, label);
  if (text.trim() !== '') return text;
  throw new InputError(
    'CREDENTIALS_MISSING',
    `${label} is empty. Fill it in the endpoint's dialog; secrets are not part of exported flows.`,
  );
}

/** A variable may have brought a number. One that is not set stays what it is, and is no secret. */
function given(value: string | number | undefined, label: string): string {
  const text = value === undefined ? '' : String(value);
  if (!isEnvironment(text)) return text;
  throw new InputError(
    'CREDENTIALS_MISSING',
    `${label} is taken from the environment variable ${text}, which is not set. Set it, or fill in the field in the endpoint's dialog.`,
  );
}
