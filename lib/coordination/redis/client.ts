import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { InputError } from '../../errors';
import type { ClusterNodes, RedisSettings } from './settings';

export type { Cluster, Redis } from 'ioredis';

/** Without an answer for so long the connection counts as broken. Milliseconds. */
export const ANSWER_MS = 1000;
/** A connection that cannot be made for so long is tried anew. */
const CONNECT_MS = 2000;
/** One that is to be closed, and whose other end says nothing to that, is torn down. */
const CLOSE_MS = 200;
const LONGEST_PAUSE_MS = 1000;

export const INSTALL_COMMAND = 'npm install ioredis@6';

export interface Clients {
  readonly Redis: typeof Redis;
  readonly Cluster: typeof Cluster;
}

/** The optional package is loaded only where a store needs it. Throws InputError `STORE_CLIENT_MISSING`. */
export async function loadClient(
  load: () => Promise<Clients> = () => import('ioredis'),
): Promise<Clients> {
  try {
    return await load();
  } catch (error) {
    throw new InputError(
      'STORE_CLIENT_MISSING',
      `The Redis client is not installed, or cannot be loaded (${error instanceof Error ? firstLine(error.message) : 'no reason given'}). In the Node-RED user directory run: ${INSTALL_COMMAND} – then restart Node-RED.`,
    );
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** Of a client of one server, which the sentinels name where there are some. */
export function serverOptions(settings: Exclude<RedisSettings, ClusterNodes>) {
  const { database, tls } = settings;
  const common = { ...commonOptions(settings), db: database, ...PROMPT };
  if (!('sentinels' in settings)) return { ...common, host: settings.host, port: settings.port };
  const { sentinels, master, sentinelUser, sentinelPassword } = settings;
  return {
    ...common,
    sentinels: [...sentinels],
    name: master,
    ...(sentinelUser === undefined ? {} : { sentinelUsername: sentinelUser }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: ANSWER_MS,
    // The client's own waiting could not be ended: we try again ourselves.
    sentinelRetryStrategy: () => null,
  } satisfies RedisOptions;
}

/** Of a client of a cluster. It has one connection for each master. */
export function clusterOptions(settings: ClusterNodes) {
  return {
    redisOptions: commonOptions(settings),
    lazyConnect: true,
    enableOfflineQueue: false,
    // Whether keys can be written we ask ourselves: not everybody may ask for the state of a cluster.
    enableReadyCheck: false,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: ANSWER_MS,
    // While a node is connected, or has just left: few and short, so that a command has failed before its time is over.
    maxRedirections: 8,
    retryDelayOnFailover: 100,
    retryDelayOnTryAgain: 100,
    // It lasts longer than anybody should wait.
    retryDelayOnClusterDown: 0,
    // Names stay names: a certificate is for a name.
    dnsLookup: (name, callback) => {
      callback(null, name);
    },
  } satisfies ClusterOptions;
}

const retryStrategy = (tries: number): number =>
  Math.min(50 * 2 ** Math.min(tries, 10), LONGEST_PAUSE_MS);

/**
 * What is asked while there is no connection fails at once, and so does what was under way when it broke: whoever asked
 * knows better whether it still makes sense.
 */
const PROMPT = { lazyConnect: true, enableOfflineQueue: false, retryStrategy };

function commonOptions({ tls, user, password }: RedisSettings) {
  return {
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    autoResendUnfulfilledCommands: false,
    // We subscribe ourselves once the connection is there: what the client does unasked nobody catches when it fails.
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_MS,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: CLOSE_MS,
    connectionName: 'record-updates',
  } satisfies RedisOptions;
}
