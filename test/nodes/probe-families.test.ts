import helper from 'node-red-node-test-helper';
import { expect, it } from 'vitest';
import type { FamilyId } from '../../lib/api/family-ids';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { endpoint, endpointConfig } from '../support/flow-nodes';
import { familyAt, ORDER, startPractice, WORK_ORDER } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';
import type { Sandbox } from '../../sandbox/index';
import { inEnglish, type Line } from '../support/words';

useNodeRed();

interface Report {
  readonly ok?: boolean;
  readonly text: string;
  readonly code: string | undefined;
}

async function post(
  path: 'test' | 'prove',
  config: Partial<RecordEndpointConfig>,
  record: object,
): Promise<Report> {
  const posted = { config: endpointConfig(config), credentials: {}, ...record };
  const answer = await helper
    .request()
    .post(`/record-updates/endpoint/endpoint/${path}`)
    .send(posted);
  const { ok, lines, error } = answer.body as {
    ok?: boolean;
    lines?: Line[];
    error?: { code: string; message: string };
  };
  const text = lines === undefined ? (error?.message ?? '') : inEnglish(lines);
  return { ...(ok === undefined ? {} : { ok }), text, code: error?.code };
}

const at = (sandbox: Sandbox, family: FamilyId): Partial<RecordEndpointConfig> =>
  familyAt(sandbox, family) as Partial<RecordEndpointConfig>;

const RECORDS = [
  ['dataverse', { collection: 'salesorders', key: ORDER, field: 'description' }],
  ['apriso', { collection: 'work-orders', key: WORK_ORDER, field: 'notes' }],
  [
    'finance-operations',
    {
      collection: 'SalesOrderHeadersV2',
      key: { dataAreaId: 'USMF', SalesOrderNumber: 'SO-2025-0145' },
      field: 'OrderNotes',
    },
  ],
  ['sap-gateway', { collection: 'A_SalesOrder', key: '1', field: 'PurchaseOrderByCustomer' }],
  ['sap-cx', { collection: 'assignments', key: 'T001', field: 'notes' }],
  ['couchdb', { collection: 'work-centers', key: 'WC-01', field: 'notes' }],
] as const;

it.each(RECORDS)(
  'the protection of %s is proven with one field as it is',
  async (family, record) => {
    const sandbox = await startPractice();
    await Flow.start([endpoint()]);
    const tested = await post('test', at(sandbox, family), record);
    expect([tested.ok, tested.text]).toEqual([
      true,
      expect.stringMatching(/sends back: If-Match|sends this version back in its body/),
    ]);
    const { ok, text } = await post('prove', at(sandbox, family), record);
    expect([ok, text]).toEqual([true, expect.stringContaining('Protected')]);
  },
);

it.each<[string, Partial<RecordEndpointConfig>]>([
  ['IDEMPOTENCY_HEADER_INVALID', { idempotencyHeader: 'If-Match' }],
  ['NUMBER_INVALID', { parallel: 0 }],
  ['NUMBER_INVALID', { retryBudget: 'a lot' }],
  ['NUMBER_INVALID', { retryEarned: 101 }],
  ['PEAK_INVALID', { peak: true, peakZone: 'Nowhere' }],
  ['VERSION_FIELD_MISSING', { family: 'rest', versionFrom: 'field' }],
  ['QUERY_INVALID', { query: 'sap-client=100#x' }],
])('%s: settings that cannot work are said before anything is sent', async (code, config) => {
  const sandbox = await startPractice();
  await Flow.start([endpoint()]);
  const record = { collection: 'salesorders', key: ORDER };
  const report = await post('test', { ...at(sandbox, 'dataverse'), ...config }, record);
  expect(report.code).toBe(code);
  expect(report.text).not.toBe('');
  expect(sandbox.stats().requests).toEqual({});
});
