import type { Answer } from './answer';
import { hasBody, type BodyKind } from './body-kind';
import { REPEAT_ROWS } from './repeat-rows';
import type { ResponseClass } from './response-class';
import { COMMON_ROWS } from './rows';

/** What the request carried, as far as the meaning of its answer depends on it. */
export interface Sent {
  readonly method: 'GET' | 'PATCH' | 'PUT' | 'POST' | 'MERGE';
  /**
   * `version`: If-Match with a version or a version in the body; `any`: `If-Match: *`;
   * `unknown`: somebody else sent the request.
   */
  readonly precondition: 'version' | 'any' | 'none' | 'unknown';
  /** An Idempotency-Key went along. */
  readonly idempotencyKey?: boolean;
}

/** The meaning of one answer. */
export interface Verdict {
  readonly class: ResponseClass;
  /** The write may have been applied although the answer does not say so. Never set for a read. */
  readonly ambiguous?: boolean;
  /** Our stable error code, upper snake case; absent where the class says it all. */
  readonly code?: string;
  /** A sentence that says what to do, where there is something to do. */
  readonly fix?: string;
}

/** One row of the decision table: every condition that is given must hold; the first row that matches wins. */
export interface Row extends Verdict {
  /** Row number in docs/decision-table.md. */
  readonly row: number;
  /** One status or several. */
  readonly status?: readonly number[];
  /** First and last status of a range. */
  readonly statusRange?: readonly [number, number];
  readonly precondition?: Sent['precondition'];
  /** Only when an Idempotency-Key was sent. */
  readonly idempotencyKey?: true;
  readonly method?: readonly Sent['method'][];
  readonly body?: BodyKind;
  /** Matches one of the API's own error codes, case-insensitively. */
  readonly apiCode?: readonly string[];
  /** Matches the API's message; the raw body when it gave none. */
  readonly text?: RegExp;
  /** Matches the API's code or message; the raw body when it gave neither. */
  readonly words?: RegExp;
  /** Header name in lower case and what its value must match. */
  readonly header?: readonly [string, RegExp];
}

/** The API's own words for an error. */
export interface ApiError {
  readonly code?: string;
  readonly message?: string;
}

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
  const isMatch = (row: Row): boolean => matches(row, answer, sent, error);
  return REPEAT_ROWS.find(isMatch) ?? familyRows.find(isMatch) ?? COMMON_ROWS.find(isMatch);
}

/** A status that HTTP does not define for a final answer proves nothing. */
const UNKNOWN_STATUS: Verdict = { class: 'unverified', ambiguous: true, code: 'STATUS_UNKNOWN' };

function matches(row: Row, answer: Answer, sent: Sent, error: ApiError): boolean {
  return matchesStatus(row, answer.status) && matchesSent(row, sent) && says(row, answer, error);
}

function matchesSent({ precondition, method, idempotencyKey }: Row, sent: Sent): boolean {
  if (idempotencyKey === true && sent.idempotencyKey !== true) return false;
  if (precondition !== undefined && precondition !== sent.precondition) return false;
  return method === undefined || method.includes(sent.method);
}

/** The conditions on header, body and the API's own words. */
function says(row: Row, answer: Answer, error: ApiError): boolean {
  const { apiCode, header, body, text } = row;
  return (
    (apiCode === undefined || hasCode(apiCode, error.code)) &&
    (header === undefined || hasHeader(header, answer)) &&
    (body === undefined || hasBody(body, answer)) &&
    (text === undefined || text.test(error.message ?? answer.text)) &&
    hasWords(row, answer, error)
  );
}

function hasWords({ words }: Row, answer: Answer, { code, message }: ApiError): boolean {
  if (words === undefined) return true;
  const said = [code, message].filter(part => part !== undefined);
  return words.test(said.length === 0 ? answer.text : said.join(' '));
}

function matchesStatus({ status, statusRange }: Row, actual: number): boolean {
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
  if (row.code !== undefined) verdict.code = row.code;
  if (row.fix !== undefined) verdict.fix = row.fix;
  return verdict;
}
