import { onTestFinished } from 'vitest';
import {
  RedisConnection,
  type ConnectionOptions,
} from '../../../lib/coordination/redis/connection';
import {
  createRedisLocks,
  type RedisLocks,
  type RedisLocksOptions,
} from '../../../lib/coordination/redis/locks';
import type { RedisSettings } from '../../../lib/coordination/redis/settings';
import { systemTime } from '../../../lib/retry/time';

/** A connection for one test. */
export async function openConnection(
  settings: RedisSettings,
  options: Partial<ConnectionOptions> = {},
): Promise<RedisConnection> {
  const connection = await RedisConnection.open(settings, { time: systemTime, ...options });
  onTestFinished(() => {
    connection.close();
  });
  return connection;
}

/** Locks as one Node-RED has them, with a connection of their own, for one test. */
export async function openLocks(
  settings: RedisSettings,
  options: Partial<RedisLocksOptions> = {},
): Promise<RedisLocks & { readonly connection: RedisConnection }> {
  const connection = await openConnection(settings);
  const locks = createRedisLocks({
    runner: connection,
    time: systemTime,
    outage: 'wait',
    ...options,
  });
  onTestFinished(() => {
    locks.close();
  });
  return Object.assign(locks, { connection });
}
