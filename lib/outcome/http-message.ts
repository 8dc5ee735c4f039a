import { isBounded, isNestedTooDeep } from '../record/extent';
import { isFields, type Fields } from '../record/fields';
import { parseRetryAfter } from '../retry/retry-after';
import type { Answer } from './answer';
import { apiErrorOf } from './api-error';
import { classify } from './classify';
import type { Sent, Verdict } from './row';
import { describeVerdict, outcomeOfClass } from './ending';
import { outcomeOfFaultCode } from './fault-code';
import type { Outcome, UpdateResult } from './outcome';
import { FAILURE_ROW } from './rows';

/** What Node-RED's core http request node puts into a message, unchecked. */
export interface HttpMessage {
  /** The status as a number; a code such as `ECONNREFUSED` after a network fault. */
  readonly statusCode?: unknown;
  /** Header names in lower case. */
  readonly headers?: unknown;
  readonly payload?: unknown;
  /** Redirects that were followed. */
  readonly redirectList?: unknown;
}

/** Nothing was compared with the record, so nothing is ever verified. */
export type HttpOutcome = Pick<UpdateResult, 'outcome' | 'cause' | 'notBefore' | 'error'> & {
  readonly verified: false;
};

/** Whoever built the flow sent the request: a write as far as we know, with a precondition or without. */
const SENT: Sent = { method: 'POST', precondition: 'unknown' };

/** 409 and 412 are not worth a retry here: only a read and a comparison could tell noise from conflict. */
const NOT_COMPARED: Verdict = {
  class: 'undetermined',
  code: 'NOT_COMPARED',
  fix: 'The record was not read again, so a harmless change cannot be told from a real conflict. Use conditional-update for that.',
};

const REDIRECTED: Verdict = {
  class: 'unverified',
  code: 'REDIRECTED',
  fix: 'The request was redirected on its way, and a redirected write usually turns into a read. Use the final address.',
};

/**
 * How an update sent by the core http request node ended, by the decision table.
 * @param now wall clock, milliseconds since the epoch
 * @returns undefined when the message does not come from that node
 */
export function outcomeOfHttpMessage(message: HttpMessage, now: number): HttpOutcome | undefined {
  const { statusCode } = message;
  if (typeof statusCode === 'number') return outcomeOfStatus(statusCode, message, now);
  if (typeof statusCode !== 'string' || !FAULT_CODE.test(statusCode)) return undefined;
  const error = { message: `No answer from the API: ${statusCode}`, code: statusCode };
  return { outcome: outcomeOfFaultCode(statusCode), verified: false, error };
}

const FAULT_CODE = /^[A-Z][A-Z0-9_]+$/;

function outcomeOfStatus(status: number, message: HttpMessage, now: number): HttpOutcome {
  if (status === 304) return { outcome: 'unchanged', verified: false };
  const answer = answerOf(status, message);
  const api = apiErrorOf(answer);
  const verdict = verdictOf(answer, message);
  if (verdict.class === 'success') return { outcome: 'updated', verified: false };
  const error = describeVerdict(verdict, api, status);
  if (verdict === NOT_COMPARED) return { outcome: 'conflict', verified: false, error };
  if (verdict.class !== 'throttled') return { outcome: endOf(verdict), verified: false, error };
  return { ...throttling(verdict), verified: false, ...notBefore(answer, now), error };
}

function verdictOf(answer: Answer, { redirectList }: HttpMessage): Verdict {
  if (answer.status === 409 || answer.status === 412) return NOT_COMPARED;
  const verdict = classify(answer, SENT, apiErrorOf(answer), [FAILURE_ROW]);
  const isRedirected = Array.isArray(redirectList) && redirectList.length > 0;
  return isRedirected && verdict.class === 'success' ? REDIRECTED : verdict;
}

function endOf(verdict: Verdict): Outcome {
  return verdict.ambiguous === true ? 'uncertain' : outcomeOfClass(verdict.class);
}

/** A 429 was not applied; a 503 may come from a gateway that had passed the write on. */
function throttling(verdict: Verdict): Pick<HttpOutcome, 'outcome' | 'cause'> {
  return verdict.ambiguous === true
    ? { outcome: 'uncertain' }
    : { outcome: 'retry', cause: 'throttled' };
}

function notBefore({ headers }: Answer, now: number): Pick<HttpOutcome, 'notBefore'> {
  const waitMs = parseRetryAfter(headers['retry-after'], headers.date, now);
  return waitMs === undefined ? {} : { notBefore: new Date(now + waitMs).toISOString() };
}

function answerOf(status: number, { headers, payload }: HttpMessage): Answer {
  const text = textOf(payload);
  return {
    kind: 'answer',
    status,
    headers: isFields(headers) ? headerTexts(headers) : {},
    text,
    json: isData(payload) && text !== UNREADABLE ? payload : parsed(text),
    roundTripMs: 0,
  };
}

function headerTexts(headers: Fields): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') texts[name] = value;
    else if (Array.isArray(value)) texts[name] = value.join(', ');
  }
  return texts;
}

/** The payload is text, a buffer or parsed JSON, as the node is set to return it. */
function isData(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && !(payload instanceof Uint8Array);
}

function textOf(payload: unknown): string {
  if (typeof payload === 'string') return payload;
  if (payload instanceof Uint8Array) return new TextDecoder().decode(payload);
  if (payload === undefined) return '';
  return isBounded(payload) ? JSON.stringify(payload) : UNREADABLE;
}

/** In the place of what is too large or too deep to be written. */
const UNREADABLE = '…';

function parsed(text: string): unknown {
  if (isNestedTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
