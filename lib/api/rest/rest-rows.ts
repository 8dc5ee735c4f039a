import type { Answer } from '../../outcome/answer';
import type { Row, Sent } from '../../outcome/row';
import { DUPLICATE_ROW, FAILURE_ROW, LOCKED_ROWS } from '../../outcome/rows';
import { literalText } from '../../outcome/words';
import { sameValue } from '../../record/compare';
import { parseJson } from '../../record/json';
import { valueAtPath } from '../body-path';
import type { UpdateMethod } from '../family';
import type { ApiSettings } from '../settings';
import type { AnswerSettings, Meaning } from './exchange';

const UPDATES: readonly UpdateMethod[] = ['PATCH', 'PUT', 'MERGE'];
const WRITES: readonly Sent['method'][] = [...UPDATES, 'POST'];

/**
 * Rows of the generic family (docs/decision-table.md). Which refusals may hide a version conflict differs from API to
 * API. Of a status that is listed, a re-read tells what it is about; a 409 that is not listed is about the record's
 * state.
 *
 * A 2xx that reports a failure puts the write in doubt and nothing more, because a record may have a field `success`
 * or `error` itself: then the re-read shows the write in place, and the update ends well.
 */
export function restRows(settings: ApiSettings): readonly Row[] {
  const { conflictStatuses, conflictText, createdIsUpdate } = settings;
  const undetermined = conflictStatuses.filter(status => status !== 409 && status !== 412);
  return [
    ...describedRows(settings.exchange.answers),
    FAILURE_ROW,
    ...(createdIsUpdate ? CREATED_ROWS : []),
    ...(conflictText === '' ? [] : [textRow(conflictText)]),
    ...(undetermined.length === 0 ? [] : [...LOCKED_ROWS, undeterminedRow(undetermined)]),
    ...(conflictStatuses.includes(409) ? [] : [...LOCKED_ROWS, DUPLICATE_ROW, STATE_ROW]),
  ];
}

/** What a 201 means where it answers updates. A web page is left to the common rows. */
const CREATED_ROWS: readonly Row[] = [
  { row: 1, status: [201], method: UPDATES, body: 'json', class: 'success' },
  { row: 1, status: [201], method: UPDATES, body: 'empty', class: 'success' },
  {
    row: 3,
    status: [201],
    method: UPDATES,
    body: 'unreadable',
    class: 'unverified',
    ambiguous: true,
    code: 'BODY_UNREADABLE',
    fix: 'The body of the answer is not complete JSON. Check that nothing between Node-RED and the API cuts or rewrites answers.',
  },
];

const STATE_ROW: Row = { row: 27, status: [409], method: WRITES, class: 'state-conflict' };

/** Statuses that may be about the record. The others are about access, time or a gateway, whatever their text. */
const TEXT_STATUSES: readonly number[] = [400, 409, 412, 422, 500];

function textRow(conflictText: string): Row {
  return {
    row: 26,
    status: TEXT_STATUSES,
    method: WRITES,
    words: literalText(conflictText),
    class: 'version-conflict',
  };
}

function undeterminedRow(status: readonly number[]): Row {
  return { row: 39, status, method: WRITES, class: 'undetermined' };
}

/** What the description says of answers, before anything else is made of them. */
function describedRows(answers: AnswerSettings): readonly Row[] {
  const { throttled, again, state } = answers;
  return [
    ...refusedRow(answers),
    ...meaningRows(throttled, { row: 47, class: 'throttled' }),
    ...meaningRows(again, { row: 59, class: 'transient', code: 'TRY_AGAIN', fix: AGAIN_FIX }),
    ...meaningRows(state, { row: 27, method: WRITES, class: 'state-conflict' }),
  ];
}

const AGAIN_FIX =
  'The endpoint takes this answer as a reason to try again, and it did not pass in time. Allow more retries or a longer deadline.';

/** With a text and no status: those with which an API refuses for a reason of its own. */
const REFUSALS: readonly number[] = [400, 403, 409, 422];

function meaningRows({ statuses, text }: Meaning, row: Row): readonly Row[] {
  if (statuses.length === 0 && text === '') return [];
  const status = statuses.length === 0 ? REFUSALS : statuses;
  const words = text === '' ? {} : { words: literalText(text) };
  // What failed on the way may have been carried out nevertheless.
  const failed = status.filter(one => one >= 500);
  const isTriedAgain = row.class === 'transient' || row.class === 'throttled';
  if (!isTriedAgain || failed.length === 0) return [{ ...row, ...words, status }];
  const refused = status.filter(one => one < 500);
  return [
    { ...row, ...words, status: failed, ambiguous: true },
    ...(refused.length === 0 ? [] : [{ ...row, ...words, status: refused }]),
  ];
}

/** A success that says itself that nothing was written: the version was outdated. */
function refusedRow({ refusedPath, refusedValue }: AnswerSettings): readonly Row[] {
  if (refusedValue === '') return [];
  const refused = parseJson(refusedValue);
  const shows = ({ json }: Answer): boolean => sameValue(valueAtPath(json, refusedPath), refused);
  return [
    {
      row: 26,
      statusRange: [200, 299],
      method: WRITES,
      shows,
      class: 'version-conflict',
      sure: true,
    },
  ];
}
