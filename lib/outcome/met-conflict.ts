import { isFields } from '../record/fields';
import type { UpdateResult } from './outcome';

/** Whether somebody else had written in between, also where that was only noise. @param result of a message, or none */
export function metConflict(result: Partial<UpdateResult> | undefined): boolean {
  const attempts: unknown = result?.attempts;
  return result?.outcome === 'conflict' || (Array.isArray(attempts) && attempts.some(isConflict));
}

/** Whether an attempt met one. A refusal that may have another reason is a conflict where the version had moved. */
export function isConflict(attempt: unknown): boolean {
  if (!isFields(attempt)) return false;
  const { class: found, versionSent, versionSeen } = attempt;
  if (found === 'version-conflict') return true;
  const isOpen = found === 'undetermined' || found === 'state-conflict';
  return isOpen && versionSeen !== undefined && versionSeen !== versionSent;
}
