import type { Node } from 'node-red';
import type { RecordLocks } from '../../lib/coordination/lock';
import { InputError } from '../../lib/errors';
import type { Monitor } from '../../lib/monitor/monitor';
import type { RecordKey } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import { findStore } from '../record-store/lookup';
import { checkDigits } from '../shared/digits';
import type { NodeAPI } from '../shared/node-api';
import { onceThere, type Awaitable, type Scope } from '../shared/scope';
import type { StatusLine } from '../shared/status';
import { watchConnection } from '../shared/store-status';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';
import type { Connection } from './connection';
import type { Reports } from './reports';

export type { EndpointListener } from './reports';
export type { Connection } from './connection';

/** What the other nodes see of an endpoint. */
export interface EndpointFace {
  readonly config: RecordEndpointConfig;
  readonly locks: RecordLocks;
  /** What was counted of its updates. */
  readonly monitor: Monitor;
  /** Whoever updates a record of this endpoint tells here what became of it. Never throws. */
  readonly ended: Reports['ended'];
  readonly listen: Reports['listen'];
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

type KeyPlace = Pick<RecordPlace, 'key' | 'keyType'>;
type CollectionPlace = Pick<RecordPlace, 'collection' | 'collectionType'>;

/** The endpoint a node uses. Throws InputError `ENDPOINT_MISSING`. */
export function endpointOf({ nodes }: Pick<Scope, 'nodes'>, id: string): RecordEndpointNode {
  const node = findEndpoint({ nodes }, id);
  if (node !== undefined) return node;
  const what =
    id === ''
      ? 'No endpoint is chosen'
      : 'The endpoint of this node is not deployed: it was deleted or is disabled';
  throw new InputError(
    'ENDPOINT_MISSING',
    `${what}. Open this node, choose one under Endpoint and deploy.`,
  );
}

/** The endpoint with that id; undefined when it is not deployed. */
export function findEndpoint(
  { nodes }: Pick<Scope, 'nodes'>,
  id: string,
): RecordEndpointNode | undefined {
  const node = nodes.getNode(id) as RecordEndpointNode | null;
  return node?.type === 'record-endpoint' ? node : undefined;
}

/** All endpoints that are deployed. */
export function deployedEndpoints({ nodes }: Pick<NodeAPI, 'nodes'>): RecordEndpointNode[] {
  const found: RecordEndpointNode[] = [];
  nodes.eachNode(({ id, type }) => {
    const node = type === 'record-endpoint' ? findEndpoint({ nodes }, id) : undefined;
    if (node !== undefined) found.push(node);
  });
  return found;
}

/** How a person knows an endpoint. */
export function endpointName({ id, name = '' }: Pick<Node, 'id' | 'name'>): string {
  return name === '' ? id : name;
}

/** What the status shows of a node's endpoint from the deploy on: that it is not there, or that it only practises. */
export function showEndpoint(RED: Pick<Scope, 'nodes'>, status: StatusLine, id: string): void {
  const endpoint = findEndpoint(RED, id);
  if (endpoint === undefined) status.notDone('shared.status.no-endpoint');
  else if (isPractice(endpoint)) status.isPractice = true;
}

/** Shows whether the store of an endpoint's locks can be reached. */
export function watchLocks(RED: NodeAPI, node: Node, status: StatusLine, id: string): void {
  const store = findEndpoint(RED, id)?.config.store ?? '';
  watchConnection(RED, node, status, findStore(RED, store)?.connection);
}

/** What it writes reaches no system of the user's. */
export function isPractice({ config }: EndpointFace): boolean {
  return config.server === 'practice';
}

/** The record a message is about. Throws InputError naming the field at fault. */
export function locate(
  scope: Scope,
  place: RecordPlace,
  connection: Connection,
): Awaitable<RecordRef> {
  return onceThere(collectionOf(scope, place), collection =>
    onceThere(keyOf(scope, place), key => refOf(connection, collection, key, place)),
  );
}

/** Where the records of a message are. Throws InputError `COLLECTION_INVALID`. */
export function collectionOf(
  scope: Scope,
  { collection: value, collectionType: type }: CollectionPlace,
): Awaitable<string> {
  const input = { value, type, label: 'Records', code: 'COLLECTION_INVALID' };
  return onceThere(scope.evaluate(input), collection => {
    if (typeof collection === 'string') return collection;
    throw new InputError(
      'COLLECTION_INVALID',
      `Records (${placeOf(value, type)}) must be text such as "salesorders" or "work-orders". Correct it in the dialog.`,
    );
  });
}

/** The record of that key. Throws InputError that says where what is at fault came from. */
export function refOf(
  { baseUrl, family }: Connection,
  collection: string,
  key: RecordKey,
  place: CollectionPlace & Partial<KeyPlace>,
): RecordRef {
  try {
    return family.locate(baseUrl, collection, key);
  } catch (error) {
    throw ofPlace(error, place);
  }
}

/** The same error with the place that the value came from: the engine does not know the dialog. */
function ofPlace(error: unknown, place: CollectionPlace & Partial<KeyPlace>): unknown {
  if (!(error instanceof InputError)) return error;
  const { code, message } = error;
  switch (code) {
    case 'KEY_INVALID':
      if (place.key === undefined || place.keyType === undefined) return error;
      return new InputError(
        code,
        `${message} Key is taken from ${placeOf(place.key, place.keyType)}.`,
      );
    case 'COLLECTION_INVALID':
      return new InputError(
        code,
        `${message} Records is taken from ${placeOf(place.collection, place.collectionType)}.`,
      );
    default:
      return error;
  }
}

/** Where a typed input takes its value from. */
function placeOf(value: string, type: string): string {
  switch (type) {
    case 'msg':
    case 'flow':
    case 'global':
      return `${type}.${value}`;
    case 'env':
      return `the environment variable ${value}`;
    case 'jsonata':
      return 'the expression in the dialog';
    default:
      return 'the dialog';
  }
}

/** The record key. Throws InputError `KEY_INVALID` where there is none. */
export function keyOf(scope: Scope, place: KeyPlace): Awaitable<RecordKey> {
  return onceThere(keyIn(scope, place), found => {
    if (found !== undefined) return found;
    const fix = isDefault(place) ? 'Set msg.key' : 'Set it';
    throw new InputError(
      'KEY_INVALID',
      `The record key is missing: ${placeOf(place.key, place.keyType)} has none. ${fix}, or choose another place under Key.`,
    );
  });
}

/** The record key, if any: by default `msg.key`, else the key of the snapshot in `msg.record`. */
export function keyIn(scope: Scope, place: KeyPlace): Awaitable<RecordKey | undefined> {
  const { key: value, keyType: type } = place;
  const input = { value, type, label: 'Key', code: 'KEY_INVALID' };
  return onceThere(scope.evaluate(input) as Awaitable<Found>, found => {
    if (type === 'jsonata') {
      checkDigits(scope, { made: found, expression: value, label: 'Key', code: 'KEY_INVALID' });
    }
    if (found !== undefined || !isDefault(place)) return found ?? undefined;
    const read = scope.evaluate({ ...input, value: 'record.key' }) as Awaitable<Found>;
    return onceThere(read, key => key ?? undefined);
  });
}

type Found = RecordKey | null | undefined;

function isDefault({ key, keyType }: KeyPlace): boolean {
  return keyType === 'msg' && key === 'key';
}
