import type { Answer } from './answer';
import type { ResponseClass } from './response-class';

/** What the request carried, as far as the meaning of its answer depends on it. */
export interface Sent {
  readonly method: 'GET' | 'PATCH' | 'PUT' | 'POST' | 'MERGE';
  /** `version`: If-Match with a version or a version in the body; `any`: `If-Match: *`. */
  readonly precondition: 'version' | 'any' | 'none';
}

/** The meaning of one answer. */
export interface Verdict {
  readonly class: ResponseClass;
  /** The write may have been applied although the answer does not say so. */
  readonly ambiguous?: boolean;
  /** Our stable error code, upper snake case. */
  readonly code?: string;
  /** A sentence that says what to do, where there is something to do. */
  readonly fix?: string;
}

/** One row of the decision table: every condition that is given must hold; the first row that matches wins. */
export interface Row extends Verdict {
  /** Row number of PROTOCOL.md section 11. */
  readonly row: number;
  /** One status, several, or an inclusive range `[from, to]` in `statusRange`. */
  readonly status?: readonly number[];
  readonly statusRange?: readonly [number, number];
  readonly precondition?: Sent['precondition'];
  readonly method?: readonly Sent['method'][];
  /** Matches one of the API's own error codes, case-insensitively. */
  readonly apiCode?: readonly string[];
  /** Matches the API's message or the raw body. */
  readonly text?: RegExp;
  /** Header name in lower case and what its value must match. */
  readonly header?: readonly [string, RegExp];
}

/** The API's own words for an error. */
export interface ApiError {
  readonly code?: string;
  readonly message?: string;
}

export declare function classify(
  answer: Answer,
  sent: Sent,
  error: ApiError,
  rows: readonly Row[],
): Verdict;
