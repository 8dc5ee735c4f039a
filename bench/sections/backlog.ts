import { Redis as Client } from 'ioredis';
import { createInProcessQueueStore } from '../../lib/coordination/queue/in-process-store';
import type { QueueStore } from '../../lib/coordination/queue/queue-store';
import { createRedisQueueStore } from '../../lib/coordination/redis/queue-store';
import { systemTime } from '../../lib/retry/time';
import { queueOver, updateOf } from '../drivers/queues';
import { memoryInUse } from '../support/heap';
import { keepInFlight, upTo } from '../support/in-flight';
import type { Redis } from '../support/redis';
import type { CoordinationPlan } from './plan';

/** What many waiting records take, one update each. */
export interface BacklogFigures {
  readonly records: number;
  /** Record, changes and message of one as JSON, in bytes. */
  readonly payloadBytes: number;
  /** Of memory, for each, beyond that: of the process that keeps them, and of Redis. */
  readonly bytesBeyondPayload: Readonly<Record<'embedded' | 'redis', number>>;
}

const IN_FLIGHT = 64;

export async function measureBacklog(
  redis: Redis,
  { backlog }: CoordinationPlan,
): Promise<BacklogFigures> {
  const payload = payloadOf(backlog);
  return {
    records: backlog,
    payloadBytes: Math.round(payload),
    bytesBeyondPayload: {
      embedded: Math.round((await embedded(backlog)) - payload),
      redis: Math.round((await inRedis(redis, backlog)) - payload),
    },
  };
}

function payloadOf(records: number): number {
  let bytes = 0;
  for (let n = 0; n < records; n += 1) {
    const { record, changes, message } = updateOf(n);
    bytes += Buffer.byteLength(record + JSON.stringify(changes) + message);
  }
  return bytes / records;
}

/** Bytes for each. Without a file: that is no memory. */
async function embedded(records: number): Promise<number> {
  const store = await createInProcessQueueStore({
    time: systemTime,
    onTrouble: trouble => console.error(trouble?.message ?? 'the trouble is over'),
  });
  const before = await memoryInUse();
  await fill(store, records);
  const after = await memoryInUse();
  await store.close();
  return (after - before) / records;
}

/** Bytes for each. */
async function inRedis(redis: Redis, records: number): Promise<number> {
  const store = createRedisQueueStore({ runner: await redis.connect(), name: 'backlog' });
  const client = new Client({ port: redis.port });
  try {
    const before = await usedMemory(client);
    await fill(store, records);
    return ((await usedMemory(client)) - before) / records;
  } finally {
    await store.close();
    await client.quit();
  }
}

async function fill(store: QueueStore, records: number): Promise<void> {
  const queue = queueOver(store);
  await keepInFlight(IN_FLIGHT, upTo(records), async n => {
    await queue.put(updateOf(n));
  });
  const { waiting } = await queue.stats();
  if (waiting !== records) throw new Error(`${String(waiting)} wait of ${String(records)}`);
}

async function usedMemory(client: Client): Promise<number> {
  const found = /^used_memory:(\d+)/m.exec(await client.info('memory'));
  if (found === null) throw new Error('Redis does not say how much memory it uses');
  return Number(found[1]);
}
