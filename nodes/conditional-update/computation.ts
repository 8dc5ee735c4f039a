import { createHash } from 'node:crypto';
import type { ApiFamily } from '../../lib/api/family';
import { InputError } from '../../lib/errors';
import { added } from '../../lib/record/add';
import { digitsOf, isJsonNumber, isUnsafe } from '../../lib/record/exact';
import type { Computation } from '../../lib/update/request';
import type { Scope } from '../shared/scope';
import type { FieldRow } from './config';

/** A row whose value depends on the record. */
export type ComputedRow = FieldRow & { readonly valueType: 'record' | 'add' };

export function isComputed(row: FieldRow): row is ComputedRow {
  return row.valueType === 'record' || row.valueType === 'add';
}

/**
 * All changes from one expression over the message, in which `record` is the record as it was just read. Throws
 * InputError `EXPRESSION_FAILED` for an expression that cannot be read; computing rejects with the same.
 */
export function computedWhole(scope: Scope, text: string): Computation {
  const compute = evaluator(scope, text, 'Changes');
  return { fields: undefined, hash: hashOf(scope, text), of: compute };
}

/**
 * The changes of the table, some of which are computed.
 * @param given values of all other rows, by field
 */
export function computedRows(
  scope: Scope,
  rows: readonly ComputedRow[],
  given: Readonly<Record<string, unknown>>,
  family: ApiFamily,
): Computation {
  const compute = rows.map(row => rowEvaluator(scope, row, family));
  const names = [...Object.keys(given), ...rows.map(({ field }) => field.trim())];
  const isOpenEnded = rows.some(({ valueType }) => valueType === 'record');
  return {
    fields: isOpenEnded ? undefined : names.map(name => family.readName(name)),
    hash: hashOf(scope, JSON.stringify([rows, given])),
    of: async (record, exact) => {
      const changes: Record<string, unknown> = { ...given };
      for (const [index, { field, optional }] of rows.entries()) {
        const value = await compute[index]?.(record, exact);
        if (value !== undefined) changes[field.trim()] = value;
        else if (!optional) throw noValue(field);
      }
      return changes;
    },
  };
}

type Evaluate = Computation['of'];

function rowEvaluator(scope: Scope, row: ComputedRow, family: ApiFamily): Evaluate {
  const name = row.field.trim();
  const label = `The value of ${name} in the table of Changes`;
  if (row.valueType === 'record') return evaluator(scope, row.value, label);
  const amountOf = amountIn(scope, row.value, label);
  return async (record, exact) => {
    const amount = await amountOf(record, exact);
    // The table says what becomes of a row without a value.
    if (amount === undefined) return undefined;
    const before = exact()[family.readName(name)];
    const sum = added(before, amount);
    if (sum === undefined) throw noSum(name, before, amount);
    return sum;
  };
}

/** A plain number is its digits: as an expression, JSONata would round a long one. */
function amountIn(scope: Scope, text: string, label: string): Evaluate {
  const typed = text.trim();
  return isJsonNumber(typed) ? () => Promise.resolve(typed) : evaluator(scope, text, label);
}

function evaluator(scope: Scope, text: string, label: string): Evaluate {
  const expression = scope.expression(text, label);
  const { msg } = scope;
  return async record => {
    try {
      return plain(await expression({ ...msg, record }));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new InputError('EXPRESSION_FAILED', `${label} could not be computed: ${why}`);
    }
  };
}

/** JSONata decorates its results; only plain data goes on. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

/** Tells one update of a wired loop from another: by the expressions, and by the payload that they mostly are about. */
function hashOf({ msg }: Scope, expressions: string): string {
  return createHash('sha256').update(expressions).update(textOf(msg.payload)).digest('base64url');
}

function textOf(payload: unknown): string {
  try {
    const text = JSON.stringify(payload) as string | undefined;
    return text ?? '';
  } catch {
    return '';
  }
}

function noValue(field: string): InputError {
  return new InputError(
    'FIELD_EMPTY',
    `${field.trim()} has no value: its expression gives nothing for this message and record. Correct the table of Changes, or tick "may be missing".`,
  );
}

function noSum(name: string, before: unknown, amount: unknown): InputError {
  if (typeof amount === 'number' && isUnsafe(amount)) return roundedAmount(name, amount);
  return new InputError(
    'SUM_INVALID',
    `Nothing can be added to ${name}: the record holds ${shown(before)} and the amount is ${shown(amount)}. Both must be numbers. Correct the row in the table of Changes, or compute the field from the record.`,
  );
}

function roundedAmount(name: string, amount: number): InputError {
  return new InputError(
    'SUM_INVALID',
    `Nothing can be added to ${name}: JavaScript may have rounded the amount ${String(amount)}. Give its digits as text in the message, or type the number itself in the table of Changes.`,
  );
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : (digitsOf(value) ?? JSON.stringify(value));
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
