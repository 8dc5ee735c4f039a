import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createBulkApi } from '../../lib/api/bulk/create';
import { DEFAULT_BULK_SETTINGS, type BulkSettings } from '../../lib/api/bulk/settings';
import type { FamilyId } from '../../lib/api/family-ids';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../lib/api/settings';
import type { RecordRef } from '../../lib/record/ref';
import type { Snapshot } from '../../lib/record/snapshot';
import type { Fields } from '../../lib/record/fields';
import type { WireRequest } from '../../lib/transport/transport';
import { fetchRecords } from '../../lib/update/bulk/fetch-many';
import { BulkEngine, type BulkEngineOptions, type BulkRunResult } from '../support/bulk-engine';
import type { RequestPart } from '../support/engine';
import { FaultProxy } from '../support/fault-proxy';
import type { ProxyFaultRule } from '../support/fault-proxy-rules';
import type { CapChange, CapPeer } from './cap-peer';

/** One way to reach the orders of the service with batches. */
export interface CapDialect {
  readonly path: string;
  readonly family: FamilyId;
  readonly settings: Partial<ApiSettings>;
  readonly bulk: Partial<BulkSettings>;
}

export const CAP_DIALECTS = {
  'V4, JSON': v4({ batchFormat: 'json' }),
  'V4, multipart': v4({ batchFormat: 'multipart' }),
  'V2, multipart, through the adapter': {
    path: '/odata/v2/orders',
    family: 'sap-gateway',
    settings: { odataVersion: 'v2' },
    bulk: { keyField: 'ID' },
  },
} satisfies Record<string, CapDialect>;

function v4(bulk: Partial<BulkSettings>): CapDialect {
  return {
    path: '/odata/v4/orders',
    family: 'odata',
    settings: {},
    bulk: { keyField: 'ID', ...bulk },
  };
}

export interface CapBulkSetup extends Pick<BulkEngineOptions, 'options' | 'policy'> {
  readonly dialect: CapDialect;
  readonly rules?: readonly ProxyFaultRule[];
}

/** What is wanted of one order. */
export interface CapWish {
  readonly ID: string;
  readonly changes: Fields;
  readonly part?: RequestPart;
}

export interface CapBulk {
  readonly proxy: FaultProxy;
  readonly baseUrl: string;
  readonly engine: BulkEngine;
  readonly refOf: (ID: string) => RecordRef;
  /** One run; may be called once. */
  readonly run: (wishes: readonly CapWish[]) => Promise<BulkRunResult>;
  /** Does so before each write leaves, the first being number 0. */
  readonly beforeWrites: (doing: (n: number, request: WireRequest) => Promise<void>) => void;
  /** How many batches have left so far; reads that go in a batch count, too. */
  readonly batches: () => number;
}

/** Updates many orders of CAP through a fault proxy; ends with the test. */
export async function capBulk(peer: CapPeer, setup: CapBulkSetup): Promise<CapBulk> {
  const { dialect, rules = [] } = setup;
  const proxy = await FaultProxy.start(peer.url, { rules });
  onTestFinished(() => proxy.close());
  const settings: ApiSettings = { ...DEFAULT_API_SETTINGS, ...dialect.settings };
  const baseUrl = `${proxy.url}${dialect.path}`;
  const engine: BulkEngine = new BulkEngine(baseUrl, {
    family: dialect.family,
    rest: dialect.settings,
    transport: { maxResponseBytes: 10_000_000 },
    policy: { requestTimeoutMs: 60_000, ...setup.policy },
    ...(setup.options === undefined ? {} : { options: setup.options }),
    bulk: url =>
      createBulkApi(engine.family, {
        settings,
        bulk: { ...DEFAULT_BULK_SETTINGS, ...dialect.bulk },
        baseUrl: url,
      }),
  });
  const refOf = (ID: string): RecordRef => engine.family.locate(baseUrl, 'Orders', ID);
  return {
    proxy,
    baseUrl,
    engine,
    refOf,
    run: wishes =>
      engine.run(
        wishes.map(({ ID, changes, part }, index) => ({
          index,
          request: engine.request({
            ...part,
            changes,
            ref: refOf(ID),
          }),
        })),
      ),
    beforeWrites: doing => {
      const { transport } = engine.context;
      const write = transport.write.bind(transport);
      let writes = 0;
      transport.write = async (request, options) => {
        await doing(writes++, request);
        return write(request, options);
      };
    },
    batches: () => proxy.requests.filter(({ url }) => url.includes('$batch')).length,
  };
}

/** So many new orders; their keys. CAP gives rows that are created together no version by itself. */
export async function capOrders(
  peer: CapPeer,
  count: number,
  values: Fields = {},
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await peer.createMany(
    'Orders',
    ids.map(ID => ({
      ID,
      version: randomUUID(),
      status: 'New',
      quantity: 1,
      note: 'before',
      ...values,
    })),
  );
  return ids;
}

/** What a fetch node reads of these orders. */
export async function snapshotsOf(
  { engine, refOf }: CapBulk,
  ids: readonly string[],
): Promise<readonly Snapshot[]> {
  const context = { ...engine.context, bulk: engine.bulk };
  const { fetched } = await fetchRecords(ids.map(refOf), undefined, context, { parallel: 4 });
  return fetched.map(read => {
    if ('snapshot' in read) return read.snapshot;
    throw new Error(`A read ended as ${read.result.outcome}.`);
  });
}

/** What the updates committed, by order: they send no user. */
export async function committedTo(
  peer: CapPeer,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly CapChange[]>> {
  const commits = new Map<string, CapChange[]>(ids.map(ID => [ID, []]));
  for (const change of await peer.history()) {
    const { by, before, after } = change;
    const ID = String((after ?? before)?.ID);
    if (by === 'anonymous') commits.get(ID)?.push(change);
  }
  return commits;
}
