import { InputError } from '../../lib/errors';
import { checkMachine } from '../../lib/lifecycle/check-machine';
import type { OpenRule, TransitionGuard } from '../../lib/lifecycle/guard';
import type { State } from '../../lib/lifecycle/machine';
import type { StateMachine } from '../../lib/lifecycle/machine';
import { isFields } from '../../lib/record/fields';
import { settingsOf } from '../shared/settings';
import { GUARD_FIELDS, type TransitionGuardConfig } from './config';

/** The part of every guard that the dialog fixes. */
export type GuardSettings = Omit<TransitionGuard, 'url' | 'from' | 'to' | 'eventAt' | 'own'>;

/** Throws InputError `MACHINE_INVALID`, `FIELD_MISSING` or `NUMBER_INVALID` that names the field of the dialog. */
export function guardSettings(config: TransitionGuardConfig): GuardSettings {
  const machine = machineOf(config);
  const open = openRule(config);
  const sinceField = config.sinceField.trim();
  return {
    field: settingsOf(GUARD_FIELDS, config).text('field'),
    // The same objects travel in many messages: what one of them meets must not reach the others.
    machine: frozen(machine),
    ...(sinceField === '' ? {} : { sinceField }),
    ...(open === undefined ? {} : { open: Object.freeze(open) }),
    ...(config.missingMeansEmpty ? { missingMeansEmpty: true } : {}),
  };
}

function machineOf({ states, stateType }: TransitionGuardConfig): StateMachine {
  const rows: unknown = states;
  const typed = Array.isArray(rows)
    ? rows.map((row: unknown, index) => typedRow(row, stateType === 'number' ? index : undefined))
    : rows;
  return checkMachine({ states: typed }, 'States');
}

/** @param numberIn index of the row where the statuses are numbers; undefined: they are text */
function typedRow(row: unknown, numberIn: number | undefined): unknown {
  if (!isFields(row)) return row;
  const typed = (name: unknown): unknown =>
    numberIn === undefined ? textState(name) : numberState(name, numberIn);
  const next = Array.isArray(row.next) ? row.next.map(typed) : row.next;
  return { ...row, name: typed(row.name), next };
}

/** Input fields of the dialog hold text, whatever the status is. */
function numberState(name: unknown, row: number): unknown {
  if (typeof name !== 'string') return name;
  const number = name.trim() === '' ? Number.NaN : Number(name);
  if (Number.isFinite(number)) return number;
  throw new InputError(
    'MACHINE_INVALID',
    `States: row ${row + 1}: "${name}" is not a number. Enter numbers, or choose text as the type of the statuses.`,
  );
}

function textState(name: unknown): unknown {
  return typeof name === 'number' ? String(name) : name;
}

function openRule(config: TransitionGuardConfig): OpenRule | undefined {
  const { openRule: rule } = config;
  if (rule === 'off') return undefined;
  const read = settingsOf(GUARD_FIELDS, config);
  const byField = read.text('openByField');
  const atField = read.text('openAtField');
  const fields = { ...(byField === '' ? {} : { byField }), ...(atField === '' ? {} : { atField }) };
  switch (rule) {
    case 'any':
      return { rule, ...fields, byField };
    case 'other':
      return { rule, ...fields, byField, ours: read.text('openOurs') };
    case 'newer':
      return { rule, ...fields, atField, minutes: read.number('openMinutes') };
  }
}

function frozen({ states }: StateMachine): StateMachine {
  return Object.freeze({
    states: Object.freeze(
      states.map(({ name, next, required, ...state }) =>
        Object.freeze({
          ...state,
          name,
          next: frozenList<State>(next),
          ...(required === undefined ? {} : { required: frozenList(required) }),
        }),
      ),
    ),
  });
}

function frozenList<T>(list: readonly T[]): readonly T[] {
  return Object.freeze([...list]);
}
