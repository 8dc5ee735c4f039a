import { InputError } from '../errors';
import { isFields, type Fields } from '../record/fields';
import type { State } from './machine';
import { isState, lookAlike, type MachineState, type StateMachine } from './machine';
import { shown } from './wording';

/** What makes a table unusable, apart from the words: the dialog says it in the user's language. */
export interface MachineFault {
  readonly kind: keyof typeof MACHINE_FAULTS;
  /** Counted from 1; absent where the table as a whole is meant. */
  readonly row?: number;
  /** The state of that row, where it has a usable name. */
  readonly state?: State;
  /** What cannot stand there. */
  readonly value?: unknown;
  /** The state that may have been meant instead. */
  readonly meant?: State;
  /** The row that has the name already, counted from 1. */
  readonly other?: number;
}

/** InputError `MACHINE_INVALID` with what it is about. */
export class MachineError extends InputError {
  /** @param label what holds the table, as the user knows it */
  constructor(
    label: string,
    readonly fault: MachineFault,
  ) {
    const { row, state } = fault;
    const inRow = row === undefined ? '' : `: row ${row}`;
    const ofState = state === undefined ? '' : `, ${shown(state)}`;
    super('MACHINE_INVALID', `${label}${inRow}${ofState}: ${MACHINE_FAULTS[fault.kind](fault)}`);
  }
}

/** What can be wrong with a table, as the end of a sentence that begins with the place. */
export const MACHINE_FAULTS = {
  'no-list': () => 'there is no list of states.',
  'no-rows': () => 'no states. Add one for each status of the record.',
  'no-object': () => 'a state must be an object.',
  'name-type': ({ value }: MachineFault) =>
    `the name must be text or a number, not ${shown(value)}.`,
  'name-empty': () => 'the name is empty.',
  'name-unusable': ({ value }: MachineFault) => `the name ${String(value)} cannot be used.`,
  'name-twice': ({ other }: MachineFault) => `row ${other ?? 0} has that name already.`,
  role: ({ value }: MachineFault) =>
    `the role must be "start", "end" or left out, not ${shown(value)}.`,
  'next-type': () => 'what may follow must be a list of states.',
  'next-self': () => 'leads to itself. Staying needs no transition.',
  'next-unknown': ({ value }: MachineFault) =>
    `leads to ${shown(value)}, which is not in the table.`,
  'next-misspelled': ({ value, meant }: MachineFault) =>
    `leads to ${shown(value)}, which is not in the table; did you mean ${shown(meant)}?`,
  'required-type': () => 'the required fields must be a list of names.',
};

/**
 * A state machine from a dialog, from JSON or from a message, with nothing else in it. Throws MachineError that names
 * the row and the state.
 * @param label what holds it, as the user knows it
 */
export function checkMachine(value: unknown, label: string): StateMachine {
  const refuse = (fault: MachineFault): never => {
    throw new MachineError(label, fault);
  };
  const rows = isFields(value) ? value.states : undefined;
  if (!Array.isArray(rows)) return refuse({ kind: 'no-list' });
  if (rows.length === 0) return refuse({ kind: 'no-rows' });
  const machine = {
    states: Array.from(rows, (row: unknown, index) => checkRow(row, index + 1, refuse)),
  };
  checkNames(machine, refuse);
  checkLeads(machine, refuse);
  return machine;
}

type Refuse = (fault: MachineFault) => never;

/** Ends the check with a fault in one row. */
type RefuseRow = (kind: MachineFault['kind'], value?: unknown) => never;

function checkRow(fields: unknown, row: number, refuse: Refuse): MachineState {
  if (!isFields(fields)) return refuse({ kind: 'no-object', row });
  const name = nameOf(fields.name, (kind, value) => refuse({ kind, row, value }));
  const here: RefuseRow = (kind, value) => refuse({ kind, row, state: name, value });
  return { name, ...roleOf(fields, here), next: nextOf(fields, here), ...requiredOf(fields, here) };
}

function nameOf(name: unknown, refuse: RefuseRow): State {
  if (!isState(name)) return refuse('name-type', name);
  if (String(name).trim() === '') return refuse('name-empty');
  // The search of Node-RED's editor indexes it in a plain object, and no dialog opens any more.
  if (name === '__proto__') return refuse('name-unusable', name);
  return name;
}

function roleOf({ role }: Fields, refuse: RefuseRow): Pick<MachineState, 'role'> {
  if (role === undefined) return {};
  return role === 'start' || role === 'end' ? { role } : refuse('role', role);
}

function nextOf({ next }: Fields, refuse: RefuseRow): readonly State[] {
  if (!isListOf(next, isState)) return refuse('next-type');
  return [...new Set(next)];
}

function requiredOf({ required }: Fields, refuse: RefuseRow): Pick<MachineState, 'required'> {
  if (required === undefined) return {};
  if (!isListOf(required, isName)) return refuse('required-type');
  return required.length === 0 ? {} : { required: [...new Set(required)] };
}

/** Array methods pass over the holes of a sparse array, which JSON makes `null`. */
function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && Array.from<unknown>(value).every(isItem);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function checkNames({ states }: StateMachine, refuse: Refuse): void {
  const rows = new Map<State, number>();
  for (const [index, { name }] of states.entries()) {
    const row = index + 1;
    const other = rows.get(name);
    if (other !== undefined) refuse({ kind: 'name-twice', row, state: name, other });
    rows.set(name, row);
  }
}

function checkLeads(machine: StateMachine, refuse: Refuse): void {
  const names = new Set(machine.states.map(({ name }) => name));
  for (const [index, { name, next }] of machine.states.entries()) {
    const place = { row: index + 1, state: name };
    if (next.includes(name)) refuse({ kind: 'next-self', ...place });
    const value = next.find(state => !names.has(state));
    if (value === undefined) continue;
    const meant = lookAlike(machine, value);
    if (meant === undefined) refuse({ kind: 'next-unknown', ...place, value });
    else refuse({ kind: 'next-misspelled', ...place, value, meant });
  }
}
