import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBulkApi } from '../../lib/api/bulk/create';
import { DEFAULT_BULK_SETTINGS, type BulkSettings } from '../../lib/api/bulk/settings';
import type { Snapshot } from '../../lib/record/snapshot';
import type { BulkMember } from '../../lib/update/bulk/bulk';
import { BulkEngine } from '../support/bulk-engine';
import type { EngineOptions } from '../support/engine';
import { FaultProxy } from '../support/fault-proxy';
import { onTestFinished } from 'vitest';
import { capOrder, type CapOrder } from './cap-flow';
import { useCapPeer } from './cap-peer';

/** Lists and batches of a real SAP CAP service; its own history tells what was committed. */
const peer = useCapPeer();

interface Form {
  readonly path: string;
  readonly engine: EngineOptions;
  readonly bulk: Partial<BulkSettings>;
  readonly method: 'PATCH' | 'MERGE';
}

const V4 = { path: '/odata/v4/orders', engine: { family: 'odata' }, method: 'PATCH' } as const;

/** Behind a guard that wants a CSRF token as SAP Gateway does. */
const V2: Form = {
  path: '/gateway/odata/v2/orders',
  engine: {
    family: 'sap-gateway',
    rest: { odataVersion: 'v2' },
    transport: { csrf: { path: '' } },
  },
  bulk: {},
  method: 'MERGE',
};

const FORMS: readonly (readonly [string, Form])[] = [
  ['JSON batches', { ...V4, bulk: {} }],
  ['multipart batches', { ...V4, bulk: { batchFormat: 'multipart' } }],
  ['multipart batches of V2', V2],
];

/** Orders, and a bulk update of their states through a proxy that sees the requests. */
async function orders(count: number, form: Form, options: object = {}) {
  const all = await Promise.all(Array.from({ length: count }, () => capOrder(peer())));
  const proxy = await FaultProxy.start(peer().url, { rules: [] });
  onTestFinished(() => proxy.close());
  const url = `${proxy.url}${form.path}`;
  const settings = { ...DEFAULT_BULK_SETTINGS, keyField: 'ID', ...form.bulk };
  const engine: BulkEngine = new BulkEngine(url, {
    ...form.engine,
    options,
    bulk: baseUrl =>
      createBulkApi(engine.family, { settings: engine.api, bulk: settings, baseUrl }),
  });
  return { all, engine, proxy, url };
}
