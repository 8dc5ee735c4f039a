import type { Answer } from './answer';
import type { BodyKind } from './body-kind';
import type { ResponseClass } from './response-class';

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
  /** A version conflict and nothing else: the API says so of no other refusal. A 412 needs no such word. */
  readonly sure?: boolean;
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
  /** Matches what the answer shows, as the endpoint describes it. */
  readonly shows?: (answer: Answer) => boolean;
}

/** The API's own words for an error. */
export interface ApiError {
  readonly code?: string;
  readonly message?: string;
  /** Of a body that names no reason: for people, never for a decision. */
  readonly excerpt?: string;
}
