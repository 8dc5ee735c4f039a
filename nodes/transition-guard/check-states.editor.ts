import { checkMachine, MachineError, type MachineFault } from '../../lib/lifecycle/check-machine';
import type { MachineState, StateMachine } from '../../lib/lifecycle/machine';
import type { Translate, Validity } from '../shared/checks';
import type { StateType } from './names.editor';

/** Whether a node can be run with these states: the table is sound, and its states are numbers where they must be. */
export function checkStates(t: Translate, states: unknown, stateType: unknown): Validity {
  if (!Array.isArray(states) || states.length === 0) return t('transition-guard.errors.no-states');
  const label = t('transition-guard.label.states');
  const fault = faultOfMachine({ states: states as unknown[] });
  if (fault !== undefined) return faultInWords(t, label, fault);
  if (stateType !== 'number') return true;
  const other = (states as MachineState[]).find(({ name }) => !Number.isFinite(Number(name)));
  return (
    other === undefined || t('transition-guard.errors.no-number', { state: String(other.name) })
  );
}

/** A state machine that was pasted as JSON, or the sentence that says what is wrong with it. */
export function readMachine(t: Translate, text: string): StateMachine | string {
  const parsed = parse(text);
  if (parsed === undefined) return t('transition-guard.errors.json');
  const fault = faultOfMachine(parsed.value);
  if (fault !== undefined) return faultInWords(t, 'JSON', fault);
  const machine = checkMachine(parsed.value, 'JSON');
  const valid = checkStates(t, machine.states, stateTypeOf(machine.states));
  return valid === true ? machine : String(valid);
}

/** Statuses are numbers when the first one is. */
export function stateTypeOf(states: readonly MachineState[]): StateType {
  return typeof states[0]?.name === 'number' ? 'number' : 'text';
}

function faultOfMachine(machine: unknown): MachineFault | undefined {
  try {
    checkMachine(machine, '');
    return undefined;
  } catch (error) {
    if (error instanceof MachineError) return error.fault;
    throw error;
  }
}

/** @param label what holds the table, as the user knows it */
function faultInWords(t: Translate, label: string, fault: MachineFault): string {
  const { kind, row, state, value, meant, other } = fault;
  const place = [
    ...(row === undefined ? [] : [t('transition-guard.label.row', { row })]),
    ...(state === undefined ? [] : [shown(state)]),
  ].join(', ');
  const values = { value: shown(value), meant: shown(meant), other };
  const what = t(`transition-guard.fault.${kind}`, values);
  return [label, ...(place === '' ? [] : [place]), what].join(': ');
}

/** Characters of a value that a sentence shows. */
const MAX_LENGTH = 60;

/** A value as JSON has it, which is the same in every language. */
function shown(value: unknown): string {
  const text = value === undefined ? '–' : JSON.stringify(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
