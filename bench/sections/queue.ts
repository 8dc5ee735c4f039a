import { Redis as Client } from 'ioredis';
import { createRedisQueueStore } from '../../lib/coordination/redis/queue-store';
import {
  bullmq,
  ourQueue,
  pumpOf,
  queueOver,
  updateOf,
  WORKERS,
  type Queueing,
} from '../drivers/queues';
import { keepInFlight, upTo } from '../support/in-flight';
import type { Redis } from '../support/redis';
import { median, pairedRatio, quantile, rounded } from '../support/statistics';
import type { CoordinationPlan } from './plan';

/** The update queue on Redis, beside BullMQ on the same one, 10 in flight. */
export interface QueueFigures {
  /** Updates a second that it takes in, to what BullMQ adds. */
  readonly putRatioToBullmq: number;
  /** Updates a second that are taken and done, to what BullMQ processes. */
  readonly processRatioToBullmq: number;
  readonly perSecond: Readonly<Record<'put' | 'add' | 'done' | 'processed', number>>;
  readonly putToStart: LatencyFigures;
}

/** One update at a time, put and handed on in the same process. Milliseconds. */
export interface LatencyFigures {
  readonly p95Ms: number;
  /** Two round trips of a plain command, their median, and 3 ms. */
  readonly limitMs: number;
  readonly ratioToLimit: number;
}

const ALLOWANCE_MS = 3;

export async function measureQueue(redis: Redis, plan: CoordinationPlan): Promise<QueueFigures> {
  const ours = await ourQueue(redis, 'pairs');
  const theirs = await bullmq(redis, 'pairs');
  const { updates, rounds } = plan;
  const ms = {
    put: [] as number[],
    add: [] as number[],
    done: [] as number[],
    processed: [] as number[],
  };
  try {
    // The first time of each warms it up.
    for (let n = 0; n <= rounds; n += 1) {
      const put = await timeToPut(ours, updates);
      const add = await timeToPut(theirs, updates);
      const done = await timeOf(() => ours.work(updates));
      const processed = await timeOf(() => theirs.work(updates));
      if (n === 0) continue;
      ms.put.push(put);
      ms.add.push(add);
      ms.done.push(done);
      ms.processed.push(processed);
    }
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
  const rate = (times: readonly number[]): number => Math.round((updates * 1000) / median(times));
  return {
    putRatioToBullmq: rounded(pairedRatio(ms.add, ms.put), 2),
    processRatioToBullmq: rounded(pairedRatio(ms.processed, ms.done), 2),
    perSecond: {
      put: rate(ms.put),
      add: rate(ms.add),
      done: rate(ms.done),
      processed: rate(ms.processed),
    },
    putToStart: await measurePutToStart(redis, plan),
  };
}

function timeToPut(queue: Queueing, updates: number): Promise<number> {
  return timeOf(() => keepInFlight(WORKERS, upTo(updates), n => queue.put(n)));
}

async function timeOf(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

async function measurePutToStart(
  redis: Redis,
  { singles }: CoordinationPlan,
): Promise<LatencyFigures> {
  const store = createRedisQueueStore({ runner: await redis.connect(), name: 'singles' });
  const queue = queueOver(store);
  const client = new Client({ port: redis.port });
  let onStart = (): void => undefined;
  let fail = (error: unknown): void => {
    throw error;
  };
  const pump = pumpOf(
    queue,
    ({ ticket }) => {
      const startedAt = performance.now();
      queue
        .settle(ticket, { kind: 'done', metConflict: false })
        .then(() => {
          starts.push(startedAt);
          onStart();
        })
        .catch(fail);
    },
    error => {
      fail(error);
    },
  );
  const starts: number[] = [];
  const waits: number[] = [];
  const trips: number[] = [];
  try {
    for (let n = 0; n < singles; n += 1) {
      trips.push(await timeOf(() => client.get('nothing')));
      const started = new Promise<void>((resolve, reject) => {
        onStart = resolve;
        fail = reject;
      });
      const putAt = performance.now();
      await Promise.all([queue.put(updateOf(n)), started]);
      waits.push((starts.at(-1) ?? Number.NaN) - putAt);
    }
  } finally {
    await pump.stop();
    await queue.close();
    await client.quit();
  }
  const p95Ms = quantile(waits, 0.95);
  const limitMs = 2 * median(trips) + ALLOWANCE_MS;
  return {
    p95Ms: rounded(p95Ms, 2),
    limitMs: rounded(limitMs, 2),
    ratioToLimit: rounded(p95Ms / limitMs),
  };
}
