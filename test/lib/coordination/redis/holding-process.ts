import { writeSync } from 'node:fs';
import { RedisConnection } from '../../../../lib/coordination/redis/connection';
import { createRedisLocks } from '../../../../lib/coordination/redis/locks';
import { systemTime } from '../../../../lib/retry/time';

/** Takes a lock and holds it until it is killed; tells when it waits and when it has it. */
export async function hold(port: number, key: string, leaseMs: number): Promise<void> {
  const settings = { host: '127.0.0.1', port, database: 0, prefix: 'ru:' };
  const none = { tls: undefined, user: undefined, password: undefined };
  const connection = await RedisConnection.open({ ...settings, ...none }, { time: systemTime });
  const locks = createRedisLocks({ runner: connection, time: systemTime, outage: 'wait' });
  const onWait = (): void => {
    writeSync(1, 'waits\n');
  };
  const lease = await locks.acquire(key, { leaseMs, waitMs: 600_000, onWait });
  writeSync(1, lease.granted ? `holds ${lease.fence}\n` : `${lease.reason}\n`);
  if (lease.granted) lease.signal.addEventListener('abort', () => writeSync(1, 'lost\n'));
}
