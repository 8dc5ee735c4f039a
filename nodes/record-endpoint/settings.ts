import { randomUUID } from 'node:crypto';
import type { BulkApi } from '../../lib/api/bulk/bulk-api';
import { createBulkApi } from '../../lib/api/bulk/create';
import type { BulkSettings } from '../../lib/api/bulk/settings';
import type { ApiFamily } from '../../lib/api/family';
import type { ApiSettings } from '../../lib/api/settings';
import type { BaseUrl } from '../../lib/record/url';
import { followingConflicts } from '../../lib/retry/adaptive';
import { createRetryBudget, type RetryBudget } from '../../lib/retry/budget';
import type { SettledCounts } from '../../lib/retry/conflict-rate';
import { peakPolicy, policyByHour } from '../../lib/retry/peak';
import type { RetryPolicy } from '../../lib/retry/policy';
import type { Headers } from '../../lib/transport/headers';
import type { UpdateContext } from '../../lib/update/context';
import { headerLines } from '../shared/checks';
import { english } from '../shared/english';
import { hoursOf } from '../shared/hours';
import { retryPolicy } from '../shared/retry-policy';
import { settingsOf } from '../shared/settings';
import { readApiSettings } from './api-settings';
import { BULK_INPUTS, type BulkInputs } from './bulk-fields';
import { inputsFor, settingsFor } from './bulk-settings';
import { ENDPOINT_FIELDS, type RecordEndpointConfig } from './config';

/** What the dialog says about the API. Throws InputError that names the field. */
export function apiSettings(config: RecordEndpointConfig): ApiSettings {
  return readApiSettings(english, config);
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
function policyOfTheHour(config: RecordEndpointConfig): () => RetryPolicy {
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

/**
 * The same, which follows the rate of conflicts where the dialog says so. Throws InputError like `policyOfTheHour`.
 * @param recent what was counted of the endpoint's updates in the last minutes; undefined: nobody counts
 */
export function adaptivePolicy(
  config: RecordEndpointConfig,
  recent: (() => SettledCounts) | undefined,
): () => RetryPolicy {
  const policyNow = policyOfTheHour(config);
  if (!config.adaptive || recent === undefined) return policyNow;
  return followingConflicts(policyNow, recent);
}
