import { describe, expect, it } from 'vitest';
import { orderId } from '../../sandbox';
import type { By, Load, Sandbox } from '../../sandbox';
import { call, order, start, workOrder } from './client';

/** Reads and conditionally updates each order `rounds` times; the statuses per order. */
async function updateAll(sandbox: Sandbox, rounds: number): Promise<number[][]> {
  const update = async (id: string): Promise<number[]> => {
    const statuses: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const etag = sandbox.orders.get(id)?.version ?? '';
      const body = { description: String(round) };
      statuses.push((await call(sandbox, 'PATCH', order(id), { 'if-match': etag }, body)).status);
    }
    return statuses;
  };
  return Promise.all(sandbox.orders.ids().map(update));
}

function authors(sandbox: Sandbox, id: string): By[] {
  return sandbox.orders.history(id).map(change => change.by);
}

describe('interference', () => {
  it('leaves records alone when it is quiet', async () => {
    const sandbox = await start();
    expect((await updateAll(sandbox, 5)).flat()).toEqual(new Array(25).fill(204));
    expect(sandbox.stats().changes).toMatchObject({ background: 0, operator: 0 });
  });

  it('strikes before the precondition is checked, in fields the write does not name', async () => {
    const sandbox = await start({ load: { noise: 1, target: 0 } });
    const id = orderId(1);
    const { version = '', values = {} } = sandbox.orders.get(id) ?? {};
    const body = { description: 'mine' };
    const answer = await call(sandbox, 'PATCH', order(id), { 'if-match': version }, body);
    expect(answer.status).toBe(412);
    const [, change] = sandbox.orders.history(id);
    expect(change?.by).toBe('background');
    const [name = ''] = Object.keys(change?.fields ?? {});
    const difference = change?.fields[name];
    expect(['warehousestatus', 'pricingstatus', 'taxstatus']).toContain(name);
    expect(difference?.before).toBe(values[name]);
    expect(difference?.after).not.toBe(values[name]);
  });

  it('never touches a field the write names as noise', async () => {
    const sandbox = await start({ load: { noise: 1, target: 0 } });
    const body = { warehousestatus: 'Packed', pricingstatus: 'Approved', taxstatus: 'Exempt' };
    const before = sandbox.orders.get(orderId(1));
    await call(sandbox, 'PATCH', order(orderId(1)), { 'if-match': 'W/"1"' }, body);
    const after = sandbox.orders.get(orderId(1));
    expect(after?.version).not.toBe(before?.version);
    for (const name of Object.keys(body)) expect(after?.values[name]).toBe(before?.values[name]);
  });

  it.each([
    { orderstatus: 'Processing' },
    { totalamount: 5 },
    { requestdeliveryby: '2026-01-02' },
    { datefulfilled: '2026-01-02T00:00:00Z' },
    { description: 'mine' },
    { shippingmethodcode: 2 },
    { 'pricelevelid@odata.bind': `/pricelevels(${orderId(9)})` },
  ])('lets an operator change what the write names: %j', async body => {
    const sandbox = await start({ load: { noise: 0, target: 1 } });
    const id = orderId(1);
    const version = sandbox.orders.get(id)?.version ?? '';
    const answer = await call(sandbox, 'PATCH', order(id), { 'if-match': version }, body);
    expect(answer.status).toBe(412);
    const [, change] = sandbox.orders.history(id);
    expect(change?.by).toBe('operator');
    const [difference] = Object.values(change?.fields ?? {});
    expect(difference?.after).not.toEqual(difference?.before);
    expect(Object.values(body)).not.toContain(difference?.after);
    // What the operator stored is valid: the API takes it back.
    if (!('pricelevelid@odata.bind' in body)) {
      sandbox.setLoad('quiet');
      const again = { [Object.keys(change?.fields ?? {})[0] ?? '']: difference?.after };
      expect((await call(sandbox, 'PATCH', order(id), {}, again)).status).toBe(204);
    }
  });

  it('keeps operators to the state machine of work orders', async () => {
    const sandbox = await start({ load: { noise: 0, target: 1 } });
    const path = workOrder('WO-12345');
    const answer = await call(
      sandbox,
      'PATCH',
      path,
      { 'if-match': '"v7"' },
      { status: 'Complete' },
    );
    expect(answer.status).toBe(409);
    expect(sandbox.workOrders.get('WO-12345')?.values.status).toBe('On Hold');
    const closed = sandbox.workOrders.put({ status: 'Closed' });
    await call(sandbox, 'PATCH', workOrder(closed), {}, { status: 'In Progress' });
    expect(sandbox.workOrders.get(closed)?.values.status).toBe('Closed');
    expect(sandbox.workOrders.history(closed).map(change => change.by)).toEqual([
      'seed',
      'background',
    ]);
  });

  it('happens at the rates of the load', async () => {
    const sandbox = await start({ orders: 100, load: 'shift-change' });
    const statuses = (await updateAll(sandbox, 20)).flat();
    const { background, operator } = sandbox.stats().changes;
    expect(statuses.filter(status => status === 412)).toHaveLength(background + operator);
    // 2,000 attempts: 360 and 40 expected, standard deviations 17 and 6.
    expect(Math.abs(background - 360)).toBeLessThan(86);
    expect(Math.abs(operator - 40)).toBeLessThan(30);
  });

  it('repeats for the same seed whatever the order of the requests, and differs for another', async () => {
    const load: Load = { noise: 0.4, target: 0.1 };
    const runs = [];
    for (const seed of [7, 7, 8]) {
      const sandbox = await start({ seed, load });
      if (runs.length === 1) await call(sandbox, 'PATCH', order(orderId(99)), {}, {});
      await updateAll(sandbox, 10);
      runs.push([1, 2, 3, 4, 5].map(n => authors(sandbox, orderId(n))));
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  it.each([
    'rush' as Load,
    { noise: 0.9, target: 0.2 },
    { noise: -1, target: 0 },
    { noise: 0, target: 0, open: 2 },
  ])('refuses the load %j', async load => {
    const sandbox = await start();
    expect(() => {
      sandbox.setLoad(load);
    }).toThrow(/quiet, off-peak, peak, shift-change/);
  });
});
