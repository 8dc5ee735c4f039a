import { describe, expect, it } from 'vitest';
import { assignmentId, financeNumber, lotId, sapOrderId, workCenterId } from '../../sandbox';
import type { RecordKind, Sandbox } from '../../sandbox';
import { call, start } from './client';

const SAP_ROOT = '/sap/opu/odata/sap/API_SALES_ORDER_SRV';

interface Profile {
  readonly kind: RecordKind;
  /** The kind in the paths of the control interface. */
  readonly control: string;
  readonly id: string;
  readonly path: string;
  readonly method: string;
  readonly field: string;
}

const PROFILES: readonly Profile[] = [
  {
    kind: 'financeOrders',
    control: 'finance-orders',
    id: `USMF/${financeNumber(1)}`,
    path: `/data/SalesOrderHeadersV2(dataAreaId='USMF',SalesOrderNumber='${financeNumber(1)}')`,
    method: 'PATCH',
    field: 'OrderNotes',
  },
  {
    kind: 'financeLines',
    control: 'finance-lines',
    id: `USMF/${lotId(1)}`,
    path: `/data/SalesOrderLines(dataAreaId='USMF',InventoryLotId='${lotId(1)}')`,
    method: 'PATCH',
    field: 'LineDescription',
  },
  {
    kind: 'sapOrders',
    control: 'sap-orders',
    id: sapOrderId(1),
    path: `${SAP_ROOT}/A_SalesOrder('1')`,
    method: 'MERGE',
    field: 'SoldToParty',
  },
  {
    kind: 'territories',
    control: 'territories',
    id: assignmentId(1),
    path: '/territory-api/v1/assignments/T001',
    method: 'PATCH',
    field: 'notes',
  },
  {
    kind: 'documents',
    control: 'documents',
    id: workCenterId(1),
    path: '/couch/work-centers/WC-01',
    method: 'PUT',
    field: 'operator',
  },
];

/** Writes one field with the current version. */
async function write(sandbox: Sandbox, profile: Profile, value: string): Promise<number> {
  const { kind, id, path, method, field } = profile;
  const version = sandbox[kind].get(id)?.version ?? '';
  const body = { [field]: value, ...(kind === 'documents' ? { _rev: version } : {}) };
  const session = kind === 'sapOrders' ? await sapSession(sandbox) : {};
  const headers = kind === 'documents' ? {} : { ...session, 'if-match': version };
  return (await call(sandbox, method, path, headers, body)).status;
}

async function sapSession(sandbox: Sandbox): Promise<Record<string, string>> {
  const answer = await call(sandbox, 'GET', `${SAP_ROOT}/`, { 'x-csrf-token': 'Fetch' });
  const cookie = answer.headers.getSetCookie().map(text => text.split(';')[0]);
  return {
    cookie: cookie.join('; '),
    'x-csrf-token': answer.headers.get('x-csrf-token') ?? '',
  };
}

describe.each(PROFILES)('$kind', profile => {
  const { kind, control, id, path, method, field } = profile;

  it('keeps the whole history and every request', async () => {
    const sandbox = await start();
    expect(await write(sandbox, profile, 'mine')).toBeLessThan(300);
    const records = sandbox[kind];
    expect(records.history(id)).toMatchObject([
      { by: 'seed', action: 'create' },
      {
        by: 'api',
        action: 'update',
        version: records.get(id)?.version,
        fields: { [field]: { after: 'mine' } },
      },
    ]);
    expect(records.requests(id)).toMatchObject([{ method, answered: true }]);
    expect(sandbox.stats().changes.api).toBe(1);
  });

  it('is disturbed by background jobs and by operators', async () => {
    const sandbox = await start({ load: { noise: 1, target: 0 } });
    await write(sandbox, profile, 'mine');
    sandbox.setLoad({ noise: 0, target: 1 });
    await write(sandbox, profile, 'mine');
    const isOverwritten = kind === 'financeLines';
    expect(sandbox[kind].history(id).map(({ by }) => by)).toEqual(
      isOverwritten
        ? ['seed', 'background', 'api', 'operator', 'api']
        : ['seed', 'background', 'operator'],
    );
  });

  it('is struck by faults, by the id of the record', async () => {
    const sandbox = await start();
    sandbox.faults.add({ fault: 'throttled', record: id, retryAfter: '3', times: 1 });
    const throttled = await call(sandbox, 'GET', path);
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '3']);
    sandbox.faults.add({ fault: 'reset', on: 'write', record: id, times: 1 });
    await expect(write(sandbox, profile, 'mine')).rejects.toThrow();
    sandbox.faults.add({ fault: 'lost-response', on: 'write', record: id, times: 1 });
    await expect(write(sandbox, profile, 'mine')).rejects.toThrow();
    expect(sandbox[kind].history(id).map(({ by }) => by)).toEqual(['seed', 'api']);
    sandbox.faults.add({ fault: 'error-after-commit', on: 'write', record: id, times: 1 });
    expect(await write(sandbox, profile, 'again')).toBe(500);
    expect(sandbox[kind].get(id)?.values[field]).toBe('again');
  });

  it('is within reach of the control interface', async () => {
    const sandbox = await start();
    const record = `${control}/${encodeURIComponent(id)}`;
    const touch = { fields: { [field]: 'theirs' }, by: 'background' };
    await call(sandbox, 'PATCH', `/sandbox/records/${record}`, {}, touch);
    const shown = await call(sandbox, 'GET', `/sandbox/records/${record}`);
    expect(shown.json).toMatchObject({ id, values: { [field]: 'theirs' } });
    const history = await call(sandbox, 'GET', `/sandbox/history/${record}`);
    expect(history.json).toEqual(sandbox[kind].history(id));
    const created = await call(sandbox, 'POST', `/sandbox/records/${control}`, {}, {});
    expect(sandbox[kind].ids()).toContain(created.json.id);
    expect((await call(sandbox, 'DELETE', `/sandbox/records/${record}`)).status).toBe(204);
    expect((await call(sandbox, 'GET', path)).status).toBe(404);
  });

  it('wants the bearer token that the others want, and JSON', async () => {
    const sandbox = await start();
    const text = { 'content-type': 'text/plain' };
    expect((await call(sandbox, method, path, text, '{}')).status).toBe(415);
    const locked = await start({ auth: {} });
    expect((await call(locked, 'GET', path)).status).toBe(401);
  });
});

it('a fault rule with a name that several records have strikes all of them', async () => {
  const sandbox = await start({ orders: 101 });
  sandbox.faults.add({ fault: 'unavailable', record: 'SO-2025-0101' });
  const paths = ["/api/data/v9.0/salesorders(ordernumber='SO-2025-0101')", PROFILES[0]?.path ?? ''];
  for (const path of paths) expect((await call(sandbox, 'GET', path)).status).toBe(503);
});

it('the control interface names the kinds when it does not know one', async () => {
  const sandbox = await start();
  const answer = await call(sandbox, 'GET', '/sandbox/records/nonsense');
  expect(answer.status).toBe(400);
  expect(answer.json.error).toMatch(/orders, work-orders, finance-orders/);
});
