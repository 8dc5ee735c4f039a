import { InputError } from '../../lib/errors';
import type { Fields } from '../../lib/record/fields';
import type { Scope } from '../shared/scope';
import type { FieldRow } from './config';

/** What these rows of the table of Changes give. Throws InputError `FIELD_EMPTY` where a value is missing, or `EXPRESSION_FAILED`. */
export async function mappedChanges(scope: Scope, rows: readonly FieldRow[]): Promise<Fields> {
  const changes: [string, unknown][] = [];
  for (const row of rows) {
    const value = await valueOf(scope, row);
    if (value !== undefined) changes.push([row.field.trim(), value]);
    else if (!row.optional) throw empty(row);
  }
  return Object.fromEntries(changes);
}

/** Throws InputError `CHANGES_INVALID` for an empty table, `FIELDS_INVALID` for a row that cannot be meant. */
export function checkNames(rows: readonly FieldRow[]): void {
  if (rows.length === 0) {
    throw new InputError(
      'CHANGES_INVALID',
      'The table of Changes has no row. Add a row for each field to write, or choose another place under Changes.',
    );
  }
  const names = rows.map(({ field }) => field.trim());
  for (const [index, name] of names.entries()) {
    if (name === '') throw invalid(index, 'has no field name. Name the field to write');
    const first = names.indexOf(name);
    if (first < index) throw invalid(index, `writes "${name}", and so does row ${first + 1}`);
  }
}

function invalid(index: number, what: string): InputError {
  return new InputError(
    'FIELDS_INVALID',
    `Row ${index + 1} of the table of Changes ${what}. Correct the row, or remove it.`,
  );
}

/** Undefined where there is none. */
async function valueOf(
  scope: Scope,
  { field, value, valueType: type }: FieldRow,
): Promise<unknown> {
  // Node-RED would make 0 of a number that is not filled in.
  if (type === 'num' && value.trim() === '') return undefined;
  const label = `The value of ${field.trim()} in the table of Changes`;
  const found = await scope.evaluate({ value, type, label });
  // An environment variable that is not set reads as empty text.
  return type === 'env' && found === '' ? undefined : found;
}

function empty(row: FieldRow): InputError {
  return new InputError(
    'FIELD_EMPTY',
    `${row.field.trim()} has no value: ${whereIsNone(row)}. Correct the table of Changes, or tick "may be missing".`,
  );
}

function whereIsNone({ value, valueType }: FieldRow): string {
  switch (valueType) {
    case 'msg':
      return `msg.${value} is not in the message`;
    case 'flow':
    case 'global':
      return `${valueType}.${value} is not set`;
    case 'env':
      return `the environment variable ${value} is not set`;
    case 'jsonata':
      return 'its expression gives nothing for this message';
    default:
      return 'its row is not filled in';
  }
}
