import { randomUUID } from 'node:crypto';
import type { BulkApi } from '../../lib/api/bulk/bulk-api';
import { createBulkApi } from '../../lib/api/bulk/create';
import type { BulkSettings } from '../../lib/api/bulk/settings';
import type { ApiFamily } from '../../lib/api/family';
import type { ApiSettings } from '../../lib/api/settings';
import { InputError } from '../../lib/errors';
import type { BaseUrl } from '../../lib/record/url';
import { createRetryBudget, type RetryBudget } from '../../lib/retry/budget';
import { peakPolicy, policyByHour } from '../../lib/retry/peak';
import type { RetryPolicy } from '../../lib/retry/policy';
import type { AuthSettings } from '../../lib/transport/auth/settings';
import type { Headers } from '../../lib/transport/headers';
import type { UpdateContext } from '../../lib/update/context';
import { headerLines } from '../shared/checks';
import { hoursOf } from '../shared/hours';
import { retryPolicy } from '../shared/retry-policy';
import { settingsOf } from '../shared/settings';
import { BULK_INPUTS, type BulkInputs } from './bulk-fields';
import { inputsFor, settingsFor } from './bulk-settings';
import {
  ENDPOINT_FIELDS,
  type RecordEndpointConfig,
  type RecordEndpointCredentials,
} from './config';

/** What the dialog says about the API. Throws InputError that names the field. */
export function apiSettings(config: RecordEndpointConfig): ApiSettings {
  const read = settingsOf(ENDPOINT_FIELDS, config);
  const { createdIsUpdate, missingMeansNull, csrf, crossCompany, keyStyle, odataVersion } = config;
  return {
    csrfToken: read.choice('csrfToken'),
    createdIsUpdate,
    missingMeansNull,
    csrf,
    crossCompany,
    keyStyle,
    odataVersion,
    versionFrom: config.versionFrom,
    versionField: read.text('versionField'),
    versionTo: read.choice('versionTo'),
    recordPath: config.recordPath.trim(),
    fieldsParameter: read.text('fieldsParameter'),
    conflictStatuses: read.numbers('conflictStatuses'),
    conflictText: config.conflictText.trim(),
    cacheHeader: read.text('cacheHeader'),
    retryText: config.retryText.trim(),
    query: read.text('query'),
    unmodifiedSince: read.flag('unmodifiedSince'),
    // With the version from Last-Modified it counts besides.
    modifiedField: config.modifiedField.trim(),
    noted: {
      changedBy: config.changedBy.trim(),
      changedAt: config.changedAt.trim(),
      type: config.typeField.trim(),
    },
  };
}

/** Throws InputError `CREDENTIALS_MISSING` and others that name the field. */
export function authSettings(
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
        clientSecret: needed(credentials.clientSecret, 'Client secret'),
        scope: config.scope,
      };
  }
}

/** What the dialog says of many records. Throws InputError that names the field. */
export function bulkSettings(config: RecordEndpointConfig): BulkSettings {
  const { family, bulk } = config;
  const read = settingsOf(BULK_INPUTS, { ...inputsFor(bulk), family } as object);
  const inputs = Object.entries(BULK_INPUTS).map(([name, { kind }]) => [
    name,
    kind === 'number' ? read.number(name as NumberInput) : read.text(name as TextInput),
  ]);
  const settings = settingsFor(Object.fromEntries(inputs) as BulkInputs) as BulkSettings;
  // One of a later version of this package is refused as such.
  return bulk.v === undefined ? settings : ({ ...settings, v: bulk.v } as BulkSettings);
}

type NumberInput = 'bulkMost' | 'bulkMaxAddress' | 'bulkMostComparisons';
type TextInput = 'bulkKeyField';

/** Each record is written with a request of its own where the dialog says so. */
export function bulkApi(
  config: RecordEndpointConfig,
  family: ApiFamily,
  parts: { readonly settings: ApiSettings; readonly baseUrl: BaseUrl },
): BulkApi {
  const { writes, ...reads } = createBulkApi(family, { ...parts, bulk: bulkSettings(config) });
  return config.bulkWrites === 'single' || writes === undefined ? reads : { ...reads, writes };
}

/** The endpoint's own headers; undefined: none. Throws InputError `HEADER_INVALID`. */
export function ownHeaders(config: RecordEndpointConfig): Headers | undefined {
  const lines = headerLines(settingsOf(ENDPOINT_FIELDS, config).text('headers'));
  return lines.length === 0 ? undefined : Object.fromEntries(lines);
}

/** A variable may have brought a number. */
function needed(value: string | number | undefined, label: string): string {
  const text = value === undefined ? '' : String(value);
  if (text.trim() !== '') return text;
  throw new InputError(
    'CREDENTIALS_MISSING',
    `${label} is empty. Fill it in the endpoint's dialog; secrets are not part of exported flows.`,
  );
}

/**
 * How writes name themselves, so that an API that documents it can tell a repeat from a new write; undefined: not
 * at all. Throws InputError `IDEMPOTENCY_HEADER_INVALID`.
 */
export function idempotency(config: RecordEndpointConfig): UpdateContext['idempotency'] {
  const read = settingsOf(ENDPOINT_FIELDS, config);
  const header = read.text('idempotencyHeader');
  if (header === '') return undefined;
  return { header, isQuoted: read.choice('idempotencyKey') === 'quoted', newKey: randomUUID };
}

/** The endpoint's retry budget, full; undefined where the field is empty. Throws InputError `NUMBER_INVALID`. */
export function retryBudget(config: RecordEndpointConfig): RetryBudget | undefined {
  const read = settingsOf(ENDPOINT_FIELDS, config);
  const capacity = read.optional('retryBudget');
  if (capacity === undefined) return undefined;
  return createRetryBudget({ capacity, earned: read.number('retryEarned') / 100 });
}

/**
 * The endpoint's retry policy of the moment: at peak hours it has more retries, longer waits and more time.
 * Throws InputError `NUMBER_INVALID`, `RETRY_INVALID` or `PEAK_INVALID`.
 */
export function policyOfTheHour(config: RecordEndpointConfig): () => RetryPolicy {
  const normal = retryPolicy(config);
  if (!config.peak) return () => normal;
  const read = settingsOf(ENDPOINT_FIELDS, config);
  const hours = hoursOf(config);
  const peak = peakPolicy(normal, {
    conflictRetries: read.number('peakConflictRetries'),
    deadlineMs: read.ms('peakDeadline'),
    waitFactor: read.number('peakWaitFactor'),
  });
  const policyAt = policyByHour({ normal, peak, hours });
  return () => policyAt(Date.now());
}
