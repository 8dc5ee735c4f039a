import { describe, expect, it } from 'vitest';
import { workOrderId } from '../../sandbox';
import { call, start, workOrder } from './client';

const ID = 'WO-12345';
const PATH = workOrder(ID);
const GIVEN = '2026-01-05T14:00:00.000Z';

describe('since when a work order is in its status', () => {
  it('is in the past at first, and the same in every run', async () => {
    const [one, two] = [await start(), await start()];
    const since = one.workOrders.ids().map(id => one.workOrders.get(id)?.values.statusSince);
    expect(two.workOrders.ids().map(id => two.workOrders.get(id)?.values.statusSince)).toEqual(
      since,
    );
    for (const time of since) expect(Date.parse(String(time))).toBeLessThan(Date.UTC(2025, 1, 5));
    const { values } = one.workOrders.get(workOrderId(1)) ?? {};
    expect(values?.statusSince).toBe(values?.scheduledStart);
    const created = one.workOrders.get(one.workOrders.put({ status: 'On Hold' }));
    expect(Date.parse(String(created?.values.statusSince))).toBeLessThan(Date.UTC(2025, 1, 5));
  });

  it('is the time of the change that altered the status, in the record and its history', async () => {
    const sandbox = await start();
    const before = sandbox.workOrders.get(ID)?.values.statusSince;
    const answer = await call(sandbox, 'PATCH', PATH, {}, { status: 'On Hold', notes: 'x' });
    const change = sandbox.workOrders.history(ID).at(-1);
    expect(answer.json.statusSince).toBe(change?.at);
    expect(change?.fields).toEqual({
      status: { before: 'In Progress', after: 'On Hold' },
      notes: { before: null, after: 'x' },
      statusSince: { before, after: change?.at },
    });
  });

  it('is what the change says where it does', async () => {
    const sandbox = await start();
    const body = { status: 'On Hold', statusSince: GIVEN, lastEventId: 'E-1' };
    expect((await call(sandbox, 'PATCH', PATH, {}, body)).json).toMatchObject(body);
    const kept = { statusSince: '2026-01-06T14:00:00Z' };
    expect((await call(sandbox, 'PATCH', PATH, {}, kept)).json).toMatchObject(kept);
  });

  it.each([{ notes: 'x' }, { status: 'In Progress' }, { statusSince: null }])(
    'stays when a write of %j does not alter the status',
    async body => {
      const sandbox = await start();
      const before = sandbox.workOrders.get(ID)?.values.statusSince;
      expect((await call(sandbox, 'PATCH', PATH, {}, body)).json.statusSince).toBe(before);
    },
  );

  it('is not emptied by a PUT that leaves it out', async () => {
    const sandbox = await start();
    const before = sandbox.workOrders.get(ID)?.values.statusSince;
    const same = await call(sandbox, 'PUT', PATH, {}, { status: 'In Progress' });
    expect(same.json.statusSince).toBe(before);
    const other = await call(sandbox, 'PUT', PATH, {}, { status: 'Complete' });
    expect(other.json.statusSince).toBe(sandbox.workOrders.history(ID).at(-1)?.at);
  });

  it('follows operators and others, also when no history is kept', async () => {
    const sandbox = await start({ keepHistory: false, load: { noise: 0, target: 1 } });
    const started = Date.now();
    const since = (): number => Date.parse(String(sandbox.workOrders.get(ID)?.values.statusSince));
    await call(sandbox, 'PATCH', PATH, { 'if-match': '"v7"' }, { status: 'Complete' });
    expect(sandbox.workOrders.get(ID)?.values.status).toBe('On Hold');
    expect(since()).toBeGreaterThanOrEqual(started);
    sandbox.workOrders.touch(ID, { status: 'In Progress', statusSince: GIVEN });
    expect(since()).toBe(Date.parse(GIVEN));
    sandbox.workOrders.touch(ID, { status: 'Rework' }, 'background');
    expect(since()).toBeGreaterThanOrEqual(started);
  });
});

describe('what automation writes along with a status', () => {
  it('is never changed by operators, who change the status instead', async () => {
    const sandbox = await start({ load: { noise: 0, target: 1 } });
    for (const n of [11, 12, 16, 17]) {
      const id = workOrderId(n);
      const body = { lastEventId: 'E-1', statusSince: GIVEN, status: 'Complete' };
      await call(sandbox, 'PATCH', workOrder(id), { 'if-match': '"v0"' }, body);
      const change = sandbox.workOrders.history(id).at(-1);
      expect(change?.by).toBe('operator');
      expect(change?.fields.status?.after).not.toBe('Complete');
      expect(change?.fields.lastEventId).toBeUndefined();
    }
  });

  it('is not who has the order open: the API leaves that alone', async () => {
    const sandbox = await start();
    sandbox.workOrders.touch(ID, { openedBy: 'OP-07', openedAt: GIVEN });
    const body = { openedBy: null, openedAt: null, notes: 'x' };
    for (const method of ['PATCH', 'PUT']) {
      const answer = await call(sandbox, method, PATH, {}, { ...body, status: 'In Progress' });
      expect(answer.json).toMatchObject({ openedBy: 'OP-07', openedAt: GIVEN, notes: 'x' });
    }
  });
});
