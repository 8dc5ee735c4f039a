import { sameValue } from './compare';
import type { FieldType } from './canonical';
import { isFields, type Fields } from './fields';

// Assigning these could reach a prototype in code further on.
const NEVER_ASSIGNED = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The target with the patch applied, as RFC 7396 does it, with one difference: null is a value and sets null, which
 * is what a partial update at an OData or REST API means. Arrays are replaced whole. Neither argument is changed,
 * and nothing that could be changed later is shared with the patch.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return Array.isArray(patch) ? structuredClone(patch) : patch;
  const merged = isFields(target) ? assignable(target) : {};
  for (const [name, value] of Object.entries(assignable(patch))) {
    merged[name] = mergePatch(valueAt(merged, name, false), value);
  }
  return merged;
}

function assignable(fields: Fields): Record<string, unknown> {
  const names = patchedNames(fields).filter(name => !NEVER_ASSIGNED.has(name));
  return Object.fromEntries(names.map(name => [name, fields[name]]));
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
  return Object.keys(patch).filter(name => patch[name] !== undefined);
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
