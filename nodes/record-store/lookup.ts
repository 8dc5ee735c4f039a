import type { Node } from 'node-red';
import type { RecordLocks } from '../../lib/coordination/lock';
import type { ConnectionState } from '../../lib/coordination/redis/connection';
import type { SeenEvents } from '../../lib/coordination/seen-events';
import type { StoreTrouble } from '../../lib/coordination/store-trouble';
import { InputError } from '../../lib/errors';
import type { DeadLetterStore } from '../../lib/review/store/store';
import type { NodeAPI } from '../shared/node-api';
import type { RecordStoreConfig, RecordStoreCredentials } from './config';
import type { Counters } from './counters';
import type { Queues } from './queues';
import type { StrandedQueue } from './stranded';

export type { QueueUser } from './queues';

/** Whether a store can be reached, for all nodes that use it. */
export interface StoreConnection {
  /** Undefined: it is in this process. */
  readonly current: ConnectionState | undefined;
  /** Calls back after every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** What is wrong with a store at present. */
export interface StoreTroubles {
  /** Undefined: nothing is. */
  readonly current: StoreTrouble | undefined;
  /** Calls back after every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** Where the nodes of all Node-RED on a store say how they use its queues. Rejects as the store does. */
export interface SharedRegister {
  /** @returns what the others of the queue have said (`QueueRegister`) */
  announce(queue: string, node: string, text: string): Promise<readonly string[]>;
  leave(queue: string, node: string): Promise<void>;
}

/** How a store begins. */
export interface StoreStart {
  /** What is wrong with its settings. */
  readonly fault: InputError | undefined;
  /** Names this run of Node-RED. */
  readonly run: string;
}

/** What a store owns, of whichever kind it is. */
export interface OwnedStore extends Omit<RecordStoreFace, 'config'> {
  /** Resolves when what it used is free for the next one. */
  close(): Promise<void>;
}

/** What the other nodes see of a store. */
export interface RecordStoreFace {
  readonly config: RecordStoreConfig;
  readonly troubles: StoreTroubles;
  readonly connection: StoreConnection;
  /** Those of all endpoints that use this store. */
  readonly locks: RecordLocks;
  readonly queues: Queues;
  /** Undefined: no other process can use its queues. */
  readonly queueRegister: SharedRegister | undefined;
  readonly counters: Pick<Counters, 'use'>;
  /** Queues in which something waits and that no node has opened. Rejects as long as the store cannot be asked. */
  strandedQueues(): Promise<readonly StrandedQueue[]>;
  /** The dead letters of that name. Rejects as long as they cannot be opened. */
  deadLetters(name: string): Promise<DeadLetterStore>;
  /** The events seen so far, once they are read in. Rejects with InputError when the settings cannot work. */
  seenEvents(): Promise<SeenEvents>;
}

export type RecordStoreNode = Node<RecordStoreCredentials> & RecordStoreFace;

/** The runtime, or the scope of a message. */
interface HasNodes {
  readonly nodes: Pick<NodeAPI['nodes'], 'getNode'>;
}

/** The store with that id; undefined when it is not deployed. */
export function findStore({ nodes }: HasNodes, id: string): RecordStoreNode | undefined {
  const node = nodes.getNode(id) as RecordStoreNode | null;
  return node?.type === 'record-store' ? node : undefined;
}

/** All stores that are deployed. */
export function deployedStores({ nodes }: Pick<NodeAPI, 'nodes'>): RecordStoreNode[] {
  const found: RecordStoreNode[] = [];
  nodes.eachNode(({ id, type }) => {
    const node = type === 'record-store' ? findStore({ nodes }, id) : undefined;
    if (node !== undefined) found.push(node);
  });
  return found;
}

/** The store a node uses. Throws InputError `STORE_MISSING`. */
export function storeOf(scope: HasNodes, id: string): RecordStoreNode {
  const store = findStore(scope, id);
  if (store !== undefined) return store;
  throw new InputError(
    'STORE_MISSING',
    'No store is chosen, or it is not deployed. Open this node, choose one under Store and deploy.',
  );
}
