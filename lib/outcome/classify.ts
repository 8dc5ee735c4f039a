import type { Answer } from './answer';
import { hasBody } from './body-kind';
import type { ApiError, Row, Sent, Verdict } from './row';
import { REPEAT_ROWS, COMMON_ROWS } from './rows';

/** The meaning of an answer, as the row that decides has it. */
export function classify(
  answer: Answer,
  sent: Sent,
  error: ApiError,
  familyRows: readonly Row[],
): Verdict {
  return verdictOf(findRow(answer, sent, error, familyRows) ?? UNKNOWN_STATUS, sent);
}

/**
 * The first row that matches: those about repeated requests, then the family's, then the common ones.
 * Undefined for a status that no row takes.
 */
export function findRow(
  answer: Answer,
  sent: Sent,
  error: ApiError,
  familyRows: readonly Row[],
): Row | undefined {
  const rows = rowsOf(familyRows, answer.status);
  return rows.find(row => matchesSent(row, sent) && says(row, answer, error));
}

/** Every answer is looked up, and most rows are about another status. */
const rowsByStatus = new WeakMap<readonly Row[], Map<number, readonly Row[]>>();

/** A message may name any number as its status. */
const MOST_STATUSES = 500;

/** The rows about a status, in their order. */
function rowsOf(familyRows: readonly Row[], status: number): readonly Row[] {
  const byStatus = rowsByStatus.get(familyRows) ?? new Map<number, readonly Row[]>();
  const known = byStatus.get(status);
  if (known !== undefined) return known;
  const all = [...REPEAT_ROWS, ...familyRows, ...COMMON_ROWS];
  const rows = all.filter(row => isAbout(row, status));
  if (byStatus.size < MOST_STATUSES) byStatus.set(status, rows);
  rowsByStatus.set(familyRows, byStatus);
  return rows;
}

/** A status that HTTP does not define for a final answer proves nothing. */
const UNKNOWN_STATUS: Verdict = { class: 'unverified', ambiguous: true, code: 'STATUS_UNKNOWN' };

function matchesSent({ precondition, method, idempotencyKey }: Row, sent: Sent): boolean {
  if (idempotencyKey === true && sent.idempotencyKey !== true) return false;
  if (precondition !== undefined && precondition !== sent.precondition) return false;
  return method === undefined || method.includes(sent.method);
}

/** The conditions on header, body and the API's own words. */
function says(row: Row, answer: Answer, error: ApiError): boolean {
  const { apiCode, header, body, text, shows } = row;
  return (
    (apiCode === undefined || hasCode(apiCode, error.code)) &&
    (header === undefined || hasHeader(header, answer)) &&
    (body === undefined || hasBody(body, answer)) &&
    (text === undefined || text.test(error.message ?? answer.text)) &&
    (shows === undefined || shows(answer)) &&
    hasWords(row, answer, error)
  );
}

function hasWords({ words }: Row, answer: Answer, { code, message }: ApiError): boolean {
  if (words === undefined) return true;
  const said = [code, message].filter(part => part !== undefined);
  return words.test(said.length === 0 ? answer.text : said.join(' '));
}

function isAbout({ status, statusRange }: Row, actual: number): boolean {
  if (status !== undefined && !status.includes(actual)) return false;
  return statusRange === undefined || (actual >= statusRange[0] && actual <= statusRange[1]);
}

function hasCode(codes: readonly string[], actual: string | undefined): boolean {
  const wanted = actual?.toLowerCase();
  return codes.some(code => code.toLowerCase() === wanted);
}

function hasHeader([name, pattern]: readonly [string, RegExp], { headers }: Answer): boolean {
  const value = headers[name];
  return value !== undefined && pattern.test(value);
}

function verdictOf(row: Verdict, sent: Sent): Verdict {
  const verdict: { -readonly [K in keyof Verdict]: Verdict[K] } = { class: row.class };
  if (row.ambiguous === true && sent.method !== 'GET') verdict.ambiguous = true;
  if (row.sure === true) verdict.sure = true;
  if (row.code !== undefined) verdict.code = row.code;
  if (row.fix !== undefined) verdict.fix = row.fix;
  return verdict;
}
