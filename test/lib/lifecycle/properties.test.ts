import fc from 'fast-check';
import { expect, it } from 'vitest';
import { judge, type TransitionGuard } from '../../../lib/lifecycle/guard';
import { isAllowed, nextStates, type StateMachine } from '../../../lib/lifecycle/machine';
import { deadEnds, shortestPath, unreachableStates } from '../../../lib/lifecycle/paths';
import { judgeSteps, stepsAlong } from '../../../lib/lifecycle/steps';
import type { State } from '../../../lib/outcome/refusal';
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
