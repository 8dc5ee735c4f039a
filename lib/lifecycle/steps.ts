import type { Fields } from '../record/fields';
import type { Refusal, Circumstances, Refused, TransitionGuard } from './guard';
import { judge, missingFields } from './judge';
import { requiredFields, type State } from './machine';

/** One transition of several that lead to the wanted state one after the other. */
export interface TransitionStep {
  readonly guard: TransitionGuard;
  readonly changes: Fields;
}

/**
 * The transitions along a path. Steps on the way change the status and what their state requires, the last one makes
 * all the changes.
 */
export function stepsAlong(
  guard: TransitionGuard,
  path: readonly State[],
  changes: Fields,
): readonly TransitionStep[] {
  return path.map((to, index) => ({
    guard: stepGuard(guard, path[index - 1], to),
    changes: index === path.length - 1 ? changes : changesOnTheWay(guard, to, changes),
  }));
}

/** Why the first step may not be made now, or which fields a later one will lack; undefined: off they go. */
export function judgeSteps(
  steps: readonly TransitionStep[],
  { values, now }: Omit<Circumstances, 'changes'>,
  checksFields: boolean,
): Refused | undefined {
  const [first] = steps;
  if (first === undefined) return undefined;
  const refused = judge(first.guard, { values, changes: undefined, now });
  if (refused !== undefined && refused.refusal.reason !== 'busy') return refused;
  const missing = checksFields ? firstMissing(steps, { values, now }) : undefined;
  return missing ?? refused;
}

function firstMissing(
  steps: readonly TransitionStep[],
  circumstances: Omit<Circumstances, 'changes'>,
): Refused | undefined {
  for (const { guard, changes } of steps) {
    const missing = missingFields(guard, { ...circumstances, changes });
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** After the first step the record is in its state since now: an event from before would always come late. */
function stepGuard(guard: TransitionGuard, from: State | undefined, to: State): TransitionGuard {
  if (from === undefined) return { ...guard, to };
  const later: { -readonly [K in keyof TransitionGuard]: TransitionGuard[K] } = {
    ...guard,
    from,
    to,
  };
  delete later.eventAt;
  return later;
}

function changesOnTheWay(guard: TransitionGuard, to: State, changes: Fields): Fields {
  const names = requiredFields(guard.machine, to).filter(name => Object.hasOwn(changes, name));
  return Object.fromEntries([
    [guard.field, to],
    ...names.map(name => [name, changes[name]] as const),
  ]);
}

/** The refusal of a step, as one of the whole way. */
export function ofWholeWay({ refusal, ...refused }: Refused, to: Refusal['to']): Refused {
  return { ...refused, refusal: { ...refusal, to } };
}
