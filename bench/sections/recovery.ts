import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRedisLocks } from '../../lib/coordination/redis/locks';
import { createRedisQueueStore } from '../../lib/coordination/redis/queue-store';
import type { RedisSettings } from '../../lib/coordination/redis/settings';
import { systemTime } from '../../lib/retry/time';
import { pumpOf, queueOver, updateOf } from '../drivers/queues';
import { program } from '../support/paths';
import { redis as startRedis, type Redis } from '../support/redis';
import { rounded } from '../support/statistics';
import { startClient } from '../support/client-process';
import { redisStore } from './commits';
import type { CoordinationPlan } from './plan';

/** When a process or Redis itself is gone. Milliseconds, the worst of all. */
export interface RecoveryFigures {
  /** The holder was killed: from the end of its lease to the next owner. */
  readonly nextOwnerMs: Readonly<Record<'lock' | 'ticket', number>>;
  /** Redis was killed, or does not answer any more: how long the flow then takes to close. */
  readonly closeMs: Readonly<Record<'killed' | 'frozen', number>>;
}

/** What a process is told to hold. */
export interface Holding {
  readonly settings: RedisSettings;
  readonly keys: readonly string[];
  readonly queue: string;
  readonly leaseMs: number;
}

/** The ends of its leases by the wall clock. */
export interface Held {
  readonly locks: readonly number[];
  readonly tickets: readonly number[];
}

const HELD = 8;
const LEASE_MS = 1_000;
const PATIENT = { leaseMs: 30_000, waitMs: 60_000 };

export async function measureRecovery(
  redis: Redis,
  { kills }: CoordinationPlan,
): Promise<RecoveryFigures> {
  const waits = { lock: [] as number[], ticket: [] as number[] };
  for (let n = 0; n < kills; n += 1) {
    const { lock, ticket } = await killHolder(redis, `killed-${String(n)}`);
    waits.lock.push(...lock);
    waits.ticket.push(...ticket);
  }
  const worst = (values: readonly number[]): number => rounded(Math.max(...values), 1);
  return {
    nextOwnerMs: { lock: worst(waits.lock), ticket: worst(waits.ticket) },
    closeMs: {
      killed: rounded(await closeTime(gone => gone.stop()), 0),
      frozen: rounded(await closeTime(gone => gone.freeze()), 0),
    },
  };
}

type Waits = Readonly<Record<'lock' | 'ticket', readonly number[]>>;

async function killHolder(redis: Redis, name: string): Promise<Waits> {
  const runner = await redis.connect();
  const queue = queueOver(createRedisQueueStore({ runner, name }));
  const locks = createRedisLocks({ runner, time: systemTime, outage: 'wait' });
  const keys = Array.from({ length: HELD }, (_, n) => `${name}-${String(n)}`);
  for (let n = 0; n < HELD; n += 1) await queue.put(updateOf(n));
  const { settings } = redis;
  const { child, held } = await startHolder({ settings, keys, queue: name, leaseMs: LEASE_MS });

  const lock = Promise.all(
    keys.map(async (key, n) => {
      const lease = await locks.acquire(key, PATIENT);
      const at = Date.now();
      if (!lease.granted) throw new Error(`no lock: ${lease.reason}`);
      await lease.release();
      return at - (held.locks[n] ?? Number.NaN);
    }),
  );
  const ticket = new Promise<number[]>((resolve, reject) => {
    const ends = [...held.tickets];
    const waits: number[] = [];
    const pump = pumpOf(
      queue,
      () => {
        waits.push(Date.now() - (ends.shift() ?? Number.NaN));
        if (waits.length === HELD) pump.stop().then(() => resolve(waits), reject);
      },
      reject,
    );
  });
  child.kill('SIGKILL');
  const waits = { lock: await lock, ticket: await ticket };
  locks.close();
  await queue.close();
  return waits;
}

async function startHolder(holding: Holding) {
  const child = fork(program('holder'), [JSON.stringify(holding)]);
  const [held] = (await once(child, 'message')) as [Held];
  if (held.tickets.length !== HELD) throw new Error('the holder got no tickets');
  return { child, held };
}

/** A flow of queue, conditional-update with its locks in Redis, and settle, some messages under way. */
async function closeTime(end: (gone: Redis) => unknown): Promise<number> {
  const redis = await startRedis();
  const settings = { ...redisStore(redis), endpoint: { store: 'store' } };
  const client = await startClient({ variant: 'queue', url: 'http://127.0.0.1:9', settings });
  try {
    await client.count({ updates: 50, inFlight: 10, records: 50, carry: false });
    await end(redis);
    await sleep(100);
    const startedAt = performance.now();
    await client.close();
    return performance.now() - startedAt;
  } finally {
    await redis.stop();
  }
}
