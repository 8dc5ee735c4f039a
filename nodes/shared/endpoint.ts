import type { Node, NodeAPI } from 'node-red';
import { InputError } from '../../lib/errors';
import type { RecordKey } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import type { Connection } from '../record-endpoint/connection';
import type { RecordEndpointNode } from '../record-endpoint/record-endpoint';
import type { Message } from './on-input';
import { evaluate, getProperty } from './typed-value';

/** Where the dialog says which record is meant. */
export interface RecordPlace {
  readonly collection: string;
  readonly collectionType: string;
  readonly key: string;
  readonly keyType: string;
}

/** The endpoint a node uses. Throws InputError `ENDPOINT_MISSING`. */
export function endpointOf(RED: NodeAPI, id: string): RecordEndpointNode {
  const node = RED.nodes.getNode(id) as RecordEndpointNode | null;
  if (node?.type === 'record-endpoint') return node;
  throw new InputError(
    'ENDPOINT_MISSING',
    'No endpoint is chosen, or it is not deployed. Open this node, choose one under Endpoint and deploy.',
  );
}

/** The record a message is about. Throws InputError naming the field at fault. */
export async function locate(
  RED: NodeAPI,
  node: Node,
  place: RecordPlace,
  msg: Message,
  { baseUrl, family }: Connection,
): Promise<RecordRef> {
  const collection = await evaluate(
    RED,
    node,
    { value: place.collection, type: place.collectionType, label: 'Records' },
    msg,
  );
  if (typeof collection !== 'string') {
    throw new InputError(
      'COLLECTION_INVALID',
      'Records must be text such as "salesorders" or "work-orders". Correct it in the dialog.',
    );
  }
  return family.locate(baseUrl, collection, await keyOf(RED, node, place, msg));
}

/** The record key; by default `msg.key`, else the key of the snapshot in `msg.record`. */
export async function keyOf(
  RED: NodeAPI,
  node: Node,
  { key, keyType }: Pick<RecordPlace, 'key' | 'keyType'>,
  msg: Message,
): Promise<RecordKey> {
  const value = await evaluate(RED, node, { value: key, type: keyType, label: 'Key' }, msg);
  if (value !== undefined || keyType !== 'msg' || key !== 'key') return value as RecordKey;
  return getProperty(RED, msg, 'record.key') as RecordKey;
}
