import { afterEach, describe, expect, it, vi } from 'vitest';
import { orderId, workOrderId } from '../../sandbox';
import type { Change, Load, Sandbox } from '../../sandbox';
import { NEXT_STATUSES } from '../../sandbox/work-orders/schema';
import { LONGEST_OPEN_MS } from '../../sandbox/people/terminals';
import { call, order, start, workOrder } from './client';

const ID = 'WO-12345';
const ALWAYS: Load = { noise: 0, target: 0, open: 1 };

afterEach(() => {
  vi.useRealTimers();
});

async function read(sandbox: Sandbox, id: string): Promise<Record<string, unknown>> {
  return (await call(sandbox, 'GET', workOrder(id))).json;
}

/** Who has the order open at each of so many reads. */
async function openers(sandbox: Sandbox, id: string, reads: number): Promise<unknown[]> {
  const result = [];
  for (let n = 0; n < reads; n += 1) result.push((await read(sandbox, id)).openedBy);
  return result;
}

/** Without what differs from run to run. */
function timeless(changes: readonly Change[]): unknown[] {
  return changes.map(({ by, fields }) => [by, Object.keys(fields), fields.openedBy?.after]);
}

describe('operators at their terminals', () => {
  it('open nothing unless the load says so', async () => {
    const sandbox = await start({ load: { noise: 0, target: 0 } });
    expect(await openers(sandbox, ID, 20)).toEqual(new Array(20).fill(null));
    expect(sandbox.workOrders.history(ID)).toHaveLength(1);
  });

  it('open a work order just before a read, which tells who and since when', async () => {
    const sandbox = await start({ load: ALWAYS });
    const answer = await call(sandbox, 'GET', workOrder(ID));
    expect(answer.json.openedBy).toMatch(/^OP-\d\d$/);
    expect(Date.parse(String(answer.json.openedAt))).toBeGreaterThan(Date.now() - 60_000);
    expect(answer.headers.get('etag')).toBe('"v8"');
    expect(sandbox.workOrders.history(ID).at(-1)).toMatchObject({ by: 'operator' });
  });

  it('close it after the next few reads', async () => {
    const sandbox = await start({ load: ALWAYS });
    for (const id of sandbox.workOrders.ids()) {
      const seen = await openers(sandbox, id, 5);
      const closed = seen.indexOf(null);
      expect(closed).toBeGreaterThanOrEqual(2);
      expect(closed).toBeLessThanOrEqual(4);
      expect(new Set(seen.slice(0, closed)).size).toBe(1);
    }
  });

  it('close it, too, when the load has become quiet', async () => {
    const sandbox = await start({ load: ALWAYS });
    await read(sandbox, ID);
    sandbox.setLoad('quiet');
    const seen = await openers(sandbox, ID, 10);
    expect(seen.slice(4)).toEqual(new Array(6).fill(null));
    expect(sandbox.workOrders.get(ID)?.values).toMatchObject({ openedBy: null, openedAt: null });
  });

  it('keep nothing open for longer than the longest time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const sandbox = await start({ load: ALWAYS });
    expect((await read(sandbox, ID)).openedBy).not.toBeNull();
    vi.setSystemTime(Date.now() + LONGEST_OPEN_MS);
    expect((await read(sandbox, ID)).openedBy).toBeNull();
  });

  it('change the status in some cases, by the state machine, and never to Rework', async () => {
    const sandbox = await start({ load: ALWAYS });
    let closings = 0;
    let changed = 0;
    for (const id of sandbox.workOrders.ids()) {
      await openers(sandbox, id, 12);
      const closed = sandbox.workOrders
        .history(id)
        .filter(({ by, fields }) => by === 'operator' && fields.openedBy?.after === null);
      closings += closed.length;
      for (const { fields, at } of closed) {
        if (fields.status === undefined) continue;
        changed += 1;
        const { before, after } = fields.status;
        expect(NEXT_STATUSES[before as keyof typeof NEXT_STATUSES]).toContain(after);
        expect(after).not.toBe('Rework');
        expect(fields.statusSince?.after).toBe(at);
      }
    }
    // At least 150 closings, of which 3 in 10 with a change, where one is possible.
    expect(closings).toBeGreaterThan(100);
    expect(changed).toBeGreaterThan(closings * 0.1);
    expect(changed).toBeLessThan(closings * 0.5);
  });

  it('repeat for the same seed whatever else is read, and differ for another', async () => {
    const runs = [];
    for (const seed of [7, 7, 8]) {
      const sandbox = await start({ seed, load: { noise: 0, target: 0, open: 0.3 } });
      if (runs.length === 1) await openers(sandbox, workOrderId(50), 5);
      await openers(sandbox, ID, 40);
      runs.push(timeless(sandbox.workOrders.history(ID)));
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  it('come at the rate of the load', async () => {
    const sandbox = await start({ load: 'shift-change' });
    for (const id of sandbox.workOrders.ids()) await openers(sandbox, id, 40);
    const opened = sandbox.workOrders
      .ids()
      .flatMap(id => sandbox.workOrders.history(id))
      .filter(({ fields }) => typeof fields.openedBy?.after === 'string');
    // 2,000 reads, a few of which find the order open already: about 57, standard deviation 7.
    expect(Math.abs(opened.length - 57)).toBeLessThan(35);
  });

  it('leave records of other kinds alone', async () => {
    const sandbox = await start({ load: ALWAYS });
    await call(sandbox, 'GET', order(orderId(1)));
    expect(sandbox.orders.history(orderId(1))).toHaveLength(1);
    expect(sandbox.stats().changes.operator).toBe(0);
  });
});
