import type { Node } from 'node-red';
import type { QueueStats } from '../../lib/coordination/queue/queue';
import type {
  DeadLetterNumbers,
  QueueNumbers,
  Sources,
} from '../../lib/monitor/metrics/instruments';
import { deadLetterNodes, type DeadLetterNode } from '../dead-letter/lookup';
import { deployedStores, findStore, type RecordStoreNode } from '../record-store/lookup';
import type { NodeAPI } from '../shared/node-api';

/** What the stores that are deployed say. One that cannot be asked now is left out. */
export function sourcesOf(RED: Pick<NodeAPI, 'nodes'>): Sources {
  return {
    queues: async () => (await Promise.all(deployedStores(RED).map(queuesOf))).flat(),
    deadLetters: () => deadLettersOf(RED),
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

async function deadLettersOf(RED: Pick<NodeAPI, 'nodes'>): Promise<DeadLetterNumbers[]> {
  // Several nodes may show one list.
  const lists = new Map(
    deadLetterNodes(RED).map(node => [`${node.list.store} ${node.list.name}`, node]),
  );
  const found = await Promise.all([...lists.values()].map(node => lettersOf(RED, node)));
  return found.flat();
}

async function lettersOf(
  RED: Pick<NodeAPI, 'nodes'>,
  node: DeadLetterNode,
): Promise<DeadLetterNumbers[]> {
  const { id, list } = node;
  const kept = findStore(RED, list.store);
  const counts = await node
    .desk()
    .then(opened => opened.counts())
    .catch(() => undefined);
  if (kept === undefined || counts === undefined) return [];
  const labels = { store: nameOf(kept), list: list.name === id ? nameOf(node) : list.name };
  return Object.entries(counts.byOutcome).map(([reason, count]) => ({ ...labels, reason, count }));
}

function nameOf({ id, name = '' }: Pick<Node, 'id' | 'name'>): string {
  return name === '' ? id : name;
}
