import type { ReadField } from './fields';

/** One part of a condition: the field, and the values with which it holds, or does not hold. */
export interface Condition {
  readonly name: string;
  readonly values: readonly string[];
  readonly negated: boolean;
}

/** `schedule=list;jitter=full|percent;budget!=`: all parts must hold, each with one of its values or, after `!=`, with none. */
export function parseConditions(text: string): Condition[] {
  return text.split(';').map(part => {
    const [, name = '', mark = '', values = ''] = /^(\w+)(!?)=(.*)$/.exec(part) ?? [];
    return { name, values: values.split('|'), negated: mark === '!' };
  });
}

/** Whether a condition holds for the fields as `other` reads them; none always does. */
export function holds(text: string | undefined, other: ReadField): boolean {
  if (text === undefined) return true;
  return parseConditions(text).every(
    ({ name, values, negated }) => values.includes(String(other(name)).trim()) !== negated,
  );
}
