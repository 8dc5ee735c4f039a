import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineEvents } from '../../../sandbox';
import type { MachineEvent } from '../../../sandbox';
import { NEXT_STATUSES, WORK_ORDER_STATUSES } from '../../../sandbox/work-orders/schema';
import type { WorkOrderStatus } from '../../../sandbox/work-orders/schema';
import { mustHold } from '../../support/must-hold';

const START = Date.UTC(2026, 0, 5, 14);
const ON_MACHINE: readonly WorkOrderStatus[] = ['Released', 'In Progress', 'On Hold', 'Rework'];

interface Order {
  readonly id: string;
  readonly status: WorkOrderStatus;
}

function ordersIn(statuses: readonly WorkOrderStatus[]): Order[] {
  return statuses.map((status, n) => ({ id: `WO-${String(12_301 + n)}`, status }));
}

/** As many orders as in the sandbox, most of them in progress. */
const FLOOR = ordersIn(
  Array.from(
    { length: 200 },
    (_, n) => (['In Progress', 'Released', 'On Hold'] as const)[n % 3] ?? 'Rework',
  ),
);

function groupBy<K>(
  events: readonly MachineEvent[],
  keyOf: (event: MachineEvent) => K,
): Map<K, MachineEvent[]> {
  const groups = new Map<K, MachineEvent[]>();
  for (const event of events) {
    groups.set(keyOf(event), [...(groups.get(keyOf(event)) ?? []), event]);
  }
  return groups;
}

/** The first delivery of every event, by work order and in the order of its signals. */
function trails(events: readonly MachineEvent[]): ReadonlyMap<string, MachineEvent[]> {
  const first = [...new Map(events.toReversed().map(event => [event.id, event])).values()];
  const inOrder = first.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return groupBy(inOrder, event => event.workOrder);
}

/** Events that arrive for the first time although a later one was here before. */
function outOfOrder(events: readonly MachineEvent[]): readonly MachineEvent[] {
  const seen = new Set<string>();
  let newest = '';
  return events.filter(event => {
    if (seen.has(event.id)) return false;
    seen.add(event.id);
    const isLate = event.at < newest;
    if (!isLate) newest = event.at;
    return isLate;
  });
}

const plans = fc.record({
  seed: fc.nat(),
  count: fc.nat({ max: 300 }),
  duplicates: fc.double({ min: 0, max: 0.9, noNaN: true }),
  orders: fc.array(fc.constantFrom(...WORK_ORDER_STATUSES), { maxLength: 40 }).map(ordersIn),
  startAt: fc.constant(START),
});

describe('machine events', () => {
  it('lead every order through the state machine, one allowed step after the other', () => {
    fc.assert(
      fc.property(plans, plan => {
        for (const [id, trail] of trails(machineEvents(plan))) {
          let status = plan.orders.find(order => order.id === id)?.status ?? 'Closed';
          let at = '';
          for (const event of trail) {
            mustHold(NEXT_STATUSES[status].includes(event.status), () => ({ status, event }));
            mustHold(event.at > at, () => ({ at, event }));
            ({ status, at } = event);
          }
        }
      }),
    );
  });

  it('are as many as asked for, evenly from all orders that are on a machine', () => {
    fc.assert(
      fc.property(plans, plan => {
        const events = machineEvents(plan);
        const working = plan.orders.filter(({ status }) => ON_MACHINE.includes(status));
        const copies = Math.round(plan.count * plan.duplicates);
        const alone = plan.count - copies;
        if (working.length === 0) {
          expect(events).toEqual([]);
          return;
        }
        expect(new Set(events.map(event => event.id)).size).toBe(alone);
        expect(events).toHaveLength(alone === 0 ? 0 : plan.count);
        const byOrder = trails(events);
        const lengths = working.map(({ id }) => byOrder.get(id)?.length ?? 0);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('arrive in the order of the list, never before they were signalled', () => {
    fc.assert(
      fc.property(plans, plan => {
        let before = 0;
        for (const { at, afterMs } of machineEvents(plan)) {
          mustHold(afterMs >= before, () => ({ before, afterMs }));
          mustHold(Date.parse(at) <= START + afterMs, () => ({ at, afterMs }));
          before = afterMs;
        }
      }),
    );
  });

  it('come again as exact copies, each after its original', () => {
    fc.assert(
      fc.property(plans, plan => {
        for (const same of groupBy(machineEvents(plan), event => event.id).values()) {
          const [original, ...copies] = same;
          for (const copy of copies) {
            expect(copy).toEqual({ ...original, afterMs: copy.afterMs });
            expect(copy.afterMs).toBeGreaterThan(original?.afterMs ?? 0);
          }
        }
      }),
    );
  });

  it('are the same for the same plan, and others for another seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, two) => {
        fc.pre(one !== two);
        const events = (seed: number): unknown =>
          machineEvents({ seed, count: 50, orders: FLOOR, startAt: START }).map(
            ({ id: _, ...rest }) => rest,
          );
        expect(events(one)).toEqual(events(one));
        expect(events(two)).not.toEqual(events(one));
      }),
    );
  });

  it('have ids of their own in every shift', () => {
    const plan = { seed: 7, orders: FLOOR, startAt: START };
    const others = [{ seed: 8 }, { count: 900 }, { startAt: START + 1 }];
    const ids = [{}, ...others].flatMap(other => [
      ...new Set(machineEvents({ ...plan, ...other }).map(event => event.id)),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a shift of 1,000 events', () => {
  const shift = machineEvents({ seed: 7, orders: FLOOR, startAt: START });

  it('has 200 copies, some at once and some after later signals of the same order', () => {
    expect(shift).toHaveLength(1000);
    const copies = shift.filter((event, n) => shift.findIndex(({ id }) => id === event.id) < n);
    expect(copies).toHaveLength(200);
    const afterLater = copies.filter(copy =>
      shift.some(
        ({ workOrder, at, afterMs }) =>
          workOrder === copy.workOrder && at > copy.at && afterMs < copy.afterMs,
      ),
    );
    expect(afterLater.length).toBeGreaterThan(40);
    expect(afterLater.length).toBeLessThan(160);
  });

  it('takes about 8 s and comes in bursts', () => {
    const last = shift.at(-1)?.afterMs ?? 0;
    expect(last).toBeGreaterThan(7000);
    expect(last).toBeLessThan(8600);
    const inBursts = shift.filter(({ afterMs }) => afterMs % 200 < 110);
    expect(inBursts.length).toBeGreaterThan(900);
  });

  it('has about 2 in 100 out of order, some within one order', () => {
    const seeds = Array.from({ length: 10 }, (_, seed) => seed);
    const shifts = seeds.map(seed => machineEvents({ seed, orders: FLOOR, startAt: START }));
    // 8,000 signals: 160 late, with a standard deviation of 13.
    const late = shifts.flatMap(outOfOrder);
    expect(Math.abs(late.length - 160)).toBeLessThan(55);
    const within = shifts.flatMap(events =>
      [...groupBy(events, event => event.workOrder).values()].flatMap(outOfOrder),
    );
    expect(within.length).toBeGreaterThan(20);
    expect(within.length).toBeLessThan(late.length);
  });

  it('knows every signal, and completes many orders', () => {
    const bySignal = groupBy(shift, event => event.signal);
    expect([...bySignal.keys()].toSorted()).toEqual([
      'DEFECT',
      'DONE',
      'HOLD',
      'REPAIRED',
      'RESUME',
      'START',
    ]);
    expect(bySignal.get('DONE')?.length).toBeGreaterThan(20);
  });

  it('tells with every defect, and with nothing else, what Rework needs', () => {
    for (const { signal, status, defect, operationId } of shift) {
      expect(status === 'Rework').toBe(signal === 'DEFECT');
      expect(defect !== undefined).toBe(signal === 'DEFECT');
      const texts = [operationId, ...Object.values(defect ?? {})];
      expect(texts).toHaveLength(defect === undefined ? 1 : 5);
      for (const text of texts) expect(text).toMatch(/\S/);
    }
  });

  it('fits into an answer that the nodes read by default', () => {
    expect(JSON.stringify(shift).length).toBeLessThan(512 * 1024);
  });
});
