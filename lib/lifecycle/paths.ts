import type { State } from './machine';
import { nextStates, type StateMachine } from './machine';

/** The shortest way from one state to another, without the first and with the last; undefined: there is none. */
export function shortestPath(
  machine: StateMachine,
  from: State,
  to: State,
): readonly State[] | undefined {
  const seen = new Set<State>([from]);
  let paths: (readonly State[])[] = [[]];
  while (paths.length > 0) {
    const longer = paths.flatMap(path => stepsFrom(machine, path.at(-1) ?? from, path, seen));
    const found = longer.find(path => path.at(-1) === to);
    if (found !== undefined) return found;
    paths = longer;
  }
  return undefined;
}

/** The paths that are one step longer and end in a state not seen before. */
function stepsFrom(
  machine: StateMachine,
  state: State,
  path: readonly State[],
  seen: Set<State>,
): (readonly State[])[] {
  const fresh = nextStates(machine, state).filter(next => !seen.has(next));
  for (const next of fresh) seen.add(next);
  return fresh.map(next => [...path, next]);
}

/** States that no record can come to from a start; every state when no state is a start. */
export function unreachableStates(machine: StateMachine): readonly State[] {
  const names = machine.states.map(({ name }) => name);
  const reached = new Set(
    machine.states.filter(({ role }) => role === 'start').map(({ name }) => name),
  );
  // A set hands out what is added while it is gone through.
  for (const name of reached) for (const next of nextStates(machine, name)) reached.add(next);
  return names.filter(name => !reached.has(name));
}

/** States without a way out that are no end. */
export function deadEnds(machine: StateMachine): readonly State[] {
  return machine.states
    .filter(({ next, role }) => next.length === 0 && role !== 'end')
    .map(({ name }) => name);
}
