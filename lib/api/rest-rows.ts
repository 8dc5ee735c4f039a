import type { Row, Sent } from '../outcome/row';
import { DUPLICATE_ROW, FAILURE_ROW } from '../outcome/rows';
import type { UpdateMethod } from './family';
import type { ApiSettings } from './settings';

const UPDATES: readonly UpdateMethod[] = ['PATCH', 'PUT', 'MERGE'];
const WRITES: readonly Sent['method'][] = [...UPDATES, 'POST'];

type RowSettings = Pick<ApiSettings, 'conflictStatuses' | 'conflictText' | 'createdIsUpdate'>;

/**
 * Rows of the generic family (docs/decision-table.md). Which refusals may hide a version conflict differs from API to
 * API. A status that is listed is settled by a re-read; a 409 that is not listed is about the record's state.
 *
 * A 2xx that reports a failure puts the write in doubt and nothing more, because a record may have a field `success`
 * or `error` itself: then the re-read shows the write in place, and the update ends well.
 */
export function restRows(settings: RowSettings): readonly Row[] {
  const { conflictStatuses, conflictText, createdIsUpdate } = settings;
  const settled = conflictStatuses.filter(status => status !== 409 && status !== 412);
  return [
    FAILURE_ROW,
    ...(createdIsUpdate ? CREATED_ROWS : []),
    ...(conflictText === '' ? [] : [textRow(conflictText)]),
    ...(settled.length === 0 ? [] : [settledRow(settled)]),
    ...(conflictStatuses.includes(409) ? [] : [DUPLICATE_ROW, STATE_ROW]),
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
    words: new RegExp(literal(conflictText), 'i'),
    class: 'version-conflict',
  };
}

function settledRow(status: readonly number[]): Row {
  return { row: 39, status, method: WRITES, class: 'undetermined' };
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
