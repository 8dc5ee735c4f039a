import { sameValue } from './compare';
import type { FieldType } from './canonical';
import { isFields, setOwn, type Fields } from './fields';

/**
 * The target with the patch applied, as RFC 7396 does it, with one difference: null is a value and sets null, which
 * is what a partial update at an OData or REST API means. Arrays are replaced whole. Neither argument is changed,
 * and no object or array of the patch is shared with the result. Every own member of the target that the patch does not
 * name is in the result, whatever its name.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return Array.isArray(patch) ? patch.map(copied) : patch;
  const merged: Record<string, unknown> = isFields(target) ? { ...target } : {};
  for (const name of patchedNames(patch)) {
    setOwn(merged, name, mergePatch(valueAt(merged, name, false), patch[name]));
  }
  return merged;
}

/** What is neither an object nor an array stays itself: numbers digit by digit, too. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  return isFields(value) ? mergePatch({}, value) : value;
}

/** How the values of one field are compared. */
export interface Comparison {
  readonly type: FieldType | undefined;
  /** A property that is not there counts as null. */
  readonly missingMeansNull: boolean;
}

/** An own property's value; undefined (or null, where that is the same) when there is none. */
export function valueAt(fields: Fields, name: string, missingMeansNull: boolean): unknown {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return value === undefined && missingMeansNull ? null : value;
}

/** The properties a patch sets. JSON drops undefined ones on the way to the API. */
export function patchedNames(patch: Fields): string[] {
  const names = Object.keys(patch);
  const isSet = (name: string): boolean => patch[name] !== undefined;
  return names.every(isSet) ? names : names.filter(isSet);
}

/** Whether applying the patch would change nothing. */
export function patchHolds(ours: unknown, theirs: unknown, by: Comparison): boolean {
  if (!isFields(ours)) return sameValue(ours, theirs, by.type);
  if (!isFields(theirs)) return false;
  return patchedNames(ours).every(name =>
    patchHolds(ours[name], valueAt(theirs, name, by.missingMeansNull), by),
  );
}

/**
 * Whether somebody changed a value the patch touches to one that is neither the baseline's nor ours. Within objects
 * this is asked leaf by leaf; where one of the three is not an object, of the whole value. A property that is absent
 * on both sides did not change.
 */
export function patchCollides(
  base: unknown,
  ours: unknown,
  theirs: unknown,
  by: Comparison,
): boolean {
  if (patchHolds(ours, theirs, by)) return false;
  if (!isFields(base) || !isFields(ours) || !isFields(theirs)) {
    return !(base === undefined && theirs === undefined) && !sameValue(base, theirs, by.type);
  }
  return patchedNames(ours).some(name =>
    patchCollides(
      valueAt(base, name, by.missingMeansNull),
      ours[name],
      valueAt(theirs, name, by.missingMeansNull),
      by,
    ),
  );
}
