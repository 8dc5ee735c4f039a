import { InputError } from '../errors';
import { isFields, type Fields } from '../record/fields';
import type { State } from './refusal';
import { isState, lookAlike, type MachineState, type StateMachine } from './machine';
import { shown } from './wording';

/**
 * A state machine from a dialog, from JSON or from a message, with nothing else in it. Throws InputError
 * `MACHINE_INVALID` that names the row and the state.
 * @param label what holds it, as the user knows it
 */
export function checkMachine(value: unknown, label: string): StateMachine {
  const rows = isFields(value) ? value.states : undefined;
  if (!Array.isArray(rows)) throw fault(label, 'there is no list of states');
  if (rows.length === 0) throw fault(label, 'no states. Add one for each status of the record');
  const machine = {
    states: rows.map((row: unknown, index) => checkRow(row, rowName(label, index))),
  };
  checkNames(machine, label);
  checkLeads(machine, label);
  return machine;
}

function checkRow(row: unknown, place: string): MachineState {
  if (!isFields(row)) throw fault(place, 'a state must be an object');
  const name = nameOf(row.name, place);
  const where = `${place}, ${shown(name)}`;
  return { name, ...roleOf(row, where), next: nextOf(row, where), ...requiredOf(row, where) };
}

function nameOf(name: unknown, place: string): State {
  if (!isState(name)) throw fault(place, `the name must be text or a number, not ${shown(name)}`);
  if (String(name).trim() === '') throw fault(place, 'the name is empty');
  // The search of Node-RED's editor indexes it in a plain object, and no dialog opens any more.
  if (name === '__proto__') throw fault(place, 'the name __proto__ cannot be used');
  return name;
}

function roleOf({ role }: Fields, where: string): Pick<MachineState, 'role'> {
  if (role === undefined) return {};
  if (role === 'start' || role === 'end') return { role };
  throw fault(where, `the role must be "start", "end" or left out, not ${shown(role)}`);
}

function nextOf({ next }: Fields, where: string): readonly State[] {
  if (!Array.isArray(next) || !next.every(isState)) {
    throw fault(where, 'what may follow must be a list of states');
  }
  return [...new Set(next)];
}

function requiredOf({ required }: Fields, where: string): Pick<MachineState, 'required'> {
  if (required === undefined) return {};
  if (!Array.isArray(required) || !required.every(isName)) {
    throw fault(where, 'the required fields must be a list of names');
  }
  return required.length === 0 ? {} : { required: [...new Set(required)] };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function checkNames({ states }: StateMachine, label: string): void {
  const rows = new Map<State, number>();
  for (const [index, { name }] of states.entries()) {
    const first = rows.get(name);
    if (first !== undefined) {
      const place = `${rowName(label, index)}, ${shown(name)}`;
      throw fault(place, `row ${first + 1} has that name already`);
    }
    rows.set(name, index);
  }
}

function checkLeads(machine: StateMachine, label: string): void {
  const names = new Set(machine.states.map(({ name }) => name));
  for (const [index, { name, next }] of machine.states.entries()) {
    const where = `${rowName(label, index)}, ${shown(name)}`;
    if (next.includes(name)) throw fault(where, 'leads to itself. Staying needs no transition');
    const unknown = next.find(state => !names.has(state));
    if (unknown !== undefined) throw fault(where, notThere(machine, unknown));
  }
}

function notThere(machine: StateMachine, name: State): string {
  const meant = lookAlike(machine, name);
  const hint = meant === undefined ? '' : `; did you mean ${shown(meant)}?`;
  return `leads to ${shown(name)}, which is not in the table${hint}`;
}

function rowName(label: string, index: number): string {
  return `${label}: row ${index + 1}`;
}

function fault(place: string, what: string): InputError {
  return new InputError('MACHINE_INVALID', `${place}: ${what}${what.endsWith('?') ? '' : '.'}`);
}
