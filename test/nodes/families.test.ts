import { describe, expect, it } from 'vitest';
import { FAMILY_IDS, type FamilyId } from '../../lib/api/family-ids';
import type { RecordKey } from '../../lib/record/fields';
import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import type { RecordControl, Sandbox } from '../../sandbox/index';
import { catcher, endpoint, fetchNode, inboxes, updateNode } from '../support/flow-nodes';
import { familyAt, ORDER, startPractice, WORK_ORDER } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

/** One record of a family in the sandbox: what is written, and what others change meanwhile. */
interface Sample {
  readonly collection: string;
  readonly key: RecordKey;
  /** For the sandbox's own controls. */
  readonly id: string;
  readonly records: (sandbox: Sandbox) => RecordControl;
  readonly target: string;
  readonly ours: string;
  readonly theirs: string;
  readonly noise: Readonly<Record<string, unknown>>;
  readonly method?: ConditionalUpdateConfig['method'];
}

const WORK_ORDERS: Sample = {
  collection: 'work-orders',
  key: WORK_ORDER,
  id: WORK_ORDER,
  records: sandbox => sandbox.workOrders,
  target: 'notes',
  ours: 'ours',
  theirs: 'theirs',
  noise: { priority: 9 },
};

const SALES_ORDERS: Sample = {
  collection: 'salesorders',
  key: ORDER,
  id: ORDER,
  records: sandbox => sandbox.orders,
  target: 'description',
  ours: 'ours',
  theirs: 'theirs',
  noise: { freightamount: 7.5 },
};

const SAMPLES: Readonly<Record<FamilyId, Sample>> = {
  dataverse: SALES_ORDERS,
  odata: SALES_ORDERS,
  apriso: WORK_ORDERS,
  rest: WORK_ORDERS,
  'finance-operations': {
    collection: 'SalesOrderHeadersV2',
    key: { dataAreaId: 'USMF', SalesOrderNumber: 'SO-2025-0145' },
    id: 'USMF/SO-2025-0145',
    records: sandbox => sandbox.financeOrders,
    target: 'OrderNotes',
    ours: 'ours',
    theirs: 'theirs',
    noise: { OrderCreditStatus: 'Checked' },
  },
  'sap-gateway': {
    collection: 'A_SalesOrder',
    key: '1',
    id: '1',
    records: sandbox => sandbox.sapOrders,
    target: 'PurchaseOrderByCustomer',
    ours: 'ours',
    theirs: 'theirs',
    noise: { OverallDeliveryStatus: 'B' },
  },
  'sap-cx': {
    collection: 'assignments',
    key: 'T001',
    id: 'T001',
    records: sandbox => sandbox.territories,
    target: 'notes',
    ours: 'ours',
    theirs: 'theirs',
    noise: { accountCount: 77 },
  },
  couchdb: {
    collection: 'work-centers',
    key: 'WC-01',
    id: 'WC-01',
    records: sandbox => sandbox.documents,
    target: 'notes',
    ours: 'ours',
    theirs: 'theirs',
    noise: { partsMade: 4711 },
    method: 'PUT',
  },
};

describe.each(FAMILY_IDS)('family %s', family => {
  const sample = SAMPLES[family];
  const { collection, key, id, target, ours, theirs, noise, method = 'PATCH' } = sample;
  const nodes = [
    fetchNode('read', [['out'], ['out']], { collection }),
    fetchNode('fetch', [['update'], ['out']], { collection }),
    updateNode('update', [['out'], ['out']], { collection, method }),
    ...inboxes('out'),
    ...catcher(),
  ];

  async function deploy(): Promise<{ flow: Flow; sandbox: Sandbox }> {
    const sandbox = await startPractice();
    return { flow: await Flow.start([familyAt(sandbox, family), ...nodes]), sandbox };
  }

  /** The message that etag-fetch makes of the record as it is. */
  async function read(flow: Flow): Promise<Msg> {
    const { msg } = await flow.pass('read', { key, payload: { [target]: ours } });
    expect(msg.record?.version).toEqual(expect.any(String));
    return msg;
  }

  it('reads and writes one record', async () => {
    const { flow, sandbox } = await deploy();
    const { at, msg } = await flow.pass('fetch', { key, payload: { [target]: ours } });
    expect([at, msg.update?.outcome, msg.update?.error]).toEqual(['out', 'updated', undefined]);
    const { values, version } = sample.records(sandbox).get(id) ?? {};
    expect(values?.[target]).toBe(ours);
    expect(msg.record?.version ?? version).toBe(version);
  });

  it.each([
    ['noise heals', noise, 'updated'],
    ['a change of the target is a conflict', { [target]: theirs }, 'conflict'],
  ])('%s', async (_name, change, outcome) => {
    const { flow, sandbox } = await deploy();
    const snapshot = await read(flow);
    sample.records(sandbox).touch(id, change);
    const { msg } = await flow.pass('update', { ...snapshot, payload: { [target]: ours } });
    expect(msg.update?.outcome).toBe(outcome);
    expect(sample.records(sandbox).get(id)?.values[target]).toBe(
      outcome === 'updated' ? ours : theirs,
    );
  });

  it('a record that is gone is not created again', async () => {
    const { flow, sandbox } = await deploy();
    const snapshot = await read(flow);
    sample.records(sandbox).remove(id);
    const { msg } = await flow.pass('update', { ...snapshot, payload: { [target]: ours } });
    expect(msg.update?.outcome).toBe('not-found');
    expect(sample.records(sandbox).get(id)).toBeUndefined();
  });

  it('is spoken by the Practice API', async () => {
    const flow = await Flow.start([endpoint({ family }), ...nodes]);
    const { msg } = await flow.pass('fetch', { key, payload: { [target]: ours } });
    expect([msg.update?.outcome, msg.update?.error]).toEqual(['updated', undefined]);
  });
});
