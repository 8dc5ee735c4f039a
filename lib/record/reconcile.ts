import { sameValue } from './compare';
import type { FieldType } from './canonical';
import { isFields, type Fields } from './fields';
import { patchCollides, patchedNames, patchHolds, valueAt, type Comparison } from './merge';

/** A field somebody else changed to a value that is neither the baseline's nor ours. */
export interface FieldConflict {
  readonly name: string;
  readonly base: unknown;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** One top-level field of the changes. `ours` is a merge patch of the field's value. */
export interface Target {
  readonly name: string;
  /** The name under which the field is read back. */
  readonly readName: string;
  readonly ours: unknown;
}

/** The type of a field under the name it is written with; a guard's under the name it is read with. */
export type TypeOf = (field: string) => FieldType | undefined;

export interface ReconcileInput {
  readonly targets: readonly Target[];
  /** Names of fields that the decision depended on. */
  readonly guards: readonly string[];
  /** What the decision was made on. */
  readonly base: Fields;
  /** What the record holds now. */
  readonly theirs: Fields;
  readonly typeOf: TypeOf;
  readonly missingMeansNull: boolean;
  /** Of `setAlike`, those whose change of ours is lost by that, as a count's is. */
  readonly lost: readonly Target[];
}

export type Reconciled =
  /** Every target is as desired. */
  | { readonly kind: 'applied' }
  /** No target and no guard moved: the write may go again. */
  | { readonly kind: 'noise' }
  /** Targets that are neither as before nor as desired, and guards that moved. */
  | {
      readonly kind: 'conflict';
      readonly fields: readonly FieldConflict[];
      readonly guards: readonly FieldConflict[];
    }
  /** Fields that one side does not show, so that nothing can be said. */
  | { readonly kind: 'unknown'; readonly fields: readonly FieldConflict[] };

/** Three-way comparison of what was read, what is wanted and what is there now (docs/safety.md, "Comparing"). */
export function reconcile(input: ReconcileInput): Reconciled {
  const open = openTargets(input);
  if (open.length === 0 && input.lost.length === 0) return { kind: 'applied' };
  const targets = open.map(target => targetView(target, input));
  const guards = input.guards.map(name => guardView(name, input));
  const unknown = [...targets, ...guards].filter(
    ({ base, theirs }) => base === undefined || theirs === undefined,
  );
  if (unknown.length > 0) return { kind: 'unknown', fields: unknown };
  const lost = input.lost.map(target => targetView(target, input));
  const collided = [...targets.filter(view => collides(view, input)), ...lost];
  const moved = guards.filter(({ name, base, theirs }) => {
    return !sameValue(base, theirs, input.typeOf(name));
  });
  if (collided.length === 0 && moved.length === 0) return { kind: 'noise' };
  return { kind: 'conflict', fields: collided, guards: moved };
}

/** Names of the targets that these values do not show as desired. */
export function differing(
  targets: readonly Target[],
  theirs: Fields,
  typeOf: TypeOf,
  missingMeansNull: boolean,
): string[] {
  return openTargets({ targets, theirs, typeOf, missingMeansNull }).map(({ name }) => name);
}

/** Whether these values show all targets as desired. */
export function holdsAll(input: TargetInput): boolean {
  return input.targets.every(target => isShown(target, input));
}

/** What a merge leaves of our value: `ours` undefined when nothing is left to send, `kept` when something was given up. */
export interface Merged {
  readonly ours: unknown;
  readonly kept: boolean;
}

/** Gives up what collides: within objects leaf by leaf, otherwise the whole value. */
export function mergeColliding(
  base: unknown,
  ours: unknown,
  theirs: unknown,
  type?: FieldType,
  missingMeansNull = false,
): Merged {
  const by: Comparison = { type, missingMeansNull };
  if (!patchCollides(base, ours, theirs, by)) return { ours, kept: false };
  if (!isFields(base) || !isFields(ours) || !isFields(theirs))
    return { ours: undefined, kept: true };
  const left = patchedNames(ours).map(name => {
    const before = valueAt(base, name, missingMeansNull);
    const now = valueAt(theirs, name, missingMeansNull);
    return [name, mergeColliding(before, ours[name], now, type, missingMeansNull).ours] as const;
  });
  const kept = left.filter(([, value]) => value !== undefined);
  return { ours: kept.length === 0 ? undefined : Object.fromEntries(kept), kept: true };
}

type TargetInput = Pick<ReconcileInput, 'targets' | 'theirs' | 'typeOf' | 'missingMeansNull'>;

function openTargets(input: TargetInput): Target[] {
  return input.targets.filter(target => !isShown(target, input));
}

function isShown({ name, readName, ours }: Target, input: Omit<TargetInput, 'targets'>): boolean {
  const { theirs, typeOf, missingMeansNull } = input;
  const value = valueAt(theirs, readName, missingMeansNull);
  return patchHolds(ours, value, { type: typeOf(name), missingMeansNull });
}

/**
 * Targets that the record shows as desired and the baseline does not: somebody has set them to the very value of ours.
 * Nothing can be said where the baseline lacks the field.
 */
export function setAlike({
  targets,
  base,
  theirs,
  typeOf,
  missingMeansNull,
}: Omit<ReconcileInput, 'lost' | 'guards'>): Target[] {
  return targets.filter(({ name, readName, ours }) => {
    const by: Comparison = { type: typeOf(name), missingMeansNull };
    const before = valueAt(base, readName, missingMeansNull);
    if (before === undefined || patchHolds(ours, before, by)) return false;
    return patchHolds(ours, valueAt(theirs, readName, missingMeansNull), by);
  });
}

function targetView({ name, readName, ours }: Target, input: ReconcileInput): FieldConflict {
  const base = valueAt(input.base, readName, input.missingMeansNull);
  return { name, base, ours, theirs: valueAt(input.theirs, readName, input.missingMeansNull) };
}

/** We want a guard to stay as it was. */
function guardView(name: string, input: ReconcileInput): FieldConflict {
  const base = valueAt(input.base, name, input.missingMeansNull);
  return {
    name,
    base,
    ours: base,
    theirs: valueAt(input.theirs, name, input.missingMeansNull),
  };
}

function collides({ name, base, ours, theirs }: FieldConflict, input: ReconcileInput): boolean {
  const { typeOf, missingMeansNull } = input;
  return patchCollides(base, ours, theirs, { type: typeOf(name), missingMeansNull });
}
