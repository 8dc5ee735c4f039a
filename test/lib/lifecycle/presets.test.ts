import { describe, expect, it } from 'vitest';
import { checkMachine } from '../../../lib/lifecycle/check-machine';
import { requiredFields } from '../../../lib/lifecycle/machine';
import { deadEnds, shortestPath, unreachableStates } from '../../../lib/lifecycle/paths';
import { SALES_ORDERS, WORK_ORDERS } from '../../../lib/lifecycle/presets';
import { ORDER_STATUSES } from '../../../sandbox/sales-orders/schema';
import { NEXT_STATUSES, REWORK_FIELDS } from '../../../sandbox/work-orders/schema';

describe.each([
  ['work orders', WORK_ORDERS],
  ['sales orders', SALES_ORDERS],
])('the preset of %s', (_, machine) => {
  it('is a sound machine', () => {
    expect(checkMachine(machine, 'States')).toEqual(machine);
    expect(unreachableStates(machine)).toEqual([]);
    expect(deadEnds(machine)).toEqual([]);
  });

  it('survives JSON', () => {
    expect(checkMachine(JSON.parse(JSON.stringify(machine)), 'States')).toEqual(machine);
  });
});

it('work orders move as they do in the practice API, and need the same fields for rework', () => {
  const next = Object.fromEntries(WORK_ORDERS.states.map(state => [state.name, state.next]));
  expect(next).toEqual(NEXT_STATUSES);
  expect(requiredFields(WORK_ORDERS, 'Rework')).toEqual(REWORK_FIELDS);
});

it('sales orders have the statuses of the practice API', () => {
  expect(SALES_ORDERS.states.map(({ name }) => name)).toEqual(ORDER_STATUSES);
});

it('a released work order is completed by way of In Progress', () => {
  expect(shortestPath(WORK_ORDERS, 'Released', 'Complete')).toEqual(['In Progress', 'Complete']);
});
