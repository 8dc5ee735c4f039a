import type { State } from '../outcome/refusal';
import type { StateMachine } from './machine';

/** The state of the table that differs only in case, in blanks around it, or in being text or number. */
export function sameSpelling(machine: StateMachine, name: unknown): State | undefined {
  if (!isState(name)) return undefined;
  return machine.states.find(state => folded(state.name) === folded(name))?.name;
}

/** The state of the table that may have been meant: spelled the same, or one name holds the other. */
export function lookAlike(machine: StateMachine, name: State): State | undefined {
  const meant = folded(name);
  const isLike = (other: string): boolean => other.includes(meant) || meant.includes(other);
  return (
    sameSpelling(machine, name) ??
    machine.states.find(state => meant.length > 2 && isLike(folded(state.name)))?.name
  );
}

/** Whether a value can be a status. */
export function isState(value: unknown): value is State {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

function folded(name: State): string {
  return String(name).trim().toLowerCase();
}
