import type { BulkApi } from '../../lib/api/bulk/bulk-api';
import type { ApiFamily } from '../../lib/api/family';
import { createFamily } from '../../lib/api/families';
import type { ApiSettings } from '../../lib/api/settings';
import { parseBaseUrl } from '../../lib/record/url';
import type { RetryBudget } from '../../lib/retry/budget';
import type { SettledCounts } from '../../lib/retry/conflict-rate';
import type { RetryPolicy } from '../../lib/retry/policy';
import { waitBefore } from '../../lib/retry/schedule';
import { systemTime, type Time } from '../../lib/retry/time';
import type { AuthSettings } from '../../lib/transport/auth/settings';
import { createTokenSources, type TokenSources } from '../../lib/transport/auth/token-sources';
import { createTransport } from '../../lib/transport/client';
import type { RetryWait, TransportSettings } from '../../lib/transport/settings';
import {
  createAdmissions,
  type AdmissionLease,
  type Admissions,
  type EntranceSettings,
} from '../../lib/transport/throttle/admission';
import type { Line } from '../../lib/transport/throttle/fair-queue';
import type { Transport } from '../../lib/transport/transport';
import { Chains } from '../../lib/update/chains';
import type { UpdateContext } from '../../lib/update/context';
import { OwnWrites } from '../../lib/update/own-writes';
import { settingsOf } from '../shared/settings';
import {
  ENDPOINT_FIELDS,
  type RecordEndpointConfig,
  type RecordEndpointCredentials,
} from './config';
import { PRACTICE_PATHS } from './practice-paths';
import {
  adaptivePolicy,
  apiSettings,
  bulkApi,
  idempotency,
  ownHeaders,
  retryBudget,
} from './settings';
import { authSettings } from './sign-in';

/** The open way to one API. */
export interface Connection {
  readonly baseUrl: URL;
  readonly family: ApiFamily;
  readonly transport: Transport;
  /** The retry policy of the moment: at peak hours it is another one. Take it once per update. */
  readonly policyNow: () => RetryPolicy;
  readonly budget: RetryBudget | undefined;
  readonly idempotency: UpdateContext['idempotency'];
  readonly ownWrites: OwnWrites;
  /** Undefined: each update reads. */
  readonly chains: Chains | undefined;
  /** How many records go with one request. */
  readonly bulk: BulkApi;
  /** Milliseconds between two batches. */
  readonly settlePauseMs: number;
  /** Where the updates of one node wait until they may begin. */
  readonly lineFor: (node: object) => Line;
  /** Takes no further requests; those under way may finish for `graceMs`, then they are cut. */
  close(graceMs?: number): Promise<void>;
}

/** What the runtime and other config nodes contribute. */
export interface Surroundings {
  readonly tls: TransportSettings['tls'];
  readonly proxy: TransportSettings['proxy'];
  readonly noProxy: TransportSettings['noProxy'];
  /** Origin of the running Practice API; only with server `practice`. */
  readonly practiceOrigin: string | undefined;
  /** Told when the API asks for a longer pause than its credential is held for. */
  readonly onLongHold?: (ms: number) => void;
  /** What was counted of its updates in the last minutes; undefined: nobody counts. */
  readonly recent?: () => SettledCounts;
}

/** Throws InputError naming the setting that cannot work. Connects to nothing yet. */
export type OpenConnection = (
  config: RecordEndpointConfig,
  credentials: RecordEndpointCredentials,
  surroundings: Surroundings,
) => Connection;

/** What the endpoints of one Node-RED share. */
interface Shared {
  readonly admissions: Admissions;
  readonly tokens: TokenSources;
}

/** For all endpoints of one Node-RED: an API throttles a credential, not an endpoint, so those that share one are held together. */
export function connectionsOf(time: Time): OpenConnection {
  const shared = { admissions: createAdmissions(time), tokens: createTokenSources() };
  return (config, credentials, surroundings) =>
    createConnection(config, credentials, surroundings, shared);
}

function createConnection(
  config: RecordEndpointConfig,
  credentials: RecordEndpointCredentials,
  surroundings: Surroundings,
  { admissions, tokens }: Shared,
): Connection {
  const { practiceOrigin, onLongHold } = surroundings;
  // Before anything else: the other fields depend on it.
  settingsOf(ENDPOINT_FIELDS, config).choice('server');
  const api = apiOf(config, practiceOrigin !== undefined);
  const family = createFamily(config.family, api);
  const policyNow = adaptivePolicy(config, surroundings.recent);
  const budget = retryBudget(config);
  const baseUrl = parseBaseUrl(
    practiceOrigin === undefined
      ? settingsOf(ENDPOINT_FIELDS, config).text('baseUrl')
      : practiceOrigin + PRACTICE_PATHS[family.id],
  );
  // What the dialog hides for the Practice API stays unused; secrets are not for it.
  const auth: AuthSettings =
    practiceOrigin === undefined ? authSettings(config, credentials) : { kind: 'none' };
  const headers = ownHeaders(config);
  const settings = {
    ...(headers === undefined ? {} : { headers }),
    ...network(surroundings),
    ...limits(config, policyNow),
    ...(budget === undefined ? {} : { budget }),
    ...(family.needsCsrfToken ? { csrf: { query: config.query.trim() } } : {}),
    ...(onLongHold === undefined ? {} : { onLongHold }),
    baseUrl,
    auth,
    time: systemTime,
  };
  const ownWrites = new OwnWrites();
  const bulk = bulkApi(config, family, { settings: api, baseUrl });
  const settlePauseMs = settingsOf(ENDPOINT_FIELDS, config).ms('settlePause');
  const parts = {
    baseUrl,
    family,
    policyNow,
    budget,
    idempotency: idempotency(config),
    ownWrites,
    chains: config.chaining ? new Chains() : undefined,
    bulk,
    settlePauseMs,
  };
  const entrance = entranceSettings(config);
  // Last of all: a lease that nobody gives back would keep its admission for good.
  const lease = admissions.lease({ baseUrl, auth, ...entrance });
  const transport = opened(
    { ...settings, parallel: entrance.parallel, admission: lease.admission },
    { lease, tokens },
  );
  return {
    ...parts,
    transport,
    lineFor: node => lease.entrance.lineFor(node),
    close: graceMs => closed(transport, lease, graceMs),
  };
}

/** The Practice API plays SAP Gateway with OData V2 only, so the dialog does not ask for the version there. */
function apiOf(config: RecordEndpointConfig, isPractice: boolean): ApiSettings {
  const settings = apiSettings(config);
  return isPractice ? { ...settings, odataVersion: 'v2' } : settings;
}

function opened(
  settings: TransportSettings,
  { lease, tokens }: { readonly lease: AdmissionLease; readonly tokens: TokenSources },
): Transport {
  try {
    return createTransport(settings, tokens);
  } catch (error) {
    lease.release();
    throw error;
  }
}

async function closed(
  transport: Transport,
  lease: AdmissionLease,
  graceMs: number | undefined,
): Promise<void> {
  lease.entrance.close();
  await transport.close(graceMs);
  lease.release();
}

function network({
  tls,
  proxy,
  noProxy,
}: Surroundings): Pick<TransportSettings, 'tls' | 'proxy' | 'noProxy'> {
  return {
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

function limits(
  config: RecordEndpointConfig,
  policyNow: () => RetryPolicy,
): Pick<
  TransportSettings,
  'requestTimeoutMs' | 'transientRetries' | 'maxResponseBytes' | 'retryWait'
> {
  const { requestTimeoutMs, transientRetries } = policyNow();
  const read = settingsOf(ENDPOINT_FIELDS, config);
  return {
    requestTimeoutMs,
    transientRetries,
    maxResponseBytes: read.number('maxResponseKb') * 1024,
    retryWait: waitForRead(policyNow),
  };
}

function entranceSettings(
  config: RecordEndpointConfig,
): EntranceSettings & { readonly parallel: number } {
  const read = settingsOf(ENDPOINT_FIELDS, config);
  const maxWaitS = read.optional('maxWait');
  return {
    parallel: read.number('parallel'),
    maxWaiting: read.number('maxWaiting'),
    maxWaitMs: maxWaitS === undefined ? undefined : maxWaitS * 1000,
  };
}

function waitForRead(policyNow: () => RetryPolicy): RetryWait {
  return ({ retry, previousMs, retryAfterMs }) =>
    waitBefore(policyNow(), {
      retry,
      previousMs,
      cause: 'transient',
      roundTripMs: 0,
      random: Math.random,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
}
