import type { Node } from 'node-red';
import type { ConnectionState } from '../../lib/coordination/redis/connection';
import type { StoreState } from '../../lib/coordination/queue/queue-store';
import { deploysOf } from '../shared/deploys';
import type { NodeAPI } from '../shared/node-api';
import type { Queues } from './queues';

/** A queue in which updates wait, and that no node of this Node-RED has opened. */
export interface StrandedQueue {
  readonly name: string;
  readonly waiting: number;
  readonly inFlight: number;
  /** When the oldest of what waits was accepted: wall clock, milliseconds since the epoch; undefined: all is in flight. */
  readonly oldestAt: number | undefined;
  /** A node of another Node-RED uses it. */
  readonly isUsedElsewhere: boolean;
}

/** Which queues a store has, whoever uses them. */
export interface QueueDirectory {
  names(): Promise<readonly string[]>;
  /** Of one that nobody here has opened; undefined: nothing is known of it. */
  stateOf(name: string): Promise<StoreState | undefined>;
  isUsedElsewhere(name: string): Promise<boolean>;
}

/** Rejects as the store does. */
export async function strandedIn(
  queues: Queues,
  directory: QueueDirectory,
): Promise<readonly StrandedQueue[]> {
  const opened = queues.all().map(([name]) => name);
  const names = new Set([...(await directory.names()), ...opened]);
  const found: StrandedQueue[] = [];
  for (const name of [...names].sort()) {
    if (queues.isUsed(name)) continue;
    const state = await (queues.stateOf(name) ?? directory.stateOf(name));
    if (state === undefined || state.waiting + state.inFlight === 0) continue;
    const { waiting, inFlight, oldestAt } = state;
    const isUsedElsewhere = await directory.isUsedElsewhere(name);
    found.push({ name, waiting, inFlight, oldestAt, isUsedElsewhere });
  }
  return found;
}

/** Of a store, what is needed to find them. */
interface WatchedStore {
  readonly connection: {
    /** Undefined: it is in this process. */
    readonly current: Pick<ConnectionState, 'kind'> | undefined;
    onChange(listener: () => void): () => void;
  };
  readonly strandedQueues: () => Promise<readonly StrandedQueue[]>;
}

/**
 * Warns after a deploy of queues that nobody opens any more: nothing else would tell that their updates wait. Each is told
 * once. A store that cannot be reached is asked when it is back.
 */
export function warnOfStranded(
  RED: Pick<NodeAPI, '_' | 'events'>,
  node: Node,
  { connection, strandedQueues }: WatchedStore,
): void {
  const told = new Set<string>();
  let isWanted = false;
  const look = (): void => {
    isWanted = false;
    strandedQueues().then(warn, () => {
      // Why is told by whoever needs the store.
      isWanted = true;
    });
  };
  const warn = (found: readonly StrandedQueue[]): void => {
    const news = found.filter(({ name, isUsedElsewhere }) => !isUsedElsewhere && !told.has(name));
    if (news.length === 0) return;
    for (const { name } of news) told.add(name);
    node.warn(RED._('record-store.warn.stranded', { queues: news.map(inWords).join(', ') }));
  };
  const stopWatching = connection.onChange(() => {
    if (isWanted && connection.current?.kind === 'connected') look();
  });
  const stopLooking = deploysOf(RED).onStarted(look);
  node.on('close', (done: () => void) => {
    stopLooking();
    stopWatching();
    done();
  });
}

/** Such as `"orders" (12, 2026-02-08T10:00:00.000Z)`. */
function inWords({ name, waiting, inFlight, oldestAt }: StrandedQueue): string {
  const since = oldestAt === undefined ? '' : `, ${new Date(oldestAt).toISOString()}`;
  return `${JSON.stringify(name)} (${waiting + inFlight}${since})`;
}
