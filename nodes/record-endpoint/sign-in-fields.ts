import type { SigningAlgorithm } from '../../lib/transport/auth/settings';
import type { Fields } from '../shared/fields';
import { keyParameterClash, secretHeaderClash, tokenFieldsClash } from './clashes';

const URL_ONLY = 'server=url';
const OAUTH = `${URL_ONLY};auth=oauth2`;
const SIGNED = `${OAUTH};clientAuth=assertion|grant`;
const ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const satisfies readonly SigningAlgorithm[];

export const SIGN_IN_FIELDS = {
  auth: {
    kind: 'choice',
    value: 'none',
    options: ['none', 'basic', 'bearer', 'api-key', 'api-key-query', 'oauth2'],
    when: URL_ONLY,
  },
  apiKeyHeader: {
    kind: 'header',
    value: 'x-api-key',
    required: true,
    when: `${URL_ONLY};auth=api-key`,
    label: 'record-endpoint.label.api-key-header',
    code: 'HEADER_INVALID',
    missing: 'CREDENTIALS_MISSING',
  },
  apiKeyParameter: {
    kind: 'parameter',
    value: 'api_key',
    required: true,
    when: `${URL_ONLY};auth=api-key-query`,
    label: 'record-endpoint.label.api-key-parameter',
    code: 'AUTH_INVALID',
    missing: 'CREDENTIALS_MISSING',
    also: keyParameterClash,
  },
  tokenUrl: {
    kind: 'url',
    value: '',
    required: true,
    when: OAUTH,
    label: 'record-endpoint.label.token-url',
    code: 'AUTH_INVALID',
    missing: 'CREDENTIALS_MISSING',
  },
  clientId: {
    kind: 'text',
    value: '',
    required: true,
    when: OAUTH,
    label: 'record-endpoint.label.client-id',
    missing: 'CREDENTIALS_MISSING',
  },
  scope: {
    kind: 'text',
    value: '',
    when: OAUTH,
    label: 'record-endpoint.label.scope',
  },
  /** How the client shows who it is. */
  clientAuth: {
    kind: 'choice',
    value: 'basic',
    options: ['basic', 'basic-plain', 'body', 'assertion', 'grant'],
    when: OAUTH,
  },
  /** Of the token request, one a line; no secrets. */
  tokenFields: {
    kind: 'form',
    value: '',
    when: OAUTH,
    label: 'record-endpoint.label.token-fields',
    code: 'AUTH_INVALID',
    also: tokenFieldsClash,
  },
  assertionAlgorithm: {
    kind: 'choice',
    value: 'RS256',
    options: ALGORITHMS,
    when: SIGNED,
  },
  assertionKeyId: {
    kind: 'text',
    value: '',
    when: SIGNED,
    label: 'record-endpoint.label.assertion-key-id',
  },
  /** Empty: the token URL. */
  assertionAudience: {
    kind: 'text',
    value: '',
    when: SIGNED,
    label: 'record-endpoint.label.assertion-audience',
  },
  /** For whom a grant asks. */
  assertionSubject: {
    kind: 'text',
    value: '',
    when: `${OAUTH};clientAuth=grant`,
    label: 'record-endpoint.label.assertion-subject',
  },
  assertionLifetime: {
    kind: 'number',
    value: 180,
    min: 10,
    max: 3600,
    whole: true,
    unit: 's',
    when: SIGNED,
    label: 'record-endpoint.label.assertion-lifetime',
  },
  /** Of one more secret that goes with every request; empty: none. */
  secretHeader: {
    kind: 'header',
    value: '',
    when: `${URL_ONLY};auth!=none`,
    label: 'record-endpoint.label.secret-header',
    code: 'HEADER_INVALID',
    also: secretHeaderClash,
  },
} as const satisfies Fields;

/** Which of these are used depends on `auth`. */
export const ENDPOINT_CREDENTIALS = {
  user: { type: 'text' }, // basic
  password: { type: 'password' }, // basic
  token: { type: 'password' }, // bearer
  apiKey: { type: 'password' },
  clientSecret: { type: 'password' }, // oauth2
  privateKey: { type: 'password' }, // oauth2 with a signed assertion
  passphrase: { type: 'password' }, // of that key
  secretHeaderValue: { type: 'password' },
} as const;

export type RecordEndpointCredentials = {
  -readonly [Name in keyof typeof ENDPOINT_CREDENTIALS]?: string;
};
