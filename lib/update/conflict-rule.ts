import { shown } from '../lifecycle/wording';
import { type FieldConflict, mergeColliding } from '../record/reconcile';
import { isFields, type Fields } from '../record/fields';
import { failed, proven, type Ending } from './ending';
import { targetsOf, type Collision, type Known, type Task } from './known';
import { isJson, type ConflictView, type Decision } from './request';

/** What a conflict rule made of a conflict; without an ending the write goes on, on the version just read. */
export interface Ruled {
  readonly known: Known;
  readonly end?: Ending;
}

/** What a decision function is asked. */
export function viewOf({ request }: Task, known: Known, collision: Collision): ConflictView {
  const { fields, base, current } = collision;
  const { key } = request.ref;
  return { key, fields, base: base.values, ours: known.toSend, theirs: current.values };
}

/** Applies what the conflict rule says to colliding target fields. */
export function applyDecision(
  task: Task,
  known: Known,
  collision: Collision,
  decision: Decision,
): Ruled {
  const { fields } = collision;
  if (decision === 'report') return { known, end: proven('conflict', { conflict: { fields } }) };
  if (decision === 'overwrite') return goOn(task, known, collision, known.toSend);
  if (task.request.action !== undefined) return applyToAction(task, known, collision, decision);
  if (decision === 'merge') return merged(task, known, collision);
  const rest = without(known.toSend, fields);
  return goOn(task, known, collision, decision === 'theirs' ? rest : { ...rest, ...decision });
}

/** The same for what a decision function answered. A broken decision decides nothing: the conflict is reported. */
export function applyAnswer(
  task: Task,
  known: Known,
  collision: Collision,
  answer: { readonly decision: unknown } | { readonly failure: string },
): Ruled {
  if ('failure' in answer) return { known, end: unusable(collision, answer.failure) };
  const { decision } = answer;
  if (!isDecision(decision, known.toSend)) {
    return { known, end: unusable(collision, 'it gave no usable answer') };
  }
  const why = againstGuard(task, decision);
  if (why !== undefined) return { known, end: unusable(collision, why) };
  return applyDecision(task, known, collision, decision);
}

/** An action is called as a whole or not at all: what it writes cannot be taken apart. */
function applyToAction(
  task: Task,
  known: Known,
  collision: Collision,
  decision: Exclude<Decision, 'report' | 'overwrite'>,
): Ruled {
  if (decision === 'theirs') return goOn(task, known, collision, {});
  const error = {
    code: 'ACTION_INDIVISIBLE',
    message:
      'Somebody changed what the action is to bring about, and an action cannot be called in part. Choose report, keep theirs or overwrite as conflict rule, or write the fields instead of calling an action.',
  };
  return { known, end: conflictWith(collision, error) };
}

function unusable(collision: Collision, why: string): Ending {
  return conflictWith(collision, {
    code: 'DECISION_UNUSABLE',
    message: `The decision expression failed: ${why}. It must answer "report", "theirs", "overwrite", "merge" or an object with values for the fields of the changes.`,
  });
}

function conflictWith({ fields }: Collision, error: NonNullable<Ending['error']>): Ending {
  return failed('conflict', error, { verified: true, conflict: { fields } });
}

const DECISIONS: readonly unknown[] = ['report', 'theirs', 'overwrite', 'merge'];

/** Other fields than those of the changes were never compared, so nothing could be said about a write to them. */
function isDecision(value: unknown, toSend: Fields): value is Decision {
  if (!isFields(value)) return DECISIONS.includes(value);
  return isJson(value) && Object.keys(value).every(name => Object.hasOwn(toSend, name));
}

/** A decision may leave the guarded status as it is to be, and no more. */
function againstGuard({ guard }: Task, decision: Decision): string | undefined {
  if (guard === undefined || typeof decision === 'string') return undefined;
  const { field, to } = guard;
  if (!Object.hasOwn(decision, field) || decision[field] === to) return undefined;
  return `it sets ${field} to ${shown(decision[field])}, and the transition guard of this message allows ${shown(to)} only`;
}

/** Writes these values on, and takes what was decided on for the baseline of its fields. */
function goOn(task: Task, known: Known, { fields, current }: Collision, toSend: Fields): Ruled {
  const given = fields.map(({ name }) => name).filter(name => !Object.hasOwn(toSend, name));
  const ruled = { ...known, kept: [...known.kept, ...given] };
  if (isGivenUp(task, toSend)) {
    return {
      known: ruled,
      end: proven('conflict', { conflict: { fields, resolution: 'theirs' } }),
    };
  }
  const { base } = known;
  const names = fields.map(({ name }) => task.family.readName(name));
  const seen = Object.fromEntries(names.map(name => [name, current.values[name]]));
  return {
    known: {
      ...ruled,
      toSend,
      targets: targetsOf(toSend, task.family),
      base: base && { ...base, values: { ...base.values, ...seen } },
    },
  };
}

/** Without its new status a guarded update has no sense of its own. */
function isGivenUp({ guard }: Task, toSend: Fields): boolean {
  if (Object.keys(toSend).length === 0) return true;
  return guard !== undefined && !Object.hasOwn(toSend, guard.field);
}

function without(changes: Fields, fields: readonly FieldConflict[]): Fields {
  const names = new Set(fields.map(({ name }) => name));
  return Object.fromEntries(Object.entries(changes).filter(([name]) => !names.has(name)));
}

/** Property by property: what both sides changed stays theirs, the rest is still ours to write. */
function merged(task: Task, known: Known, collision: Collision): Ruled {
  const changes: Record<string, unknown> = { ...known.toSend };
  const kept = [...known.kept];
  const { missingMeansNull } = task.family;
  for (const { name, base, ours, theirs } of collision.fields) {
    const left = mergeColliding(base, ours, theirs, task.typeOf(name), missingMeansNull);
    if (left.ours === undefined) Reflect.deleteProperty(changes, name);
    else changes[name] = left.ours;
    if (left.kept) kept.push(name);
  }
  return goOn(task, { ...known, kept }, collision, changes);
}
