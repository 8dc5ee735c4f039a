import type { FieldConflict } from '../outcome/outcome';
import { sameValue } from '../record/compare';
import type { Fields } from '../record/fields';
import { valueAt } from '../record/merge';
import type { Snapshot } from '../record/snapshot';
import type { Run } from './run';

/** Target and guard fields whose value in the record differs from the baseline's. */
export function diffOf(run: Run, current: Snapshot): FieldConflict[] {
  const base = run.base?.values ?? current.values;
  return [...targetsOf(run, base, current.values), ...guardsOf(run, base, current.values)].filter(
    ({ name, base: before, theirs }) => !isSame(before, theirs, run, name),
  );
}

function targetsOf(run: Run, base: Fields, theirs: Fields): FieldConflict[] {
  return run.targets().map(({ name, readName, ours }) => ({
    name,
    base: shown(run, base, readName),
    ours,
    theirs: shown(run, theirs, readName),
  }));
}

/** We want a guard to stay as it was. */
function guardsOf(run: Run, base: Fields, theirs: Fields): FieldConflict[] {
  return run.request.guards.map(name => {
    const before = shown(run, base, name);
    return { name, base: before, ours: before, theirs: shown(run, theirs, name) };
  });
}

function shown(run: Run, values: Fields, name: string): unknown {
  return valueAt(values, name, run.context.family.missingMeansNull);
}

function isSame(before: unknown, now: unknown, run: Run, name: string): boolean {
  return (before === undefined && now === undefined) || sameValue(before, now, run.typeOf(name));
}
