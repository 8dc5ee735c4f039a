import { shown } from '../lifecycle/wording';
import type { Conflict, FieldConflict } from '../outcome/outcome';
import { isFields, type Fields } from '../record/fields';
import { mergeColliding } from '../record/reconcile';
import type { Snapshot } from '../record/snapshot';
import { isJson } from './changes';
import { failed, proven, type Ending } from './ending';
import type { ConflictRule, Decision } from './request';
import type { Run } from './run';

/** A conflict with the snapshots it was seen between. */
export interface Collision {
  readonly fields: readonly FieldConflict[];
  readonly base: Snapshot;
  readonly current: Snapshot;
}

/** Applies the conflict rule to colliding target fields. Undefined: the write goes on, on the version just read. */
export async function applyRule(run: Run, collision: Collision): Promise<Ending | undefined> {
  const decision = await decide(run, collision);
  if (decision instanceof BadDecision) return decision.ending;
  if (run.request.action !== undefined) return applyToAction(run, collision, decision);
  switch (decision) {
    case 'report':
      return conflictEnding({ fields: collision.fields });
    case 'overwrite':
      return goOn(run, collision, run.toSend);
    case 'theirs':
      return goOn(run, collision, without(run.toSend, collision.fields));
    case 'merge':
      return goOn(run, collision, merged(run, collision));
    default:
      return goOn(run, collision, { ...without(run.toSend, collision.fields), ...decision });
  }
}

/** An action is called as a whole or not at all: what it writes cannot be taken apart. */
function applyToAction(run: Run, collision: Collision, decision: Decision): Ending | undefined {
  const { fields } = collision;
  switch (decision) {
    case 'report':
      return conflictEnding({ fields });
    case 'overwrite':
      return goOn(run, collision, run.toSend);
    case 'theirs':
      return goOn(run, collision, {});
    default: {
      const error = {
        code: 'ACTION_INDIVISIBLE',
        message:
          'Somebody changed what the action is to bring about, and an action cannot be called in part. Choose report, keep theirs or overwrite as conflict rule, or write the fields instead of calling an action.',
      };
      return failed('conflict', error, { verified: true, conflict: { fields } });
    }
  }
}

export function conflictEnding(conflict: Conflict): Ending {
  return proven('conflict', { conflict });
}

/** A broken decision decides nothing: the conflict is reported. */
class BadDecision {
  readonly ending: Ending;

  constructor({ fields }: Collision, why: string) {
    const error = {
      code: 'DECISION_UNUSABLE',
      message: `The decision expression failed: ${why}. It must answer "report", "theirs", "overwrite", "merge" or an object with values for the fields of the changes.`,
    };
    this.ending = failed('conflict', error, { verified: true, conflict: { fields } });
  }
}

async function decide(run: Run, collision: Collision): Promise<Decision | BadDecision> {
  const rule: ConflictRule = run.request.rule;
  if (typeof rule === 'string') return rule;
  const { fields, base, current } = collision;
  const { ref } = run.request;
  try {
    const decision: unknown = await rule({
      key: ref.key,
      fields,
      base: base.values,
      ours: run.toSend,
      theirs: current.values,
    });
    if (!isDecision(decision, run.toSend)) {
      return new BadDecision(collision, 'it gave no usable answer');
    }
    const why = againstGuard(run, decision);
    return why === undefined ? decision : new BadDecision(collision, why);
  } catch (error) {
    return new BadDecision(collision, error instanceof Error ? error.message : String(error));
  }
}

const DECISIONS: readonly unknown[] = ['report', 'theirs', 'overwrite', 'merge'];

/** Other fields than those of the changes were never compared, so nothing could be said about a write to them. */
function isDecision(value: unknown, toSend: Fields): value is Decision {
  if (!isFields(value)) return DECISIONS.includes(value);
  return isJson(value) && Object.keys(value).every(name => Object.hasOwn(toSend, name));
}

/** A decision may leave the guarded status as it is to be, and no more. */
function againstGuard({ guard }: Run, decision: Decision): string | undefined {
  if (guard === undefined || typeof decision === 'string') return undefined;
  const { field, to } = guard;
  if (!Object.hasOwn(decision, field) || decision[field] === to) return undefined;
  return `it sets ${field} to ${shown(decision[field])}, and the transition guard of this message allows ${shown(to)} only`;
}

function goOn(run: Run, { fields, current }: Collision, toSend: Fields): Ending | undefined {
  for (const { name } of fields) if (!Object.hasOwn(toSend, name)) run.kept.add(name);
  if (isGivenUp(run, toSend)) return conflictEnding({ fields, resolution: 'theirs' });
  run.toSend = toSend;
  run.rebase(fields, current);
  return undefined;
}

/** Without its new status a guarded update has no sense of its own. */
function isGivenUp({ guard }: Run, toSend: Fields): boolean {
  if (Object.keys(toSend).length === 0) return true;
  return guard !== undefined && !Object.hasOwn(toSend, guard.field);
}

function without(changes: Fields, fields: readonly FieldConflict[]): Fields {
  const names = new Set(fields.map(({ name }) => name));
  return Object.fromEntries(Object.entries(changes).filter(([name]) => !names.has(name)));
}

/** Property by property: what both sides changed stays theirs, the rest is still ours to write. */
function merged(run: Run, { fields }: Collision): Fields {
  const changes: Record<string, unknown> = { ...run.toSend };
  const { missingMeansNull } = run.context.family;
  for (const { name, base, ours, theirs } of fields) {
    const left = mergeColliding(base, ours, theirs, run.typeOf(name), missingMeansNull);
    if (left.ours === undefined) Reflect.deleteProperty(changes, name);
    else changes[name] = left.ours;
    if (left.kept) run.kept.add(name);
  }
  return changes;
}
