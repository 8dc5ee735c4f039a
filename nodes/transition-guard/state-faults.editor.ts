import { findState, nextStates, type MachineState, type State } from '../../lib/lifecycle/machine';
import { deadEnds, unreachableStates } from '../../lib/lifecycle/paths';

/** What is wrong with a state: no way to it, no way on, or named as a next state but without a row. */
export type StateFault = 'unreachable' | 'dead-end' | 'unknown';

/** The states with a row, then those that are only named as next ones. */
export function allStates(states: readonly MachineState[]): readonly State[] {
  return [...new Set([...states.map(({ name }) => name), ...states.flatMap(({ next }) => next)])];
}

export function faultOf(state: State, states: readonly MachineState[]): StateFault | undefined {
  const machine = { states };
  if (findState(machine, state) === undefined) return 'unknown';
  // Without a start nothing can be reached, which says nothing about a single state.
  const hasStart = states.some(({ role }) => role === 'start');
  if (hasStart && unreachableStates(machine).includes(state)) return 'unreachable';
  return deadEnds(machine).includes(state) ? 'dead-end' : undefined;
}

/** Where a record may go from a state, without the state itself. */
export function stepsFrom(state: State, states: readonly MachineState[]): readonly State[] {
  return [...new Set(nextStates({ states }, state))].filter(next => next !== state);
}
