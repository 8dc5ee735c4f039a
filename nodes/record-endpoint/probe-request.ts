import type { Node } from 'node-red';
import { InputError } from '../../lib/errors';
import { isFields, type Fields, type RecordKey } from '../../lib/record/fields';
import type { NodeAPI } from '../shared/node-api';
import {
  ENDPOINT_FIELDS,
  type RecordEndpointConfig,
  type RecordEndpointCredentials,
} from './config';
import type { RecordEndpointNode } from './lookup';

/** The fields of a dialog as they are now, and only those secrets that were typed anew. */
export interface TestedSettings {
  readonly config: RecordEndpointConfig;
  readonly credentials: RecordEndpointCredentials;
}

/** What the dialog posts. */
export interface ProbeBody extends TestedSettings {
  readonly collection: string;
  readonly key: RecordKey;
  readonly field?: string;
  /** As conditional-update writes: PATCH, PUT or MERGE. */
  readonly method?: string;
}

/** Settings that are read as text; the number fields say themselves what is wrong with them. */
const TEXTS = Object.entries(ENDPOINT_FIELDS)
  .filter(([, { kind }]) => !['number', 'flag', 'object', 'version'].includes(kind))
  .map(([name]) => name);
const SIGN_INS: readonly unknown[] = ENDPOINT_FIELDS.auth.options;

/** The body of a test, from whoever posted it. Throws InputError `REQUEST_INVALID`. */
export function checkBody(value: unknown): ProbeBody {
  const body = isFields(value) ? value : {};
  const { collection, key } = body;
  if (typeof collection !== 'string' || key === undefined || key === null) {
    throw invalid('Name the records and the key of one record to test with.');
  }
  const settings = checkSettings(body);
  if (!optional(body).every(isText)) throw invalid(NO_TEXT);
  return { ...body, ...settings } as unknown as ProbeBody;
}

const NO_TEXT =
  'Credentials, field and method must be text. Open the dialog of the endpoint again.';

/** Settings from whoever posted them. Throws InputError `REQUEST_INVALID`. */
export function checkSettings({ config, credentials = {} }: Fields): TestedSettings {
  if (!isComplete(config) || !SIGN_INS.includes(config.auth)) {
    throw invalid('The settings of the endpoint are not complete. Open its dialog again.');
  }
  if (!isFields(credentials) || !Object.values(credentials).every(isText)) throw invalid(NO_TEXT);
  return { config, credentials } as unknown as TestedSettings;
}

function isComplete(config: unknown): config is Fields {
  const isKept = isFields(config) && isFields(config.bulk ?? {}) && isFields(config.exchange ?? {});
  return isKept && TEXTS.every(name => typeof config[name] === 'string');
}

function optional({ field = '', method = '' }: Fields): unknown[] {
  return [field, method];
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function invalid(message: string): InputError {
  return new InputError('REQUEST_INVALID', message);
}

/** How a property asks for an environment variable: as its whole value. */
const VARIABLE = /^\$\{[^}]+\}$/;

/** Properties as Node-RED hands them to a node: `${NAME}` stands for the environment variable, where there is one. */
export function withEnvironment<Values extends object>(
  RED: NodeAPI,
  node: Node | null,
  values: Values,
): Values {
  const entries = Object.entries(values).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' && VARIABLE.test(value) ? variable(RED, node, value) : value,
  ]);
  return Object.fromEntries(entries) as Values;
}

function variable(RED: NodeAPI, node: Node | null, text: string): string {
  const value: unknown = RED.util.evaluateNodeProperty(text, 'env', node as Node, {});
  const isKnown = typeof value === 'number' || (typeof value === 'string' && value !== '');
  return isKnown ? String(value) : text;
}

/** Settings that decide where a secret travels. */
const DESTINATION = [
  'server',
  'baseUrl',
  'auth',
  'tokenUrl',
  'clientId',
  'clientAuth',
  'assertionAudience',
  'assertionSubject',
  'apiKeyHeader',
  'apiKeyParameter',
  'secretHeader',
  'proxy',
  'tls',
] as const;

type Secret = keyof RecordEndpointCredentials;

const SECRET_OF: Record<RecordEndpointConfig['auth'], Secret | undefined> = {
  none: undefined,
  basic: 'password',
  bearer: 'token',
  'api-key': 'apiKey',
  'api-key-query': 'apiKey',
  oauth2: 'clientSecret',
};

/** What the sign-in takes, and the header beside it. */
function secretsOf({ auth, clientAuth, secretHeader }: RecordEndpointConfig): Secret[] {
  const isSigned = auth === 'oauth2' && (clientAuth === 'assertion' || clientAuth === 'grant');
  const own = isSigned ? 'privateKey' : SECRET_OF[auth];
  const also = auth !== 'none' && secretHeader.trim() !== '';
  return [...(own === undefined ? [] : [own]), ...(also ? (['secretHeaderValue'] as const) : [])];
}

/**
 * The credentials for a test from the dialog. A stored secret goes only where the deployed endpoint sends it:
 * otherwise anybody who may edit could have it sent to a server of their own. Throws InputError `SECRET_NEEDED`.
 */
export function credentialsFor(
  deployed: RecordEndpointNode | null,
  { config, credentials }: TestedSettings,
): RecordEndpointCredentials {
  // The user's name is no secret, and the dialog sends only what was typed anew.
  const { user } = deployed?.credentials ?? {};
  const typed = { ...(user === undefined ? {} : { user }), ...credentials };
  const isTyped = secretsOf(config).every(secret => credentials[secret] !== undefined);
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
