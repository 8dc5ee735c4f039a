import type { Redis, RedisOptions } from 'ioredis';
import { InputError } from '../../errors';
import type { RedisSettings } from './settings';

export type { Redis } from 'ioredis';

/** Without an answer for so long the connection counts as broken. Milliseconds. */
export const ANSWER_MS = 1000;
/** A connection that cannot be made for so long is tried anew. */
const CONNECT_MS = 2000;
const LONGEST_PAUSE_MS = 1000;

export const INSTALL_COMMAND = 'npm install ioredis@6';

type Load = () => Promise<{ readonly Redis: typeof Redis }>;

/** The optional package is loaded only where a store needs it. Throws InputError `STORE_CLIENT_MISSING`. */
export async function loadClient(
  load: Load = () => import('ioredis'),
): Promise<{ readonly Redis: typeof Redis }> {
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

/**
 * What is asked while there is no connection fails at once, and so does what was under way when it broke: whoever asked
 * knows better whether it still makes sense.
 */
export function clientOptions(settings: RedisSettings) {
  const { host, port, database, tls, user, password } = settings;
  return {
    host,
    port,
    db: database,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // We subscribe ourselves once the connection is there: what the client does unasked nobody catches when it fails.
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_MS,
    connectTimeout: CONNECT_MS,
    connectionName: 'record-updates',
    retryStrategy: (tries: number) => Math.min(50 * 2 ** Math.min(tries, 10), LONGEST_PAUSE_MS),
  } satisfies RedisOptions;
}
