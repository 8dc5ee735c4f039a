import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBulkApi } from '../../lib/api/bulk/create';
import { DEFAULT_API_SETTINGS } from '../../lib/api/settings';
import { DEFAULT_BULK_SETTINGS, type BulkSettings } from '../../lib/api/bulk/settings';
import type { Snapshot } from '../../lib/record/snapshot';
import type { BulkMember } from '../../lib/update/bulk/bulk';
import { fetchRecord } from '../../lib/update/fetch';
import { BulkEngine, type BulkEngineOptions } from '../support/bulk-engine';
import type { EngineOptions } from '../support/engine';
import { FaultProxy } from '../support/fault-proxy';
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
    transport: { csrf: { query: '' } },
  },
  bulk: { keyField: 'ID' },
  method: 'MERGE',
};

const FORMS: readonly (readonly [string, Form])[] = [
  ['JSON batches', { ...V4, bulk: { keyField: 'ID' } }],
  ['multipart batches', { ...V4, bulk: { keyField: 'ID', batchFormat: 'multipart' } }],
  ['multipart batches of V2', V2],
];

const SHIPPED = { status: 'Shipped' };

/** A bulk engine at CAP, through a proxy that sees the requests; ends with the test. */
async function engineAt(form: Form, options: BulkEngineOptions['options'] = {}) {
  const proxy = await FaultProxy.start(peer().url, { rules: [] });
  onTestFinished(() => proxy.close());
  const bulk = { ...DEFAULT_BULK_SETTINGS, ...form.bulk };
  const settings = { ...DEFAULT_API_SETTINGS, ...form.engine.rest };
  const engine: BulkEngine = new BulkEngine(`${proxy.url}${form.path}`, {
    ...form.engine,
    options,
    bulk: baseUrl => createBulkApi(engine.family, { settings, bulk, baseUrl }),
  });
  const memberOf = (index: number, ID: string, snapshot?: Snapshot): BulkMember => ({
    index,
    request: engine.request({
      ref: engine.family.locate(`${proxy.url}${form.path}`, 'Orders', ID),
      method: form.method,
      changes: SHIPPED,
      ...(snapshot === undefined ? {} : { snapshot }),
    }),
  });
  /** What a fetch node has read. */
  const snapshotOf = async (ID: string): Promise<Snapshot> => {
    const ref = engine.family.locate(`${proxy.url}${form.path}`, 'Orders', ID);
    const fetched = await fetchRecord(ref, undefined, engine.context);
    if (!('snapshot' in fetched)) throw new Error(`${ID} was not read.`);
    return fetched.snapshot;
  };
  const requests = (): string[] =>
    proxy.requests
      .filter(({ headers }) => headers['x-csrf-token'] !== 'Fetch')
      .map(({ method, url }) => `${method} ${/[^/]*$/.exec(url.split('?')[0] ?? '')?.[0] ?? ''}`);
  return { engine, memberOf, snapshotOf, requests };
}

function newOrders(count: number): Promise<CapOrder[]> {
  return Promise.all(Array.from({ length: count }, () => capOrder(peer())));
}

const times = (count: number, value: unknown): unknown[] => Array<unknown>(count).fill(value);

describe.each(FORMS)('%s', (_name, form) => {
  it('write many records with one request, each a committed change', async () => {
    const orders = await newOrders(12);
    const { engine, memberOf, requests } = await engineAt(form);
    const { outcomes, notices } = await engine.run(orders.map(({ ID }, n) => memberOf(n, ID)));
    expect(outcomes).toEqual(times(12, 'updated'));
    expect(notices).toEqual([]);
    expect(requests()).toEqual(['GET Orders', 'POST $batch']);
    for (const order of orders) expect(await order.committed()).toMatchObject([{ after: SHIPPED }]);
  });

  it('read by a batch where the name of the key field is not known', async () => {
    const orders = await newOrders(3);
    const { engine, memberOf, requests } = await engineAt({
      ...form,
      bulk: { ...form.bulk, keyField: '' },
    });
    const gone = memberOf(3, randomUUID());
    const { outcomes } = await engine.run([...orders.map(({ ID }, n) => memberOf(n, ID)), gone]);
    expect(outcomes).toEqual([...times(3, 'updated'), 'not-found']);
    expect(requests().slice(0, 2)).toEqual(['POST $batch', 'POST $batch']);
  });

  it('an outdated member, and one that is gone, fail alone', async () => {
    const orders = await newOrders(5);
    const { engine, memberOf, snapshotOf } = await engineAt(form);
    const read = await Promise.all(orders.map(({ ID }) => snapshotOf(ID)));
    await orders[1]?.touch({ status: 'Held' });
    await orders[2]?.touch({ note: 'by others' });
    await orders[3]?.remove();
    const { outcomes } = await engine.run(orders.map(({ ID }, n) => memberOf(n, ID, read[n])));
    expect(outcomes).toEqual(['updated', 'conflict', 'updated', 'not-found', 'updated']);
    const committed = await Promise.all(orders.map(order => order.committed()));
    expect(committed.map(changes => changes.length)).toEqual([1, 0, 1, 0, 1]);
  });

  it('trap 20: all or nothing is all, or nothing', async () => {
    const orders = await newOrders(4);
    const { engine, memberOf, snapshotOf } = await engineAt(form, { atomic: true });
    const read = await Promise.all(orders.map(({ ID }) => snapshotOf(ID)));
    const members = orders.map(({ ID }, n) => memberOf(n, ID, read[n]));
    await orders[2]?.touch({ status: 'Held' });
    const { outcomes } = await engine.run(members);
    expect(outcomes[2]).toBe('conflict');
    expect(outcomes).not.toContain('updated');
    for (const order of orders) expect(await order.committed()).toEqual([]);
  });

  it('all or nothing writes all in one change set', async () => {
    const orders = await newOrders(4);
    const { engine, memberOf, requests } = await engineAt(form, { atomic: true });
    const { outcomes } = await engine.run(orders.map(({ ID }, n) => memberOf(n, ID)));
    expect(outcomes).toEqual(times(4, 'updated'));
    expect(requests().filter(request => request === 'POST $batch')).toHaveLength(1);
    for (const order of orders) expect(await order.committed()).toHaveLength(1);
  });
});
