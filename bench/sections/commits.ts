import { createRedisQueueStore } from '../../lib/coordination/redis/queue-store';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeSettings } from '../drivers/record-nodes';
import { startClient, type Client, type Opening } from '../support/client-process';
import { QUEUE_NAME } from '../drivers/queued-update';
import type { Redis } from '../support/redis';
import { startServer, type Server } from '../support/server';
import { median, rounded } from '../support/statistics';
import type { CoordinationPlan } from './plan';

/** Requests per committed update of one record that everybody wants to update at once. */
export interface CommitFigures {
  /** Some processes, through a queue on Redis that merges what waits. */
  readonly merged: number;
  /** The same processes, one at a time with the locks in Redis. */
  readonly oneAtATime: number;
  /** One process, one at a time. */
  readonly oneProcess: number;
}

const EACH = 24;
const IN_ONE = 50;

/** As in the section hotRecord: the writers meet as over a network, with patience for every one of them. */
const LATENCY_MS = 5;
const PATIENT = { conflictRetries: 1000, deadline: 120 };
const UPDATE = { serialize: true, rule: 'overwrite' } as const;

/** Settings with a store on that Redis. */
export function redisStore({ port, settings: { prefix } }: Redis): Pick<NodeSettings, 'store'> {
  return { store: { keep: 'redis', server: `127.0.0.1:${String(port)}`, prefix } };
}

export async function measureCommits(redis: Redis, plan: CoordinationPlan): Promise<CommitFigures> {
  const server = await startServer('--no-history', '--orders', '1', '--latency', `${LATENCY_MS}`);
  const store = redisStore(redis);
  const update = UPDATE;
  const clients = plan.processes;
  try {
    return {
      merged: await perCommit(server, plan, {
        variant: 'queue',
        clients,
        updates: EACH,
        settings: { ...store, update, endpoint: PATIENT },
        isOver: () => queueIsEmpty(redis),
      }),
      oneAtATime: await perCommit(server, plan, {
        variant: 'node',
        clients,
        updates: EACH,
        settings: { ...store, update, endpoint: { ...PATIENT, store: 'store' } },
      }),
      oneProcess: await perCommit(server, plan, {
        variant: 'node',
        clients: 1,
        updates: IN_ONE,
        settings: { update, endpoint: PATIENT },
      }),
    };
  } finally {
    await server.close();
  }
}

interface Crowd {
  readonly variant: Opening['variant'];
  readonly clients: number;
  /** Of each. */
  readonly updates: number;
  readonly settings: NodeSettings;
  /** Resolves once nothing is under way any more; undefined: it is when the clients say so. */
  readonly isOver?: () => Promise<void>;
}

async function perCommit(server: Server, plan: CoordinationPlan, crowd: Crowd): Promise<number> {
  const { variant, settings } = crowd;
  const clients: Client[] = [];
  try {
    while (clients.length < crowd.clients) {
      clients.push(await startClient({ variant, url: server.url, settings }));
    }
    const rounds: number[] = [];
    for (let n = 0; n < plan.crowds; n += 1) rounds.push(await requestsOf(server, clients, crowd));
    return rounded(median(rounds));
  } finally {
    await Promise.all(clients.map(client => client.close()));
  }
}

async function requestsOf(
  server: Server,
  clients: readonly Client[],
  { updates, isOver }: Crowd,
): Promise<number> {
  const before = await server.stats();
  const plan = { updates, inFlight: updates, records: 1, carry: false };
  await Promise.all(clients.map(client => client.count(plan)));
  await isOver?.();
  const after = await server.stats();
  const requests = (method: string): number =>
    (after.requests[method] ?? 0) - (before.requests[method] ?? 0);
  return (requests('GET') + requests('PATCH')) / (updates * clients.length);
}

/** Everything that was accepted is done, or had become part of what is. */
async function queueIsEmpty(redis: Redis): Promise<void> {
  const store = createRedisQueueStore({ runner: await redis.connect(), name: QUEUE_NAME });
  for (;;) {
    const { waiting, inFlight, counters } = await store.state();
    if (counters.givenUp + counters.again > 0) throw new Error('an update was not done');
    if (waiting + inFlight === 0) break;
    await sleep(5);
  }
  await store.close();
}
