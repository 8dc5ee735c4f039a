// A process of the benchmark that takes locks and tickets, says until when it has them, and waits to be killed.
import { RedisConnection } from '../lib/coordination/redis/connection';
import { createRedisLocks } from '../lib/coordination/redis/locks';
import { createRedisQueueStore } from '../lib/coordination/redis/queue-store';
import { systemTime } from '../lib/retry/time';
import { queueOver } from './drivers/queues';
import type { Held, Holding } from './sections/recovery';

const { settings, keys, queue: name, leaseMs } = JSON.parse(process.argv[2] ?? '{}') as Holding;

const runner = await RedisConnection.open(settings, { time: systemTime });
const locks = createRedisLocks({ runner, time: systemTime, outage: 'wait' });
const queue = queueOver(createRedisQueueStore({ runner, name }), leaseMs);

const leases = await Promise.all(keys.map(key => locks.acquire(key, { leaseMs, waitMs: 60_000 })));
const { taken } = await queue.take(keys.length);
const held: Held = {
  locks: leases.map(lease => (lease.granted ? lease.expiresAt : Number.NaN)),
  tickets: taken.map(({ ticket }) => ticket.expiresAt),
};
process.once('disconnect', () => process.exit(1));
process.send?.(held);
