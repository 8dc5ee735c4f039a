import { InputError } from '../errors';
import { isFields, setOwn, type Fields } from './fields';
import { mergePatch, patchedNames } from './merge';

/**
 * The changes that do at once what these do one after the other, as `mergePatch` applies them: a later value takes the
 * place of an earlier one, and null stays a value. Throws InputError `CHANGES_UNMERGEABLE` where no merge patch says
 * that: a later item sets parts of an object of which an earlier one has made a plain value.
 * @param changes at least one; none of them is changed or shared with the result
 */
export function mergedChanges(changes: readonly Fields[]): Fields {
  const merged: Record<string, unknown> = {};
  for (const next of changes) add(merged, next, []);
  return merged;
}

/** @param merged is nobody else's, also where it is deep: a copy for each item would take as long as their number squared */
function add(merged: Record<string, unknown>, next: Fields, path: readonly string[]): void {
  for (const name of patchedNames(next)) {
    const before = Object.hasOwn(merged, name) ? merged[name] : undefined;
    setOwn(merged, name, both(before, next[name], [...path, name]));
  }
}

function both(before: unknown, after: unknown, path: readonly string[]): unknown {
  // A copy, also of what lies deeper.
  if (!isFields(after) || before === undefined) return mergePatch(undefined, after);
  if (isFields(before)) {
    add(before, after, path);
    return before;
  }
  throw new InputError(
    'CHANGES_UNMERGEABLE',
    `Several items of this record cannot be made one update: one sets ${path.join('.')} to a plain value, and a later one sets parts of it. Give the whole object in one item.`,
  );
}
