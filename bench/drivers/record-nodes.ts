import {
  UPDATE_DEFAULTS,
  type ConditionalUpdateConfig,
} from '../../nodes/conditional-update/config';
import type { BulkUpdateConfig } from '../../nodes/bulk-update/config';
import { ENDPOINT_DEFAULTS, type RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { STORE_DEFAULTS, type RecordStoreConfig } from '../../nodes/record-store/config';
import type { FlowNode } from '../support/node-red';

export const UPDATE_ID = 'update';
export const STORE_ID = 'store';

/** Node-RED takes a node without a place for a config node. */
export const ON_TAB = { z: 'tab', x: 100, y: 100 };

export interface NodeSettings {
  readonly update?: Partial<ConditionalUpdateConfig>;
  readonly endpoint?: Partial<RecordEndpointConfig>;
  readonly bulk?: Partial<BulkUpdateConfig>;
  /** Undefined: there is no store. */
  readonly store?: Partial<RecordStoreConfig>;
}

/** Endpoint and update node with the defaults of their dialogs; both outputs lead to `next`. */
export function recordNodes(url: string, next: string, settings: NodeSettings = {}): FlowNode[] {
  return [
    ...storeNodes(settings),
    endpointNode(url, settings),
    {
      id: UPDATE_ID,
      type: 'conditional-update',
      ...UPDATE,
      ...settings.update,
      ...ON_TAB,
      wires: [[next], [next]],
    },
  ];
}

function storeNodes({ store }: NodeSettings): FlowNode[] {
  if (store === undefined) return [];
  return [{ id: STORE_ID, type: 'record-store', ...STORE_DEFAULTS, ...store }];
}

/** For the API whose settings are given, else for the sales orders. */
export function endpointNode(url: string, { endpoint }: NodeSettings): FlowNode {
  const family = endpoint?.family ?? ENDPOINT.family;
  const path = family === 'sap-cx' ? 'territory-api/v1' : 'api/data/v9.0';
  const config: RecordEndpointConfig = { ...ENDPOINT, baseUrl: `${url}/${path}`, ...endpoint };
  return { id: 'endpoint', type: 'record-endpoint', ...config };
}

const ENDPOINT: RecordEndpointConfig = { ...ENDPOINT_DEFAULTS, server: 'url' };

const UPDATE: ConditionalUpdateConfig = {
  ...UPDATE_DEFAULTS,
  endpoint: 'endpoint',
  collection: 'salesorders',
};
