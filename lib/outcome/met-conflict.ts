import { isFields } from '../record/fields';
import type { UpdateResult } from './outcome';
import type { ResponseClass } from './response-class';

const CONFLICTS: readonly ResponseClass[] = ['version-conflict', 'undetermined', 'state-conflict'];

/** Whether somebody else had written in between, also where that was only noise. @param result of a message, or none */
export function metConflict(result: Partial<UpdateResult> | undefined): boolean {
  const attempts: unknown = result?.attempts;
  const isConflict = (attempt: unknown): boolean =>
    isFields(attempt) && CONFLICTS.some(one => one === attempt.class);
  return result?.outcome === 'conflict' || (Array.isArray(attempts) && attempts.some(isConflict));
}
