import type { BulkApi } from '../../lib/api/bulk/bulk-api';
import type { ApiFamily } from '../../lib/api/family';
import { createFamily } from '../../lib/api/families';
import type { ApiSettings } from '../../lib/api/settings';
import type { UpdateResult } from '../../lib/outcome/outcome';
import { parseBaseUrl } from '../../lib/record/url';
import type { RetryBudget } from '../../lib/retry/budget';
import type { RetryPolicy } from '../../lib/retry/policy';
import { waitBefore } from '../../lib/retry/schedule';
import { systemTime } from '../../lib/retry/time';
import type { AuthSettings } from '../../lib/transport/auth/settings';
import { createTransport } from '../../lib/transport/client';
import type { RetryWait, TransportSettings } from '../../lib/transport/settings';
import type {
  AdmissionLease,
  Admissions,
  EntranceSettings,
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
import { PRACTICE_PATHS } from './practice';
import {
  adaptivePolicy,
  apiSettings,
  authSettings,
  bulkApi,
  idempotency,
  ownHeaders,
  retryBudget,
} from './settings';

/** The open way to one API. */
export interface Connection {
  readonly baseUrl: URL;
  readonly family: ApiFamily;
  readonly transport: Transport;
  /** The retry policy of the moment: at peak hours it is another one. Take it once per update. */
  readonly policyNow: () => RetryPolicy;
  /** Told of every update that is over: the policy may follow how many met a conflict. */
  readonly onUpdated: (result: UpdateResult) => void;
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
  /** Of all endpoints of this Node-RED. */
  readonly admissions: Admissions;
  /** Told when the API asks for a longer pause than its credential is held for. */
  readonly onLongHold?: (ms: number) => void;
}

/** Throws InputError naming the setting that cannot work. Opens no connection yet. */
export function createConnection(
  config: RecordEndpointConfig,
  credentials: RecordEndpointCredentials,
  surroundings: Surroundings,
): Connection {
  const { practiceOrigin, admissions, onLongHold } = surroundings;
  // Before anything else: the other fields depend on it.
  settingsOf(ENDPOINT_FIELDS, config).choice('server');
  const api = apiOf(config, practiceOrigin !== undefined);
  const family = createFamily(config.family, api);
  const { policyNow, onUpdated } = adaptivePolicy(config);
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
    onUpdated,
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
    lease,
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

function opened(settings: TransportSettings, lease: AdmissionLease): Transport {
  try {
    return createTransport(settings);
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
