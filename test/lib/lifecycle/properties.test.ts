import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkGuard } from '../../../lib/lifecycle/check-guard';
import type { TransitionGuard } from '../../../lib/lifecycle/guard';
import { judge } from '../../../lib/lifecycle/judge';
import {
  isAllowed,
  nextStates,
  type StateMachine,
  type State,
} from '../../../lib/lifecycle/machine';
import { deadEnds, shortestPath, unreachableStates } from '../../../lib/lifecycle/paths';
import { judgeSteps, stepsAlong } from '../../../lib/lifecycle/steps';
import { CONTENTS, journeys, machines } from './machines';

/** States that can be reached in exactly so many steps. */
function after(machine: StateMachine, from: State, steps: number): State[] {
  if (steps === 0) return [from];
  return after(machine, from, steps - 1).flatMap(state => [...nextStates(machine, state)]);
}

function stepsNeeded(machine: StateMachine, from: State, to: State): number | undefined {
  for (let steps = 1; steps < machine.states.length; steps += 1) {
    if (after(machine, from, steps).includes(to)) return steps;
  }
  return undefined;
}

it('the shortest path is one of the table, and there is no shorter one', () => {
  fc.assert(
    fc.property(
      journeys().filter(({ from, to }) => from !== to),
      ({ machine, from, to }) => {
        const path = shortestPath(machine, from, to);
        expect(path?.length).toBe(stepsNeeded(machine, from, to));
        if (path === undefined) return;
        expect(path.at(-1)).toBe(to);
        for (const [index, state] of path.entries()) {
          expect(isAllowed(machine, path[index - 1] ?? from, state)).toBe(true);
        }
      },
    ),
  );
});

const isFilled = (value: unknown): boolean => ![undefined, null, '', ' '].includes(value as string);

it('what is allowed is in the table, leaves the state it was decided on, and lacks no field', () => {
  const states = fc.constantFrom('S0', 'S1', 'S2', 'S9', 's0', 0, null);
  fc.assert(
    fc.property(journeys(), states, CONTENTS, CONTENTS, (journey, status, before, changes) => {
      const { machine, from, to } = journey;
      const guard: TransitionGuard = { url: 'u', field: 'status', from, to, machine };
      const values = { ...before, status };
      const refused = judge(guard, { values, changes, now: 0 });
      const required = machine.states.find(({ name }) => name === to)?.required ?? [];
      const after: Record<string, unknown> = { ...values, ...changes };
      const mayGo =
        status === to ||
        (status === from &&
          isAllowed(machine, status, to) &&
          required.every(name => isFilled(after[name])));
      expect(refused === undefined).toBe(mayGo);
    }),
    { numRuns: 500 },
  );
});

it('steps lead to the wanted state, each allowed once the one before it is made', () => {
  fc.assert(
    fc.property(journeys(), CONTENTS, ({ machine, from, to }, contents) => {
      const path = shortestPath(machine, from, to) ?? [];
      fc.pre(path.length > 0);
      const guard: TransitionGuard = { url: 'u', field: 'status', from, to, machine };
      const changes = { ...contents, status: to };
      const steps = stepsAlong(guard, path, changes);
      fc.pre(judgeSteps(steps, { values: { status: from }, now: 0 }, true) === undefined);
      let values: Record<string, unknown> = { status: from };
      for (const step of steps) {
        expect(judge(step.guard, { values, changes: step.changes, now: 0 })).toBeUndefined();
        values = { ...values, ...step.changes };
      }
      expect(values).toEqual({ ...changes });
    }),
  );
});

it('unreachable states and dead ends are those that no walk from a start reaches or leaves', () => {
  fc.assert(
    fc.property(machines(), fc.nat(), ({ states }, pick) => {
      const start = pick % states.length;
      const machine: StateMachine = {
        states: states.map((state, index) =>
          index === start ? { ...state, role: 'start' as const } : state,
        ),
      };
      const from = states[start]?.name ?? '';
      const lost = states
        .map(({ name }) => name)
        .filter(name => name !== from && stepsNeeded(machine, from, name) === undefined);
      expect(unreachableStates(machine)).toEqual(lost);
      const stuck = states.filter(({ next }) => next.length === 0).map(({ name }) => name);
      expect(deadEnds(machine)).toEqual(stuck);
    }),
  );
});

const HOSTILE = fc.oneof(
  fc.anything({ withDate: true, withNullPrototype: true, withBigInt: true, withSparseArray: true }),
  fc.constantFrom<unknown>('__proto__', 'constructor', ' ', '', 0, -0, Infinity, NaN, false),
);

it('a guard that was altered is refused by name, or judges anything without a fault', () => {
  const guard = {
    url: 'http://127.0.0.1/1',
    field: 'status',
    from: 'S0',
    to: 'S1',
    eventAt: '2025-02-08T14:00:00Z',
    sinceField: 'statusSince',
    own: { since: 'S1', eventAt: '2025-02-08T13:00:00Z' },
    machine: { states: [{ name: 'S0', next: ['S1'] }] },
    open: { rule: 'newer', atField: 'openedAt', minutes: 15 },
    missingMeansEmpty: true,
  };
  const open = fc.record({
    rule: fc.constantFrom('any', 'other', 'newer'),
    byField: fc.oneof(fc.constant('openedBy'), HOSTILE),
    atField: fc.oneof(fc.constant('openedAt'), HOSTILE),
    ours: HOSTILE,
    minutes: fc.oneof(fc.constantFrom(15, Infinity), HOSTILE),
  });
  const own = fc.record({ since: HOSTILE, eventAt: HOSTILE });
  const parts = fc.oneof(
    own.map(event => ({ own: event })),
    ...Object.keys(guard).map(name => HOSTILE.map(value => ({ [name]: value }))),
    open.map(rule => ({ open: rule })),
    fc.record({ name: HOSTILE, next: HOSTILE, required: HOSTILE }).map(state => ({
      machine: { states: [state, ...guard.machine.states, { name: 'S1', next: [] }] },
    })),
  );
  const records = fc.dictionary(
    fc.constantFrom('status', 'statusSince', 'openedAt', 'openedBy', '__proto__'),
    fc.oneof(fc.constantFrom('S0', 'S1'), HOSTILE),
  );
  fc.assert(
    fc.property(parts, records, (part, values) => {
      let checked;
      try {
        checked = checkGuard({ ...guard, ...part });
      } catch (error) {
        expect(error).toMatchObject({ name: 'InputError', code: 'GUARD_INVALID' });
        return;
      }
      expect(() => judge(checked, { values, changes: {}, now: 0 })).not.toThrow();
      const travelled: unknown = JSON.parse(JSON.stringify(checked));
      expect(() => checkGuard(travelled)).not.toThrow();
    }),
    { numRuns: 3000 },
  );
});
