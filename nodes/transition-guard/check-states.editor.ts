import { InputError } from '../../lib/errors';
import { checkMachine } from '../../lib/lifecycle/check-machine';
import type { MachineState, StateMachine } from '../../lib/lifecycle/machine';
import type { Validity } from '../shared/editor/red';
import type { Translate } from '../shared/editor/translate';
import type { StateType } from './names.editor';

/** Whether a node can be run with these states: the table is sound, and its states are numbers where they must be. */
export function checkStates(t: Translate, states: unknown, stateType: unknown): Validity {
  if (!Array.isArray(states) || states.length === 0) return t('transition-guard.errors.no-states');
  const label = t('transition-guard.label.states');
  const why = faultOfMachine({ states: states as unknown[] }, label);
  if (why !== undefined) return t('transition-guard.errors.states', { why });
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
  const why = faultOfMachine(parsed.value, 'JSON');
  if (why !== undefined) return t('transition-guard.errors.states', { why });
  const machine = checkMachine(parsed.value, 'JSON');
  const valid = checkStates(t, machine.states, stateTypeOf(machine.states));
  return valid === true ? machine : String(valid);
}

/** Statuses are numbers when the first one is. */
export function stateTypeOf(states: readonly MachineState[]): StateType {
  return typeof states[0]?.name === 'number' ? 'number' : 'text';
}

function faultOfMachine(machine: unknown, label: string): string | undefined {
  try {
    checkMachine(machine, label);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
