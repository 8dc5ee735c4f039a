import type { Node, NodeAPI } from 'node-red';
import type { QueueStats } from '../../lib/coordination/queue/queue';
import type {
  DeadLetterNumbers,
  QueueNumbers,
  Sources,
} from '../../lib/monitor/metrics/instruments';
import { deployedStores, type RecordStoreNode } from '../record-store/lookup';

/** What the stores that are deployed say. One that cannot be asked now is left out. */
export function sourcesOf(RED: Pick<NodeAPI, 'nodes'>): Sources {
  return {
    queues: async () => (await Promise.all(deployedStores(RED).map(queuesOf))).flat(),
    deadLetters: async () => (await Promise.all(deployedStores(RED).map(deadLettersOf))).flat(),
  };
}

async function queuesOf(node: RecordStoreNode): Promise<QueueNumbers[]> {
  const found = await Promise.all(
    node.queues.all().map(async ([queue, open]) => {
      const stats = await open.queue.then(opened => opened.stats()).catch(() => undefined);
      return stats === undefined ? [] : [numbersOf(nameOf(node), queue, stats)];
    }),
  );
  return found.flat();
}

function numbersOf(store: string, queue: string, stats: QueueStats): QueueNumbers {
  const { waiting, inFlight, oldestAgeMs } = stats;
  const { accepted, merged, superseded, done, again, givenUp } = stats;
  const updates = { accepted, merged, superseded, done, again, 'given-up': givenUp };
  return { store, queue, waiting, inFlight, oldestAgeMs, updates };
}

async function deadLettersOf(node: RecordStoreNode): Promise<DeadLetterNumbers[]> {
  const found = (await node.deadLetterNumbers?.().catch(() => undefined)) ?? [];
  return found.map(one => ({ store: nameOf(node), ...one }));
}

function nameOf({ id, name = '' }: Pick<Node, 'id' | 'name'>): string {
  return name === '' ? id : name;
}
