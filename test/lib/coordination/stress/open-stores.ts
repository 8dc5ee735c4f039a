import { join } from 'node:path';
import { createInProcessLocks } from '../../../../lib/coordination/in-process-locks';
import type { RecordLocks } from '../../../../lib/coordination/lock';
import { createInProcessQueueStore } from '../../../../lib/coordination/queue/in-process-store';
import type { QueueStore } from '../../../../lib/coordination/queue/queue-store';
import { RedisConnection } from '../../../../lib/coordination/redis/connection';
import { createRedisLocks } from '../../../../lib/coordination/redis/locks';
import { createRedisQueueStore } from '../../../../lib/coordination/redis/queue-store';
import { systemTime } from '../../../../lib/retry/time';
import type { StoreTrouble } from '../../../../lib/coordination/store-trouble';

/** Where the stores of a run are. */
export type StorePlace =
  | { readonly kind: 'redis'; readonly port: number }
  | { readonly kind: 'file'; readonly folder: string };

/** What a process opens of them. */
export interface OpenStores {
  readonly locks: RecordLocks;
  queue(name: string): Promise<QueueStore>;
  close(): Promise<void>;
}

export function openStores(place: StorePlace): Promise<OpenStores> {
  return place.kind === 'redis' ? onRedis(place.port) : Promise.resolve(inProcess(place.folder));
}

async function onRedis(port: number): Promise<OpenStores> {
  const settings = { host: '127.0.0.1', port, database: 0, prefix: 'ru:' };
  const access = { tls: undefined, user: undefined, password: undefined };
  const connection = await RedisConnection.open({ ...settings, ...access }, { time: systemTime });
  const locks = createRedisLocks({ runner: connection, time: systemTime, outage: 'wait' });
  return {
    locks,
    queue: name => Promise.resolve(createRedisQueueStore({ runner: connection, name })),
    close: async () => {
      locks.close();
      await locks.settled();
      connection.close();
    },
  };
}

function inProcess(folder: string): OpenStores {
  const locks = createInProcessLocks({ time: systemTime });
  const stores: QueueStore[] = [];
  return {
    locks,
    queue: async name => {
      const journal = join(folder, `${name}.journal`);
      const store = await createInProcessQueueStore({ time: systemTime, journal, onTrouble });
      stores.push(store);
      return store;
    },
    close: async () => {
      locks.close();
      await Promise.all(stores.map(store => store.close()));
    },
  };
}

/** What a kill leaves behind, and what another process does, is no fault. */
function onTrouble(trouble: StoreTrouble | undefined): void {
  const isUsual = [undefined, 'truncated', 'in-use'].includes(trouble?.kind);
  if (!isUsual) throw new Error(trouble?.message);
}
