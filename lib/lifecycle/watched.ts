import type { Fields } from '../record/fields';
import type { TransitionGuard } from './guard';

/** What a record or changes hold; undefined where the field is not shown. Never what a prototype holds. */
export function valueOf(values: Fields, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Whether a field counts as not filled in. */
export function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  );
}

/** Fields whose value in the record a transition depends on, the status field first. */
export function watchedFields({ field, eventAt, sinceField, open }: TransitionGuard): string[] {
  const since = eventAt === undefined ? undefined : sinceField;
  return [field, since, open?.byField, open?.atField].filter(name => name !== undefined);
}
