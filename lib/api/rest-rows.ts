import { InputError } from '../errors';
import type { Row } from '../outcome/classify';
import { DUPLICATE_ROW } from '../outcome/rows';

/**
 * Which refusals may hide a version conflict differs from API to API. A status that is listed is
 * settled by a re-read; a 409 that is not listed is about the record's state.
 */
export function restRows(conflictStatuses: readonly number[]): readonly Row[] {
  conflictStatuses.forEach(checkStatus);
  const settled = conflictStatuses.filter(status => status !== 409 && status !== 412);
  const state: Row = { row: 27, status: [409], method: ['PATCH', 'PUT'], class: 'state-conflict' };
  return [
    { row: 39, status: settled, method: ['PATCH', 'PUT'], class: 'undetermined' },
    ...(conflictStatuses.includes(409) ? [] : [DUPLICATE_ROW, state]),
  ];
}

/** The meaning of these is fixed: they are about access, time or the server, not about the record. */
const FIXED = [401, 403, 404, 407, 408, 410, 429];

function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 400 && status <= 499 && !FIXED.includes(status)) return;
  throw new InputError(
    'CONFLICT_STATUSES_INVALID',
    `Conflict statuses cannot hold ${status}. List statuses such as 409, 412, 422 with which the API refuses an outdated version.`,
  );
}
