import type { Conflict } from '../outcome/outcome';
import { sameValue } from '../record/compare';
import type { FieldType } from '../record/canonical';
import { asShown } from '../record/exact';
import type { Fields } from '../record/fields';
import { patchHolds, valueAt } from '../record/merge';
import type { FieldConflict } from '../record/reconcile';
import type { ReviewField } from './dead-letter';

/** How the fields of an API compare. */
export interface FieldRules {
  readonly typeOf: (field: string) => FieldType | undefined;
  /** The name under which a field that is written is read back. */
  readonly readName: (field: string) => string;
  readonly missingMeansNull: boolean;
}

/** Where nobody knows the API: exactly, by the same names. */
export const PLAIN_RULES: FieldRules = {
  typeOf: () => undefined,
  readName: name => name,
  missingMeansNull: false,
};

export interface FieldsToReview {
  /** Of computed ones: as they were sent last. Undefined: not known. */
  readonly changes: Fields | undefined;
  /** What computed changes write, whether or not anything was sent; undefined: not known, or `changes` says it. */
  readonly computed?: readonly string[] | undefined;
  readonly conflict: Conflict | undefined;
  /** Values of the baseline; undefined: not known. */
  readonly base: Fields | undefined;
  /** Of the latest look at the record; undefined: not known. */
  readonly theirs: Fields | undefined;
}

/** A row per field: first those in conflict, then what else would be written. */
export function reviewFields(given: FieldsToReview, rules: FieldRules): ReviewField[] {
  const { changes = {}, computed = [], conflict } = given;
  const collided = (conflict?.fields ?? []).map(field => {
    const isGuard = given.changes !== undefined && !Object.hasOwn(changes, field.name);
    return viewOf(field, { conflicting: true, isGuard }, rules);
  });
  const names = new Set(collided.map(({ name }) => name));
  const written = [...new Set([...Object.keys(changes), ...computed])];
  const others = written.filter(name => !names.has(name) && !isAnnotation(name));
  const rest = others.map(name => {
    const field = { name, ...sides(name, given, rules), ours: asShown(changes[name]) };
    const isBoth = conflict === undefined && isChangedByBoth(field, rules);
    return viewOf(field, { conflicting: isBoth, isGuard: false }, rules);
  });
  return [...collided, ...rest];
}

/** The same fields with what the record shows now. */
export function withTheirs(
  fields: readonly ReviewField[],
  theirs: Fields,
  rules: FieldRules,
): ReviewField[] {
  return fields.map(field => {
    const now = theirsOf(field, theirs, rules);
    return viewOf({ ...field, theirs: now }, field, rules);
  });
}

/** Whether every wanted value is there. Of computed changes, nobody can say. */
export function isAllThere(
  changes: Fields | undefined,
  theirs: Fields,
  { typeOf, readName, missingMeansNull }: FieldRules,
): boolean {
  const names = Object.keys(changes ?? {}).filter(name => !isAnnotation(name));
  if (changes === undefined || names.length === 0) return false;
  return names.every(name => {
    const now = valueAt(theirs, readName(name), missingMeansNull);
    return patchHolds(asShown(changes[name]), now, { type: typeOf(name), missingMeansNull });
  });
}

/** Whether a field is now what the entry says that it is. */
export function isStillSame(field: ReviewField, theirs: Fields, rules: FieldRules): boolean {
  return isSame(field.theirs, theirsOf(field, theirs, rules), rules.typeOf(field.name));
}

/** Values of these fields in the record. */
export function shownIn(fields: readonly ReviewField[], theirs: Fields, rules: FieldRules): Fields {
  return Object.fromEntries(
    fields.map(field => [field.name, theirsOf(field, theirs, rules) ?? null]),
  );
}

function theirsOf({ name, isGuard }: ReviewField, theirs: Fields, rules: FieldRules): unknown {
  return valueAt(theirs, isGuard ? name : rules.readName(name), rules.missingMeansNull);
}

function sides(
  name: string,
  { base, theirs }: FieldsToReview,
  { readName, missingMeansNull }: FieldRules,
): Pick<FieldConflict, 'base' | 'theirs'> {
  const side = (values: Fields | undefined): unknown =>
    values === undefined ? undefined : valueAt(values, readName(name), missingMeansNull);
  return { base: side(base), theirs: side(theirs) };
}

function viewOf(
  { name, base, ours, theirs }: FieldConflict,
  { conflicting, isGuard }: Pick<ReviewField, 'conflicting' | 'isGuard'>,
  { typeOf, missingMeansNull }: FieldRules,
): ReviewField {
  const type = typeOf(name);
  const isKnown = base !== undefined && theirs !== undefined;
  return {
    name,
    base,
    ours: isGuard ? undefined : ours,
    theirs,
    changedByUs:
      !isGuard && ours !== undefined && !patchHolds(ours, base, { type, missingMeansNull }),
    changedByThem: isKnown ? !isSame(base, theirs, type) : undefined,
    conflicting,
    isGuard,
  };
}

function isChangedByBoth(
  { name, base, ours, theirs }: FieldConflict,
  { typeOf, missingMeansNull }: FieldRules,
): boolean {
  if (base === undefined || theirs === undefined) return false;
  const type = typeOf(name);
  return !isSame(base, theirs, type) && !patchHolds(ours, theirs, { type, missingMeansNull });
}

function isSame(one: unknown, other: unknown, type: FieldType | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return sameValue(one, other, type);
}

/** Says of what type a field is, and is none itself. */
function isAnnotation(name: string): boolean {
  return name.includes('@');
}
