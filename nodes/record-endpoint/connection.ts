import type { ApiFamily } from '../../lib/api/family';
import { createFamily } from '../../lib/api/families';
import { InputError } from '../../lib/errors';
import { parseBaseUrl } from '../../lib/record/url';
import type { RetryPolicy } from '../../lib/retry/policy';
import { waitBefore } from '../../lib/retry/schedule';
import { systemTime } from '../../lib/retry/time';
import { createTransport } from '../../lib/transport/client';
import type { TransportSettings } from '../../lib/transport/settings';
import type { Transport } from '../../lib/transport/transport';
import { namesField, wholeField } from '../shared/number-field';
import { retryPolicy } from '../shared/retry-policy';
import { authSettings } from './auth-settings';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';

/** The open way to one API. */
export interface Connection {
  readonly baseUrl: URL;
  readonly family: ApiFamily;
  readonly transport: Transport;
  readonly policy: RetryPolicy;
}

/** What other config nodes contribute. */
export interface Surroundings {
  readonly tls: TransportSettings['tls'];
  readonly proxy: TransportSettings['proxy'];
  readonly noProxy: TransportSettings['noProxy'];
  /** Origin of the running Practice API; only with server `practice`. */
  readonly practiceOrigin: string | undefined;
}

/** Throws InputError naming the setting that cannot work. Opens no connection yet. */
export function createConnection(
  config: RecordEndpointConfig,
  credentials: RecordEndpointCredentials,
  { tls, proxy, noProxy, practiceOrigin }: Surroundings,
): Connection {
  const family = createFamily(config.family, restSettings(config));
  const policy = retryPolicy(config);
  const baseUrl = parseBaseUrl(
    practiceOrigin === undefined ? config.baseUrl : practiceOrigin + family.practicePath,
  );
  const transport = createTransport({
    baseUrl,
    // What the dialog hides for the Practice API stays unused; secrets are not for it.
    auth: practiceOrigin === undefined ? authSettings(config, credentials) : { kind: 'none' },
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    requestTimeoutMs: policy.requestTimeoutMs,
    transientRetries: policy.transientRetries,
    maxResponseBytes: responseLimit(config),
    retryWait: ({ retry, retryAfterMs }) =>
      waitBefore(policy, {
        retry,
        cause: 'transient',
        roundTripMs: 0,
        random: Math.random,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      }),
    time: systemTime,
  });
  return { baseUrl, family, transport, policy };
}

function responseLimit(config: RecordEndpointConfig): number {
  return wholeField(config.maxResponseKb, 'Largest answer', { min: 1, max: 1_000_000 }) * 1024;
}

function restSettings(config: RecordEndpointConfig): Parameters<typeof createFamily>[1] {
  const { versionFrom, versionField, versionTo, recordPath, missingMeansNull } = config;
  if (config.family === 'rest' && versionFrom === 'field' && versionField.trim() === '') {
    throw new InputError(
      'VERSION_FIELD_MISSING',
      'Version field is empty. Name the body field that holds the version, for example "version" or "meta.rev".',
    );
  }
  const conflictStatuses = namesField(config.conflictStatuses).map(status =>
    wholeField(status, 'Conflict statuses', { min: 400, max: 499 }),
  );
  return { versionFrom, versionField, versionTo, recordPath, conflictStatuses, missingMeansNull };
}
