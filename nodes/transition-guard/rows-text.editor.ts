import type { MachineState } from '../../lib/lifecycle/machine';
import { splitNames, toState, type StateType } from './names.editor';

/** What the fields of one row of the table hold. */
export interface RowText {
  readonly name: string;
  readonly next: string;
  readonly required: string;
  readonly role: string;
  /** The name under which other rows still know this one, while it is being changed. */
  readonly knownAs: string;
}

/** The states that rows of the table stand for; rows with nothing in them are left out. */
export function toStates(rows: readonly RowText[], stateType: StateType): MachineState[] {
  const names = renames(rows);
  const filled = rows.filter(row => `${row.name}${row.next}${row.required}`.trim() !== '');
  return filled.map(row => {
    const required = splitNames(row.required);
    return {
      name: toState(row.name.trim(), stateType),
      ...(row.role === 'start' || row.role === 'end' ? { role: row.role } : {}),
      next: splitNames(row.next).map(name => toState(names.get(name) ?? name, stateType)),
      ...(required.length > 0 ? { required } : {}),
    };
  });
}

/**
 * What became of the names that rows have lost. A name that is still, or by now, that of another row is not followed:
 * two states would become one.
 */
export function renames(rows: readonly RowText[]): ReadonlyMap<string, string> {
  const names = rows.map(({ name }) => name.trim());
  const changed = rows
    .map(({ name, knownAs }) => [knownAs, name.trim()] as const)
    .filter(([before, now]) => before !== '' && now !== '' && before !== now)
    .filter(([before]) => !names.includes(before))
    .filter(([, now]) => names.indexOf(now) === names.lastIndexOf(now));
  return new Map(changed);
}
