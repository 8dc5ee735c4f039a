import { createInterface } from 'node:readline';
import { systemTime } from '../../../../lib/retry/time';
import { InputError } from '../../../../lib/errors';
import { StoreUnavailable } from '../../../../lib/coordination/redis/faults';
import { seededRandom } from '../../../support/seeded-random';
import { ApiClient } from './api-client';
import { LockUser } from './lock-user';
import { openStores, type StorePlace } from './open-stores';
import { QueueUser } from './queue-user';
import { say, type QueueName } from './said';

export interface WorkerOptions {
  readonly store: StorePlace;
  readonly api: string;
  readonly seed: number;
  /** Another one for each process of a run. */
  readonly number: number;
  readonly leaseMs: number;
}

/** What a process is told, a line each. */
export type Command = 'quiet' | 'check' | 'stats' | 'end';

const QUEUES: readonly QueueName[] = ['merge', 'newest'];

/**
 * A process as one Node-RED: puts updates into two queues, hands them on and writes them to the API, and takes locks,
 * until it is told otherwise. It says whatever it does.
 */
export async function stress(options: WorkerOptions): Promise<void> {
  process.on('unhandledRejection', error => {
    fault('unhandled rejection', error);
  });
  const random = seededRandom(options.seed);
  // As a server would: what a store waits for does not keep a process alive.
  const staysAlive = setInterval(() => undefined, 60_000);
  const stores = await openStores(options.store);
  const api = new ApiClient(options.api);
  const context = { ...options, random, api, onError };
  const users = await Promise.all(
    QUEUES.map(async name => new QueueUser(name, await stores.queue(name), context)),
  );
  const locks = new LockUser(stores.locks, context);
  // Ends without a word when whoever started it has gone.
  process.stdin.once('end', () => process.exit());
  for await (const line of createInterface({ input: process.stdin })) {
    const command = line as Command;
    if (command === 'quiet') {
      locks.quiet();
      void Promise.all(users.map(user => user.quiet())).then(() => {
        say({ say: 'quiet' });
      });
    }
    if (command === 'stats') for (const user of users) void user.tellStats();
    if (command === 'check') for (const user of [...users, locks]) void user.tellWorks();
    if (command === 'end') break;
  }
  // Nothing else may keep it alive.
  process.stdin.destroy();
  clearInterval(staysAlive);
  await Promise.all([...users, locks].map(user => user.stop()));
  await stores.close();
  await api.close();
  say({ say: 'closed' });
}

/** What an outage brings, and what does not. */
async function onError(error: unknown): Promise<void> {
  const isInUse = error instanceof InputError && error.code === 'STORE_IN_USE';
  if (!isInUse && !(error instanceof StoreUnavailable)) fault('unexpected', error);
  await systemTime.sleep(100);
}

function fault(what: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say({ say: 'fault', what: `${what}: ${text}` });
}
