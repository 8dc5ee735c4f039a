// One line of the decision table as it is tested: an answer, what it means, and what an update makes of it.
import type { FamilyId } from '../../../../lib/api/family-ids';
import type { ApiSettings } from '../../../../lib/api/settings';
import type { Sent, Verdict } from '../../../../lib/outcome/row';
import type { ResponseClass } from '../../../../lib/outcome/response-class';
import type { Outcome } from '../../../../lib/outcome/outcome';
import type { Reply } from '../../../support/scripted-server';

/** How the request leaves: as an update does it, or as only others would (`bare`, `foreign`). */
export type SentAs = keyof typeof SENT;

export const SENT = {
  patch: { method: 'PATCH', precondition: 'version' },
  put: { method: 'PUT', precondition: 'version' },
  merge: { method: 'MERGE', precondition: 'version' },
  forced: { method: 'PATCH', precondition: 'any' },
  keyed: { method: 'PATCH', precondition: 'version', idempotencyKey: true },
  action: { method: 'POST', precondition: 'version' },
  read: { method: 'GET', precondition: 'none' },
  bare: { method: 'PATCH', precondition: 'none' },
  foreign: { method: 'POST', precondition: 'unknown' },
} satisfies Record<string, Sent>;

/** What happens to the record by the time of the answer. */
export type Fate = 'as before' | 'applied' | 'moved' | 'gone';

/** What follows the answer: the requests (`reads`: as long as there is time), the outcome, and the code of its error where it is another one. */
export type End = readonly [
  then: '' | 'read' | 'write' | 'read write' | 'read read' | 'read read write' | 'reads',
  outcome: Outcome,
  code?: string,
];
export type Ends = Readonly<Partial<Record<Fate, End>>>;

export interface TableCase {
  /** Undefined: no row takes it. */
  readonly row: number | undefined;
  readonly family: FamilyId;
  readonly settings: Partial<ApiSettings>;
  readonly what: string;
  readonly sent: SentAs;
  readonly answer: Reply;
  readonly means: Verdict;
  /** Empty: an update never sends such a request. */
  readonly ends: Ends;
}

/** Row, what is special, the answer, its meaning, and how an update ends; an outcome alone ends it at once. */
export type Line = readonly [
  row: number | undefined,
  what: string,
  answer: Reply,
  means: Verdict,
  ends: Ends | Outcome,
  sent?: SentAs,
];

export function linesOf(
  family: FamilyId,
  lines: readonly Line[],
  settings: Partial<ApiSettings> = {},
): TableCase[] {
  return lines.map(([row, what, answer, means, ends, sent = 'patch']) => ({
    row,
    family,
    settings,
    what: `${String(answer.status)} ${what}`.trim(),
    sent,
    answer,
    means,
    ends: typeof ends === 'string' ? { 'as before': ['', ends] } : ends,
  }));
}

/** About the version and nothing else, whatever the status. */
export function surely(responseClass: ResponseClass): Verdict {
  return { class: responseClass, sure: true };
}

/** Nothing is in doubt. */
export function is(responseClass: ResponseClass, code?: string): Verdict {
  return { class: responseClass, ...(code === undefined ? {} : { code }) };
}

/** The write may have been applied. */
export function maybe(responseClass: ResponseClass, code?: string): Verdict {
  return { ...is(responseClass, code), ambiguous: true };
}

/** An error in the shape of OData. */
export function says(message: string, code = ''): Reply['body'] {
  return { error: { code, message } };
}

export const RETRY_AFTER = { 'retry-after': '7' };
export const NEVER_SENT: Ends = {};

/** Not applied: the same write again, without a look. */
export const WAITS: Ends = { 'as before': ['write', 'updated'] };

export const DOUBT: Ends = {
  'as before': ['read write', 'updated'],
  applied: ['read', 'already-applied'],
  moved: ['read', 'uncertain', 'POSSIBLY_REVERTED'],
  gone: ['read', 'not-found', 'NOT_FOUND'],
};

/** The API itself said that the write had failed. */
export const REPORTED: Ends = { ...DOUBT, 'as before': ['read', 'rejected'] };

/** Only the re-read tells a refusal from an outdated version. */
export const UNDETERMINED: Ends = {
  'as before': ['read', 'invalid-state'],
  moved: ['read write', 'updated'],
  gone: ['read', 'not-found', 'NOT_FOUND'],
};

/** A 412: rows 33 and 34 are what the re-read makes of it. */
export const OUTDATED: Ends = {
  'as before': ['read read', 'unsupported', 'VERSION_NOT_PROGRESSING'],
  moved: ['read write', 'updated'],
  gone: ['read', 'not-found', 'NOT_FOUND'],
};

/** Refused for the state, whoever else has changed the record. */
export const STATE: Ends = {
  'as before': ['read', 'invalid-state'],
  moved: ['read', 'invalid-state'],
};
