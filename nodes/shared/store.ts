import type { NodeAPI } from 'node-red';
import { InputError } from '../../lib/errors';
import type { RecordStoreNode } from '../record-store/record-store';

/** The store with that id; undefined when it is not deployed. */
export function findStore(RED: NodeAPI, id: string): RecordStoreNode | undefined {
  const node = RED.nodes.getNode(id) as RecordStoreNode | null;
  return node?.type === 'record-store' ? node : undefined;
}

/** The store a node uses. Throws InputError `STORE_MISSING`. */
export function storeOf(RED: NodeAPI, id: string): RecordStoreNode {
  const store = findStore(RED, id);
  if (store !== undefined) return store;
  throw new InputError(
    'STORE_MISSING',
    'No store is chosen, or it is not deployed. Open this node, choose one under Store and deploy.',
  );
}
