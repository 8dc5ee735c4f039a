import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox';
import { call, start } from '../client';
import { MULTIPART, batch, multipart, partsOf, statuses } from './multipart';
import type { Operation, PartAnswer } from './multipart';

const SAP = '/sap/opu/odata/sap/API_SALES_ORDER_SRV';
const SAP_BATCH = `${SAP}/$batch`;

async function session(sandbox: Sandbox): Promise<{ cookie: string; 'x-csrf-token': string }> {
  const answer = await call(sandbox, 'GET', `${SAP}/`, { 'x-csrf-token': 'Fetch' });
  const cookies = answer.headers.getSetCookie().map(cookie => cookie.split(';')[0]);
  return { cookie: cookies.join('; '), 'x-csrf-token': answer.headers.get('x-csrf-token') ?? '' };
}

function sapUpdate(sandbox: Sandbox, id: string, ifMatch?: string): Operation {
  return {
    method: 'MERGE',
    url: `A_SalesOrder('${id}')`,
    headers: { 'If-Match': ifMatch ?? sandbox.sapOrders.get(id)?.version ?? '' },
    body: { d: { SoldToParty: '77' } },
  };
}

describe('a batch at SAP Gateway', () => {
  it('is answered with 202, changes with the session of the envelope, and reads', async () => {
    const sandbox = await start();
    const sections = [
      [sapUpdate(sandbox, '1')],
      { method: 'GET', url: "A_SalesOrder('1')?$format=json&$select=SoldToParty" },
    ];
    const answer = await batch(sandbox, SAP_BATCH, sections, await session(sandbox));
    expect(answer.status).toBe(202);
    expect(answer.headers.get('dataserviceversion')).toBe('2.0');
    const [[written], read] = partsOf(answer) as [PartAnswer[], PartAnswer];
    const { version } = sandbox.sapOrders.get('1') ?? {};
    expect([written?.status, written?.headers.etag]).toEqual([204, version]);
    expect(JSON.parse(read.body)).toMatchObject({
      d: { SoldToParty: '77', __metadata: { etag: version } },
    });
  });

  it('is refused without token and cookies, whatever its parts bring', async () => {
    const sandbox = await start();
    const mine = await session(sandbox);
    const own = { ...sapUpdate(sandbox, '1', '*') };
    const part = { ...own, headers: { ...own.headers, ...mine } };
    const answer = await batch(sandbox, SAP_BATCH, [[part]]);
    expect([answer.status, answer.headers.get('x-csrf-token')]).toEqual([403, 'Required']);
    sandbox.sap.expireSessions();
    const late = await batch(sandbox, SAP_BATCH, [[own]], mine);
    expect(late.status).toBe(403);
    expect(sandbox.sapOrders.history('1')).toHaveLength(1);
  });

  it('goes on after an error, for V2 knows no preference', async () => {
    const sandbox = await start();
    const sections = [
      [sapUpdate(sandbox, '1', 'W/"old"'), sapUpdate(sandbox, '2')],
      [sapUpdate(sandbox, '3')],
      [{ ...sapUpdate(sandbox, '4'), headers: {} }],
    ];
    const answer = await batch(sandbox, SAP_BATCH, sections, await session(sandbox));
    expect([answer.status, statuses(answer)]).toEqual([202, [412, [204], 428]]);
    expect(sandbox.sapOrders.history('2')).toHaveLength(1);
    sandbox.setBulk({ onError: 'stop' });
    const stopped = await batch(sandbox, SAP_BATCH, sections, await session(sandbox));
    expect([stopped.status, statuses(stopped)]).toEqual([202, [412]]);
  });

  it('takes Content-ID where V2 clients put it, too', async () => {
    const sandbox = await start();
    const part = sapUpdate(sandbox, '1');
    const set = [{ ...part, headers: { ...part.headers, 'Content-ID': 'mine' } }];
    const answer = await batch(sandbox, SAP_BATCH, [set], await session(sandbox));
    expect(partsOf(answer)).toMatchObject([[{ id: 'mine', status: 204 }]]);
  });

  it('knows no JSON, and ignores If-Match when told so', async () => {
    const sandbox = await start({ bulk: { ignoresIfMatch: true } });
    const headers = await session(sandbox);
    const json = await call(sandbox, 'POST', SAP_BATCH, headers, { requests: [] });
    expect(json.status).toBe(415);
    const answer = await batch(sandbox, SAP_BATCH, [[sapUpdate(sandbox, '1', 'W/"old"')]], headers);
    expect(statuses(answer)).toEqual([[204]]);
  });

  it('refuses what is no batch in its own words', async () => {
    const sandbox = await start();
    const headers = { ...MULTIPART, ...(await session(sandbox)) };
    const body = multipart([{ method: 'GET', url: 'A_SalesOrder' }]).slice(0, -5);
    const answer = await call(sandbox, 'POST', SAP_BATCH, headers, body);
    expect([answer.status, answer.json.error]).toEqual([
      400,
      expect.objectContaining({ code: '/IWBEP/CM_MGW_RT/021' }),
    ]);
  });
});

describe('a batch at Finance & Operations', () => {
  const ORDER = "SalesOrderHeadersV2(dataAreaId='USMF',SalesOrderNumber='SO-2025-0101')";
  const LINE = "SalesOrderLines(dataAreaId='USMF',InventoryLotId='LOT-000101')";

  it('spans the entity sets of the service, in one change set', async () => {
    const sandbox = await start();
    const order = { method: 'PATCH', url: `${ORDER}?cross-company=true`, id: '1' };
    const line = { method: 'PATCH', url: LINE, id: '2', body: { ItemNumber: 'X' } };
    const stale = { ...order, headers: { 'If-Match': 'W/"old"' }, body: { OrderNotes: 'x' } };
    const failed = await batch(sandbox, '/data/$batch', [[line, stale]]);
    expect([failed.status, partsOf(failed)]).toMatchObject([200, [{ id: '1', status: 409 }]]);
    expect(sandbox.financeLines.get('LOT-000101')?.values.ItemNumber).toBe('P-1001');
    const version = sandbox.financeOrders.get('SO-2025-0101')?.version ?? '';
    const good = { ...stale, headers: { 'If-Match': version } };
    expect(statuses(await batch(sandbox, '/data/$batch', [[line, good]]))).toEqual([[204, 204]]);
    expect(sandbox.financeLines.get('LOT-000101')?.values.ItemNumber).toBe('X');
  });

  it('keeps the status of the envelope when it stops', async () => {
    const sandbox = await start();
    const bad = { method: 'GET', url: 'Nothing' };
    const answer = await batch(sandbox, '/data/$batch', [bad, { method: 'GET', url: ORDER }]);
    expect([answer.status, statuses(answer)]).toEqual([200, [404]]);
  });
});
