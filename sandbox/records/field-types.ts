import { pick } from '../random';

/** Field values by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a field may hold. Every field may also be null. */
export type FieldType =
  | { readonly type: 'text' }
  | { readonly type: 'option'; readonly options: readonly (string | number)[] }
  | { readonly type: 'integer' }
  | { readonly type: 'decimal'; readonly precision: number }
  | { readonly type: 'date' } // 2025-02-08
  | { readonly type: 'date-time' } // 2025-02-08T10:00:00Z
  | { readonly type: 'guid' };

export type Field = FieldType & {
  /** Silently left alone when a write names it, as Dataverse does. */
  readonly readOnly?: true;
  /** The server's own jobs change it all the time. */
  readonly background?: true;
};

/** The fields of one kind of record, by name. */
export type Schema = Readonly<Record<string, Field>>;

export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Whether a field of this type accepts the value. */
export function accepts(field: FieldType, value: unknown): boolean {
  if (value === null) return true;
  switch (field.type) {
    case 'text':
      return typeof value === 'string';
    case 'option':
      return field.options.some(option => option === value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'decimal':
      return typeof value === 'number';
    case 'guid':
      return matches(GUID, value);
    case 'date':
      return matches(DATE, value);
    case 'date-time':
      return matches(DATE_TIME, value);
  }
}

function matches(pattern: RegExp, value: unknown): boolean {
  if (typeof value !== 'string' || !pattern.test(value)) return false;
  return pattern === GUID || !Number.isNaN(Date.parse(value));
}

/** The value as the server keeps it: decimals rounded to the declared precision, GUIDs in lower case. */
export function kept(field: FieldType, value: unknown): unknown {
  if (field.type === 'decimal' && typeof value === 'number') {
    return Number(value.toFixed(field.precision));
  }
  if (field.type === 'guid' && typeof value === 'string') return value.toLowerCase();
  return value;
}

/** A valid value that differs from all of `taken`; undefined when there is none. */
export function otherValue(
  field: FieldType,
  taken: readonly unknown[],
  random: number,
): string | number | undefined {
  if (field.type === 'option') {
    return pick(
      field.options.filter(option => !taken.includes(option)),
      random,
    );
  }
  const first = Math.floor(random * 10_000);
  for (let i = 0; i <= taken.length; i += 1) {
    const value = sample(field, first + i);
    if (!taken.includes(value)) return value;
  }
  return undefined;
}

/** The n-th sample value; samples of neighbouring numbers differ. */
function sample(field: Exclude<FieldType, { type: 'option' }>, n: number): string | number {
  switch (field.type) {
    case 'text':
      return `changed by an operator (${String(n)})`;
    case 'integer':
      return n;
    case 'decimal':
      return Number((n + 0.5).toFixed(field.precision));
    case 'date':
      return new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
    case 'date-time':
      return new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
    case 'guid':
      return `0b000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  }
}
