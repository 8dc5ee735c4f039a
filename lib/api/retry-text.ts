import { literalText } from '../outcome/words';
import type { Row } from '../outcome/row';
import type { ApiFamily } from './family';

/** Statuses with which an API refuses a write for a reason of its own. After a 5xx a write is tried again anyway. */
const STATUSES: readonly number[] = [400, 403, 409, 422];

/**
 * The family with a text of the API that means "try again", whatever else its answer means: a lock or a job that
 * passes, in the API's own words. The write was refused, so the same one may follow. An empty text changes nothing.
 */
export function withRetryText(family: ApiFamily, retryText: string): ApiFamily {
  if (retryText === '') return family;
  const row: Row = {
    row: 59,
    status: STATUSES,
    method: ['PATCH', 'PUT', 'MERGE', 'POST'],
    words: literalText(retryText),
    class: 'transient',
    code: 'TRY_AGAIN',
    fix: 'The endpoint takes this text as a reason to try again (Text that means try again), and it did not pass in time. Allow more retries or a longer deadline.',
  };
  return { ...family, rows: [row, ...family.rows] };
}
