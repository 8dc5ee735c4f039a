import type { ApiFamily, WritePlan } from '../api/family';
import type { Answer } from '../outcome/answer';
import { isFields, type Fields } from '../record/fields';
import { mergePatch } from '../record/merge';
import type { Snapshot } from '../record/snapshot';
import { failed, proven, type Ending } from './ending';
import { modifiedAt } from './read-record';
import type { Run } from './run';
import { ignoresStamp } from './stamp';

/** The answer proves the new state, or nothing is known of it and the next update has to read. */
export function afterSuccess(run: Run, answer: Answer, plan: WritePlan, before: Snapshot): Ending {
  const answered = representation(answer, plan, run.context.family);
  run.current =
    plan.action === undefined
      ? snapshotOf(run, answer, { ...withChanges(run, before.values, plan.changes), ...answered })
      : afterAction(run, answer, answered);
  if (run.current !== undefined) run.log.sawVersion(run.current.version);
  run.open.close();
  return answered === undefined ? proven('updated') : asStored(run, answered, before.values);
}

/** An action may do more than it was called for, and the headers of its answer may be about something else. */
function afterAction(run: Run, answer: Answer, answered: Fields | undefined): Snapshot | undefined {
  return answered && snapshotOf(run, { ...answer, headers: {} }, answered);
}

function snapshotOf(run: Run, answer: Answer, values: Fields): Snapshot | undefined {
  const { family, time } = run.context;
  const version = family.versionOf(answer);
  if (version === undefined) return undefined;
  const { key, url } = run.request.ref;
  const readAt = new Date(time.now()).toISOString();
  return { key, url, version, ...modifiedAt(answer, family), values, readAt };
}

/** The record in the answer; undefined when the body is something else, for example `{"ok": true}`. */
function representation(answer: Answer, plan: WritePlan, family: ApiFamily): Fields | undefined {
  const values = family.valuesOf(answer);
  const names = Object.keys(plan.changes).map(name => family.readName(name));
  const isRecord = values !== undefined && names.every(name => Object.hasOwn(values, name));
  return isRecord ? values : undefined;
}

/** The write was conditional, so the rest of the record is as it was read. */
function withChanges({ context: { family } }: Run, before: Fields, changes: Fields): Fields {
  const asRead = Object.entries(changes).map(([name, value]) => [family.readName(name), value]);
  const merged = mergePatch(before, Object.fromEntries(asRead));
  return isFields(merged) ? merged : before;
}

/** A 2xx does not prove that our values were stored: read-only fields may be ignored, numbers rounded. */
function asStored(run: Run, answered: Fields, before: Fields): Ending {
  const { family } = run.context;
  const { stamp } = run.request;
  const shown = (name: string): boolean => Object.hasOwn(answered, family.readName(name));
  const other = run.missing(answered).filter(shown);
  if (stamp !== undefined && ignoresStamp(run, answered, before)) other.push(stamp);
  if (other.length === 0) return proven('updated');
  return failed('updated', {
    code: 'STORED_DIFFERENTLY',
    message: `The API accepted the write but answered another value for ${other.join(', ')}. The field may be read-only or rounded: check it, or declare its type under "Compare as".`,
  });
}
