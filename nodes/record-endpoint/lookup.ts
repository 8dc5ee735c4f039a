import type { Node } from 'node-red';
import type { RecordLocks } from '../../lib/coordination/lock';
import { InputError } from '../../lib/errors';
import type { RecordKey } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import type { Scope } from '../shared/scope';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';
import type { Connection } from './connection';

export type { Connection } from './connection';

/** What the other nodes see of an endpoint. */
export interface EndpointFace {
  readonly config: RecordEndpointConfig;
  readonly locks: RecordLocks;
  /** The connection, opened on first use. Rejects with InputError when the settings cannot work. */
  connect(): Promise<Connection>;
}

export type RecordEndpointNode = Node<RecordEndpointCredentials> & EndpointFace;

/** Where the dialog says which record is meant. */
export interface RecordPlace {
  readonly collection: string;
  readonly collectionType: string;
  readonly key: string;
  readonly keyType: string;
}

/** The endpoint a node uses. Throws InputError `ENDPOINT_MISSING`. */
export function endpointOf({ nodes }: Pick<Scope, 'nodes'>, id: string): RecordEndpointNode {
  const node = nodes.getNode(id) as RecordEndpointNode | null;
  if (node?.type === 'record-endpoint') return node;
  throw new InputError(
    'ENDPOINT_MISSING',
    'No endpoint is chosen, or it is not deployed. Open this node, choose one under Endpoint and deploy.',
  );
}

/** The record a message is about. Throws InputError naming the field at fault. */
export async function locate(
  scope: Scope,
  place: RecordPlace,
  { baseUrl, family }: Connection,
): Promise<RecordRef> {
  const { collection: value, collectionType: type } = place;
  const collection = await scope.evaluate({ value, type, label: 'Records' });
  if (typeof collection !== 'string') {
    throw new InputError(
      'COLLECTION_INVALID',
      'Records must be text such as "salesorders" or "work-orders". Correct it in the dialog.',
    );
  }
  return family.locate(baseUrl, collection, await keyOf(scope, place));
}

/** The record key; by default `msg.key`, else the key of the snapshot in `msg.record`. */
export async function keyOf(
  scope: Scope,
  { key, keyType: type }: Pick<RecordPlace, 'key' | 'keyType'>,
): Promise<RecordKey> {
  const value = await scope.evaluate({ value: key, type, label: 'Key' });
  if (value !== undefined || type !== 'msg' || key !== 'key') return value as RecordKey;
  return scope.get('record.key') as RecordKey;
}
