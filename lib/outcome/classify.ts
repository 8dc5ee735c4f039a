import type { Answer } from './answer';
import { COMMON_ROWS } from './rows';
import type { ResponseClass } from './response-class';

/** What the request carried, as far as the meaning of its answer depends on it. */
export interface Sent {
  readonly method: 'GET' | 'PATCH' | 'PUT' | 'POST' | 'MERGE';
  /**
   * `version`: If-Match with a version or a version in the body; `any`: `If-Match: *`;
   * `unknown`: somebody else sent the request.
   */
  readonly precondition: 'version' | 'any' | 'none' | 'unknown';
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

/**
 * What a body looks like, whatever it means: nothing but blanks, JSON, a page for people, or
 * anything else (another type, or JSON that does not parse).
 */
export type BodyKind = 'empty' | 'json' | 'html' | 'unreadable';

/** One row of the decision table: every condition that is given must hold; the first row that matches wins. */
export interface Row extends Verdict {
  /** Row number in docs/decision-table.md. */
  readonly row: number;
  /** One status or several. */
  readonly status?: readonly number[];
  /** First and last status of a range. */
  readonly statusRange?: readonly [number, number];
  readonly precondition?: Sent['precondition'];
  readonly method?: readonly Sent['method'][];
  readonly body?: BodyKind;
  /** Matches one of the API's own error codes, case-insensitively. */
  readonly apiCode?: readonly string[];
  /** Matches the API's message; the raw body when it gave none. */
  readonly text?: RegExp;
  /** Header name in lower case and what its value must match. */
  readonly header?: readonly [string, RegExp];
}

/** The API's own words for an error. */
export interface ApiError {
  readonly code?: string;
  readonly message?: string;
}

/** The meaning of an answer: the first of the family's rows that matches, else the first common one. */
export function classify(
  answer: Answer,
  sent: Sent,
  error: ApiError,
  familyRows: readonly Row[],
): Verdict {
  const isMatch = (row: Row): boolean => matches(row, answer, sent, error);
  return verdictOf(familyRows.find(isMatch) ?? COMMON_ROWS.find(isMatch) ?? UNKNOWN_STATUS, sent);
}

/** A status that HTTP does not define for a final answer proves nothing. */
const UNKNOWN_STATUS: Verdict = { class: 'unverified', ambiguous: true, code: 'STATUS_UNKNOWN' };

function matches(row: Row, answer: Answer, sent: Sent, error: ApiError): boolean {
  return matchesStatus(row, answer.status) && matchesSent(row, sent) && says(row, answer, error);
}

function matchesSent({ precondition, method }: Row, sent: Sent): boolean {
  if (precondition !== undefined && precondition !== sent.precondition) return false;
  return method === undefined || method.includes(sent.method);
}

/** The conditions on header, body and the API's own words. */
function says({ apiCode, header, body, text }: Row, answer: Answer, error: ApiError): boolean {
  return (
    (apiCode === undefined || hasCode(apiCode, error.code)) &&
    (header === undefined || hasHeader(header, answer)) &&
    (body === undefined || body === bodyKind(answer)) &&
    (text === undefined || text.test(error.message ?? answer.text))
  );
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

function bodyKind({ text, json, headers }: Answer): BodyKind {
  if (text.trim() === '') return 'empty';
  if (HTML_TYPE.test(headers['content-type'] ?? '')) return 'html';
  if (json !== undefined) return 'json';
  return HTML_START.test(text) ? 'html' : 'unreadable';
}

const HTML_TYPE = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i;
const HTML_START = /^\s*<(?:!doctype\s+html|html)\b/i;

function verdictOf(row: Verdict, sent: Sent): Verdict {
  return {
    class: row.class,
    ...(row.ambiguous === true && sent.method !== 'GET' ? { ambiguous: true } : {}),
    ...(row.code === undefined ? {} : { code: row.code }),
    ...(row.fix === undefined ? {} : { fix: row.fix }),
  };
}
