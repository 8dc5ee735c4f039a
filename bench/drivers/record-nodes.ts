import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
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

const ENDPOINT: RecordEndpointConfig = {
  name: '',
  server: 'url',
  practiceLoad: 'quiet',
  family: 'dataverse',
  baseUrl: '',
  auth: 'none',
  apiKeyHeader: 'x-api-key',
  tokenUrl: '',
  clientId: '',
  scope: '',
  tls: '',
  proxy: '',
  versionFrom: 'etag',
  versionField: '',
  versionTo: 'header',
  recordPath: '',
  conflictStatuses: '409, 412',
  missingMeansNull: false,
  maxResponseKb: 1024,
  conflictRetries: 8,
  transientRetries: 4,
  deadline: 30,
  timeout: 10,
  schedule: 'exponential',
  base: '',
  factor: 2,
  cap: 2,
  waits: '0.5, 1.5, 4',
  jitter: 'full',
  jitterPercent: 10,
  firstAtOnce: true,
};

const UPDATE: ConditionalUpdateConfig = {
  name: '',
  endpoint: 'endpoint',
  collection: 'salesorders',
  collectionType: 'str',
  key: 'key',
  keyType: 'msg',
  changes: 'payload',
  changesType: 'msg',
  method: 'PATCH',
  mode: 'resolve',
  guards: '',
  rule: 'report',
  decision: '',
  force: false,
  serialize: true,
  lockWait: 30,
  fieldTypes: [],
  record: 'record',
  result: 'update',
  lock: 'lock',
};
