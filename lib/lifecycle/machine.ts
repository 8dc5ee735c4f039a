/** A status as records hold it: its text, or its number where the API counts its statuses. */
export type State = string | number;

/** One state of a record and what may follow. */
export interface MachineState {
  readonly name: State;
  /** `start`: records come into being here. `end`: records may stay here for good. */
  readonly role?: 'start' | 'end';
  readonly next: readonly State[];
  /** Fields that must hold a value when a record enters this state. */
  readonly required?: readonly string[];
}

/** The states a record may be in, as JSON: what the dialog edits, imports and exports. */
export interface StateMachine {
  readonly states: readonly MachineState[];
}

export function findState(machine: StateMachine, name: unknown): MachineState | undefined {
  return machine.states.find(state => state.name === name);
}

/** States that may follow; none for a state that is not in the table. */
export function nextStates(machine: StateMachine, from: unknown): readonly State[] {
  return findState(machine, from)?.next ?? [];
}

/** Whether the table has the transition. Staying is none. */
export function isAllowed(machine: StateMachine, from: unknown, to: unknown): boolean {
  return nextStates(machine, from).some(state => state === to);
}

/** Fields that must hold a value in this state. */
export function requiredFields(machine: StateMachine, state: unknown): readonly string[] {
  return findState(machine, state)?.required ?? [];
}

/** Whether a value can be a status. */
export function isState(value: unknown): value is State {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

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

function folded(name: State): string {
  return String(name).trim().toLowerCase();
}
