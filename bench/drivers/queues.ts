import { Queue as BullQueue, Worker } from 'bullmq';
import type { QueueStore } from '../../lib/coordination/queue/queue-store';
import type { Taken, UpdateToQueue } from '../../lib/coordination/queue/queue';
import { createRecordQueue } from '../../lib/coordination/queue/record-queue';
import { createRedisQueueStore } from '../../lib/coordination/redis/queue-store';
import { Pump } from '../../nodes/update-queue/pump';
import { QUEUE_DEFAULTS } from '../../nodes/update-queue/config';
import { queueSettings } from '../../nodes/update-queue/settings';
import type { Redis } from '../support/redis';

/** How many are worked on at a time, by either queue. */
export const WORKERS = 10;

/** Takes updates in, and hands them to workers. */
export interface Queueing {
  /** Resolves once it is stored. Each number is a record of its own. */
  put(n: number): Promise<void>;
  /** Works on what waits until so many are done. Work takes no time. */
  work(count: number): Promise<void>;
  close(): Promise<void>;
}

/** An order that was updated: about 250 bytes as JSON. */
export function updateOf(n: number): UpdateToQueue {
  const changes = {
    status: 'Processing',
    shippingMethod: 'DHL Express',
    priority: n % 9,
    carrierReference: `00340434161094${String(n).padStart(6, '0')}`,
  };
  const message = { topic: 'orders/updates', source: 'shop', messageId: `b6a2-${String(n)}` };
  return {
    record: `https://erp.example/api/data/v9.0/salesorders(SO-2026-${String(n)})`,
    changes,
    version: undefined,
    eventAt: undefined,
    dueAt: undefined,
    message: JSON.stringify(message),
  };
}

/** With the defaults of the dialog, but no limit that a benchmark meets, and a lease of that length. */
export function queueOver(
  store: QueueStore,
  leaseMs?: number,
): ReturnType<typeof createRecordQueue> {
  const settings = queueSettings({ ...QUEUE_DEFAULTS, parallel: WORKERS, limit: 1_000_000 });
  const dispatch = leaseMs === undefined ? settings.dispatch : { ...settings.dispatch, leaseMs };
  return createRecordQueue(store, { ...settings, dispatch });
}

/** Takes what may be worked on as the node does. */
export function pumpOf(
  queue: ReturnType<typeof createRecordQueue>,
  onTaken: (taken: Taken) => void,
  onFailure: (error: unknown) => void,
): Pump {
  return new Pump(queue, {
    most: WORKERS,
    lookEveryMs: 1_000,
    now: Date.now,
    onTaken,
    onTooLate: () => Promise.resolve(),
    onRound: () => undefined,
    onFailure,
  });
}

export async function ourQueue(redis: Redis, name: string): Promise<Queueing> {
  const queue = queueOver(createRedisQueueStore({ runner: await redis.connect(), name }));
  return {
    put: async n => {
      await queue.put(updateOf(n));
    },
    work: count => workedOff(queue, count),
    close: () => queue.close(),
  };
}

async function workedOff(
  queue: ReturnType<typeof createRecordQueue>,
  count: number,
): Promise<void> {
  let pump: Pump | undefined;
  let done = 0;
  await new Promise<void>((resolve, reject) => {
    const settle = async ({ ticket }: Taken): Promise<void> => {
      const { state } = await queue.settle(ticket, { kind: 'done', metConflict: false });
      if (state !== 'done') throw new Error(`an update ended as ${state}`);
      if (++done === count) resolve();
    };
    pump = pumpOf(queue, taken => void settle(taken).catch(reject), reject);
  });
  await pump?.stop();
}

/** What is done leaves it, as it leaves ours. */
export async function bullmq({ port }: Redis, name: string): Promise<Queueing> {
  const connection = { host: '127.0.0.1', port };
  const options = { connection, prefix: 'bull', skipVersionCheck: true };
  const queue = new BullQueue(name, options);
  const worker = new Worker(name, () => Promise.resolve(), {
    ...options,
    autorun: false,
    concurrency: WORKERS,
    removeOnComplete: { count: 0 },
  });
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  let onDone = (): void => undefined;
  let isRunning = false;
  worker.on('completed', () => {
    onDone();
  });
  return {
    put: async n => {
      await queue.add('update', updateOf(n));
    },
    work: async count => {
      let done = 0;
      await new Promise<void>((resolve, reject) => {
        onDone = () => {
          if (++done === count) resolve();
        };
        (isRunning ? worker.resume() : worker.run()).catch(reject);
        isRunning = true;
      });
      await worker.pause();
    },
    close: async () => {
      await worker.close();
      await queue.close();
    },
  };
}
