import { once } from 'node:events';
import type { Response } from 'express';

import type { DeadLetter, ReviewField } from '../../lib/review/dead-letter';
import type { ReviewDesk, ReviewFilter } from '../../lib/review/desk';
import { BYTE_ORDER_MARK, csvLine } from './csv';
import { jsonText } from './faces';
import { keyText } from './key-text';

/** Records that are read from the list at once. */
const PAGE = 200;

const COLUMNS = [
  'record',
  'record type',
  'address',
  'endpoint',
  'ended as',
  'code',
  'error',
  'field',
  'it was',
  'the flow wanted',
  'it is now',
  'seen at',
  'in conflict',
  'failures',
  'writes',
  'first failed',
  'last changed',
  'state',
  'settled by',
  'settled with',
  'reason',
];

/** Sends all entries that the filter holds for, one line for each field: for whoever reconciles by hand. */
export async function sendCsv(
  desk: ReviewDesk,
  filter: ReviewFilter,
  response: Response,
): Promise<void> {
  // Before the head of the answer: what is wrong with the filter or the store is still said.
  let page = await desk.list({ ...filter, skip: 0, most: PAGE });
  response.set('content-type', 'text/csv; charset=utf-8');
  response.set('content-disposition', 'attachment; filename="conflicts.csv"');
  response.write(BYTE_ORDER_MARK + csvLine(COLUMNS));
  for (let skip = 0; page.records.length > 0;) {
    for (const { id } of page.records.flatMap(({ heads }) => heads)) {
      const stored = await desk.get(id);
      if (stored !== undefined) await write(response, linesOf(stored.entry));
    }
    skip += page.records.length;
    if (skip >= page.totalRecords || response.destroyed) break;
    page = await desk.list({ ...filter, skip, most: PAGE });
  }
  response.end();
}

async function write(response: Response, text: string): Promise<void> {
  if (!response.write(text) && !response.destroyed) {
    await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
}

/** One line for each field, or one for the entry where no field is known. */
function linesOf(entry: DeadLetter): string {
  const head = headCells(entry);
  const tail = tailCells(entry);
  const fields: readonly (ReviewField | undefined)[] =
    entry.fields.length > 0 ? entry.fields : [undefined];
  return fields.map(field => csvLine([...head, ...fieldCells(entry, field), ...tail])).join('');
}

function headCells({ record, endpoint, outcome, error }: DeadLetter): string[] {
  return [
    keyText(record.key),
    record.type,
    record.url ?? '',
    endpoint?.name ?? '',
    outcome,
    error?.code ?? '',
    error?.message ?? '',
  ];
}

function fieldCells({ seenAt }: DeadLetter, field: ReviewField | undefined): string[] {
  if (field === undefined) return ['', '', '', '', '', ''];
  const { name, base, ours, theirs, conflicting } = field;
  return [name, cell(base), cell(ours), cell(theirs), seenAt ?? '', conflicting ? 'yes' : 'no'];
}

function tailCells({
  failures,
  attempts,
  createdAt,
  updatedAt,
  state,
  settled,
}: DeadLetter): string[] {
  return [
    String(failures),
    String(attempts),
    new Date(createdAt).toISOString(),
    new Date(updatedAt).toISOString(),
    state,
    settled?.by ?? '',
    settled?.action ?? '',
    settled?.reason ?? '',
  ];
}

/** Text as it is, anything else as JSON. */
function cell(value: unknown): string {
  return typeof value === 'string' ? value : (jsonText(value) ?? '');
}
