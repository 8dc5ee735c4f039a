import { InputError } from '../../lib/errors';
import { isFields, type RecordKey } from '../../lib/record/fields';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';

/** What the dialog posts: its fields as they are now, and only those secrets that were typed anew. */
export interface ProbeBody {
  readonly config: RecordEndpointConfig;
  readonly credentials: RecordEndpointCredentials;
  readonly collection: string;
  readonly key: RecordKey;
  readonly field?: string;
  /** As conditional-update writes: PATCH, PUT or MERGE. */
  readonly method?: string;
}

/** Settings that are read as text; the number fields say themselves what is wrong with them. */
const TEXTS: readonly (keyof RecordEndpointConfig)[] = [
  'server',
  'family',
  'baseUrl',
  'apiKeyHeader',
  'tokenUrl',
  'clientId',
  'scope',
  'tls',
  'proxy',
  'versionFrom',
  'versionField',
  'versionTo',
  'recordPath',
  'keyStyle',
  'fieldsParameter',
  'conflictStatuses',
  'conflictText',
  'cacheHeader',
  'odataVersion',
  'query',
  'modifiedField',
  'idempotencyHeader',
  'peakFrom',
  'peakTo',
  'peakDays',
  'peakZone',
  'schedule',
  'waits',
  'jitter',
];
const SIGN_INS: readonly unknown[] = ['none', 'basic', 'bearer', 'api-key', 'oauth2'];

/** The body of a test, from whoever posted it. Throws InputError `REQUEST_INVALID`. */
export function checkBody(value: unknown): ProbeBody {
  const body = isFields(value) ? value : {};
  const { config, credentials = {}, collection, key, field = '', method = '' } = body;
  if (typeof collection !== 'string' || key === undefined || key === null) {
    throw invalid('Name the records and the key of one record to test with.');
  }
  const isComplete = isFields(config) && TEXTS.every(name => typeof config[name] === 'string');
  if (!isComplete || !SIGN_INS.includes(config.auth)) {
    throw invalid('The settings of the endpoint are not complete. Open its dialog again.');
  }
  if (!isFields(credentials) || ![...Object.values(credentials), field, method].every(isText)) {
    throw invalid(
      'Credentials, field and method must be text. Open the dialog of the endpoint again.',
    );
  }
  return { ...body, credentials } as unknown as ProbeBody;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function invalid(message: string): InputError {
  return new InputError('REQUEST_INVALID', message);
}
