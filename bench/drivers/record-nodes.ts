import {
  UPDATE_DEFAULTS,
  type ConditionalUpdateConfig,
} from '../../nodes/conditional-update/config';
import { ENDPOINT_DEFAULTS, type RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import type { FlowNode } from '../support/node-red';

export const UPDATE_ID = 'update';

/** Node-RED takes a node without a place for a config node. */
export const ON_TAB = { z: 'tab', x: 100, y: 100 };

export interface NodeSettings {
  readonly update?: Partial<ConditionalUpdateConfig>;
  readonly endpoint?: Partial<RecordEndpointConfig>;
}

/** Endpoint and update node with the defaults of their dialogs; both outputs lead to `next`. */
export function recordNodes(url: string, next: string, settings: NodeSettings = {}): FlowNode[] {
  const endpoint: RecordEndpointConfig = {
    ...ENDPOINT,
    baseUrl: `${url}/api/data/v9.0`,
    ...settings.endpoint,
  };
  return [
    { id: 'endpoint', type: 'record-endpoint', ...endpoint },
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

const ENDPOINT: RecordEndpointConfig = { ...ENDPOINT_DEFAULTS, server: 'url' };

const UPDATE: ConditionalUpdateConfig = {
  ...UPDATE_DEFAULTS,
  endpoint: 'endpoint',
  collection: 'salesorders',
};
