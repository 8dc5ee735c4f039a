import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { FaultProxy } from '../support/fault-proxy';
import type { ProxyFaultRule } from '../support/fault-proxy-rules';
import { catcher, endpoint, fetchNode, inboxes, updateNode } from '../support/flow-nodes';
import { Flow, type Msg } from '../support/flow-runtime';
import type { CapChange, CapPeer } from './cap-peer';

export interface CapSetup {
  readonly rules?: readonly ProxyFaultRule[];
  readonly endpoint?: Partial<RecordEndpointConfig>;
  readonly node?: Partial<ConditionalUpdateConfig>;
  /** Fields that the fetch node reads; it then names the same ones as the update. */
  readonly fetches?: string;
  /** Path of the service; absent: OData V4. */
  readonly path?: string;
}

/** An update node, and a fetch node, that reach CAP through a fault proxy. */
export interface CapFlow {
  readonly flow: Flow;
  readonly proxy: FaultProxy;
  /** Sends a message to the update node; what came out, and the outcome. */
  readonly update: (msg: Msg) => Promise<{ readonly outcome?: string; readonly msg: Msg }>;
  readonly fetch: (key: unknown) => Promise<Msg>;
  /** Methods of the requests for records, in their order. */
  readonly methods: () => string[];
}

/** Lets the nodes work at the service; ends with the test. */
export async function capFlow(peer: CapPeer, setup: CapSetup = {}): Promise<CapFlow> {
  const rules = setup.rules ?? [];
  const proxy = await FaultProxy.start(peer.url, { rules });
  onTestFinished(() => proxy.close());
  const path = setup.path ?? '/odata/v4/orders';
  const baseUrl = `${proxy.url}${path}`;
  const collection = setup.node?.collection ?? 'Orders';
  const flow = await Flow.start([
    endpoint({ server: 'url', family: 'odata', baseUrl, base: 0.01, cap: 0.05, ...setup.endpoint }),
    fetchNode('fetch', [['fetched'], ['not-fetched']], {
      collection,
      fields: setup.fetches ?? '',
      fieldsType: 'str',
    }),
    updateNode('update', [['updated'], ['not-updated']], { collection, ...setup.node }),
    ...inboxes('fetched', 'not-fetched', 'updated', 'not-updated'),
    ...catcher(),
  ]);
  return {
    flow,
    proxy,
    update: async msg => {
      const { msg: out } = await flow.pass('update', msg);
      expect(out.error).toBe(undefined);
      return { msg: out, ...(out.update === undefined ? {} : { outcome: out.update.outcome }) };
    },
    fetch: async key => {
      const { at, msg } = await flow.pass('fetch', { key });
      expect([at, msg.update]).toEqual(['fetched', undefined]);
      return msg;
    },
    methods: () =>
      proxy.requests.filter(({ url }) => url.includes('(')).map(({ method }) => method),
  };
}

/** A new order of the service. */
export async function capOrder(peer: CapPeer, values: object = {}): Promise<CapOrder> {
  const ID = randomUUID();
  const entity = 'Orders';
  await peer.create(entity, { ID, status: 'New', quantity: 1, ...values });
  const changes = async (): Promise<CapChange[]> =>
    (await peer.history()).filter(({ before, after }) => (after ?? before)?.ID === ID);
  return {
    ID,
    changes,
    committed: async () => (await changes()).filter(({ by }) => by === 'anonymous'),
    now: async () => (await changes()).at(-1)?.after ?? null,
    touch: (set, by) => peer.change(entity, { ID }, set, by),
    remove: () => peer.remove(entity, { ID }),
  };
}

export interface CapOrder {
  readonly ID: string;
  readonly changes: () => Promise<readonly CapChange[]>;
  /** What the nodes changed: they send no user. */
  readonly committed: () => Promise<readonly CapChange[]>;
  readonly now: () => Promise<CapChange['after']>;
  readonly touch: (set: Readonly<Record<string, unknown>>, by?: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}
