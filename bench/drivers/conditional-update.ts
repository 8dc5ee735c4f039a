import type { Outcome, UpdateResult } from '../../lib/outcome/outcome';
import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { EXIT, startFlow, type FlowNode } from '../support/node-red';
import type { Driver } from './driver';

export interface NodeSettings {
  readonly update?: Partial<ConditionalUpdateConfig>;
  readonly endpoint?: Partial<RecordEndpointConfig>;
}

/** A flow of one node: entry → conditional-update → exit. */
export async function openConditionalUpdate(url: string, settings: NodeSettings): Promise<Driver> {
  const flow = await startFlow('update', recordNodes(url, settings));
  return {
    run: async ({ key, changes, record }) => {
      const msg = await flow.send({ key, payload: changes, record });
      const update = msg.update as UpdateResult | undefined;
      if (update === undefined) throw new Error(`the flow failed: ${JSON.stringify(msg.error)}`);
      const { conflict } = update;
      const outcome: Outcome = update.outcome;
      return { outcome, record: msg.record, ...(conflict === undefined ? {} : { conflict }) };
    },
    close: () => flow.close(),
  };
}

/** Endpoint and update node with the defaults of their dialogs. */
export function recordNodes(url: string, settings: NodeSettings): FlowNode[] {
  const endpoint: RecordEndpointConfig = {
    ...ENDPOINT,
    baseUrl: `${url}/api/data/v9.0`,
    ...settings.endpoint,
  };
  return [
    { id: 'endpoint', type: 'record-endpoint', ...endpoint },
    {
      id: 'update',
      type: 'conditional-update',
      ...UPDATE,
      ...settings.update,
      wires: [[EXIT], [EXIT]],
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
