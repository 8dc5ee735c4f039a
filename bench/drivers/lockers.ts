import { Redis as Client } from 'ioredis';
import { Mutex } from 'redis-semaphore';
import { createInProcessLocks } from '../../lib/coordination/in-process-locks';
import type { RecordLocks } from '../../lib/coordination/lock';
import { createRedisLocks } from '../../lib/coordination/redis/locks';
import { systemTime } from '../../lib/retry/time';
import type { Redis } from '../support/redis';

/** Does work while it holds a lock. */
export interface Locker {
  run(key: string, work: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const PATIENT = { leaseMs: 30_000, waitMs: 600_000, maxWaiters: 100_000 };

export function inProcess(): Locker {
  return lockerOf(createInProcessLocks({ time: systemTime }), () => undefined);
}

export async function onRedis(redis: Redis): Promise<Locker> {
  const runner = await redis.connect();
  const locks = createRedisLocks({ runner, time: systemTime, outage: 'wait' });
  return lockerOf(locks, () => locks.settled());
}

function lockerOf(locks: RecordLocks, settled: () => Promise<void> | undefined): Locker {
  return {
    run: async (key, work) => {
      const lease = await locks.acquire(key, PATIENT);
      if (!lease.granted) throw new Error(`no lock: ${lease.reason}`);
      await work();
      await lease.release();
    },
    close: async () => {
      await settled();
      locks.close();
    },
  };
}

/** With the pause between its questions that its makers set. */
export function semaphore({ port }: Redis): Locker {
  const client = new Client({ port });
  return {
    run: async (key, work) => {
      const mutex = new Mutex(client, key, { acquireTimeout: PATIENT.waitMs, lockTimeout: 30_000 });
      await mutex.acquire();
      await work();
      await mutex.release();
    },
    close: async () => {
      await client.quit();
    },
  };
}

/** What a lock and an unlock take at least: two answers of the server. */
export function twoRoundTrips({ port }: Redis): Locker {
  const client = new Client({ port });
  return {
    run: async (key, work) => {
      await client.get(key);
      await work();
      await client.get(key);
    },
    close: async () => {
      await client.quit();
    },
  };
}
