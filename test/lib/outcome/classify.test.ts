import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../lib/outcome/answer';
import {
  classify,
  type ApiError,
  type Row,
  type Sent,
  type Verdict,
} from '../../../lib/outcome/classify';

const PATCH: Sent = { method: 'PATCH', precondition: 'version' };
const FORCED: Sent = { method: 'PATCH', precondition: 'any' };
const BARE: Sent = { method: 'PATCH', precondition: 'none' };
const FOREIGN: Sent = { method: 'POST', precondition: 'unknown' };
const READ: Sent = { method: 'GET', precondition: 'none' };

interface Case {
  readonly name: string;
  readonly status: number;
  readonly sent?: Sent;
  readonly headers?: Record<string, string>;
  readonly text?: string;
  readonly error?: ApiError;
  readonly expected: Verdict;
}

const retryAfter = { 'retry-after': '7' };
const html = { 'content-type': 'text/html; charset=utf-8' };
const json = { 'content-type': 'application/json' };

const CASES: readonly Case[] = [
  { name: 'row 1: 200 with JSON', status: 200, text: '{"a":1}', expected: { class: 'success' } },
  { name: 'row 1: 204', status: 204, expected: { class: 'success' } },
  { name: 'row 1: 205', status: 205, expected: { class: 'success' } },
  {
    name: 'row 1: an empty 200 of a server that always says text/html',
    status: 200,
    headers: html,
    expected: { class: 'success' },
  },
  {
    name: 'row 1: 201 on a request that may create',
    status: 201,
    sent: FOREIGN,
    expected: { class: 'success' },
  },
  {
    name: 'row 2: 200 with a page',
    status: 200,
    headers: html,
    text: '<p>Sign in</p>',
    expected: { class: 'unverified', ambiguous: true, code: 'HTML_ANSWER' },
  },
  {
    name: 'row 2: a page that claims to be JSON',
    status: 200,
    headers: json,
    text: '\n<!DOCTYPE html><html></html>',
    expected: { class: 'unverified', ambiguous: true, code: 'HTML_ANSWER' },
  },
  {
    name: 'row 2: a page instead of the record that was read',
    status: 200,
    sent: READ,
    headers: html,
    text: '<html></html>',
    expected: { class: 'unverified', code: 'HTML_ANSWER' },
  },
  {
    name: 'row 3: truncated JSON after a write',
    status: 200,
    headers: json,
    text: '{"a":1,"b"',
    expected: { class: 'unverified', ambiguous: true, code: 'BODY_UNREADABLE' },
  },
  {
    name: 'row 3: truncated JSON instead of a record',
    status: 200,
    sent: READ,
    headers: json,
    text: '{"a":1,"b"',
    expected: { class: 'unverified', code: 'BODY_UNREADABLE' },
  },
  {
    name: 'row 3: plain text instead of a record',
    status: 200,
    sent: READ,
    headers: { 'content-type': 'text/plain' },
    text: 'Not now',
    expected: { class: 'unverified', code: 'BODY_UNREADABLE' },
  },
  {
    name: 'row 3: no body instead of a record',
    status: 204,
    sent: READ,
    expected: { class: 'unverified', code: 'BODY_EMPTY' },
  },
  {
    name: 'row 5: 201 on PATCH',
    status: 201,
    text: '{"a":1}',
    expected: { class: 'unexpected-create', code: 'UNEXPECTED_CREATE' },
  },
  {
    name: 'row 5: 201 on PUT',
    status: 201,
    sent: { method: 'PUT', precondition: 'any' },
    expected: { class: 'unexpected-create', code: 'UNEXPECTED_CREATE' },
  },
  { name: 'row 6: 202', status: 202, text: 'Accepted', expected: { class: 'pending' } },
  {
    name: 'row 7: 304 on a read that had no condition',
    status: 304,
    sent: READ,
    expected: { class: 'unverified', code: 'NOT_MODIFIED' },
  },
  ...[301, 302, 303, 307, 308].map(status => ({
    name: `trap 14: row 8: ${status} on a write`,
    status,
    headers: { location: 'https://other.example/orders' },
    expected: { class: 'redirect', code: 'REDIRECT' } as const,
  })),
  {
    name: 'row 8: 302 on a read',
    status: 302,
    sent: READ,
    expected: { class: 'redirect', code: 'REDIRECT' },
  },
  {
    name: 'row 15: 400 concurrency token',
    status: 400,
    text: 'Could not validate the client concurrency token required',
    expected: { class: 'precondition-required' },
  },
  { name: 'row 16: 400', status: 400, expected: { class: 'validation' } },
  { name: 'row 16: any other 4xx', status: 418, expected: { class: 'validation' } },
  { name: 'row 17: 401', status: 401, expected: { class: 'auth' } },
  { name: 'row 17: 407', status: 407, expected: { class: 'auth', code: 'PROXY_AUTH' } },
  { name: 'row 19: 403', status: 403, expected: { class: 'forbidden' } },
  { name: 'row 21: 404', status: 404, expected: { class: 'not-found' } },
  { name: 'row 21: 404 on a read', status: 404, sent: READ, expected: { class: 'not-found' } },
  ...(
    [
      [405, 'METHOD_NOT_ALLOWED'],
      [406, 'NOT_ACCEPTABLE'],
      [411, 'LENGTH_REQUIRED'],
      [413, 'BODY_TOO_LARGE'],
      [414, 'URL_TOO_LONG'],
      [415, 'MEDIA_TYPE_UNSUPPORTED'],
      [426, 'UPGRADE_REQUIRED'],
      [431, 'HEADERS_TOO_LARGE'],
      [451, 'LEGALLY_BLOCKED'],
      [501, 'NOT_IMPLEMENTED'],
      [505, 'HTTP_VERSION_UNSUPPORTED'],
    ] as const
  ).map(([status, code]) => ({
    name: `row 22: ${status}`,
    status,
    expected: { class: 'unsupported', code } as const,
  })),
  {
    name: 'row 22: 413 with Retry-After',
    status: 413,
    headers: retryAfter,
    expected: { class: 'throttled' },
  },
  { name: 'row 23: 408', status: 408, expected: { class: 'transient', ambiguous: true } },
  {
    name: 'row 25: 409 duplicate key',
    status: 409,
    error: { message: 'Duplicate key in unique index' },
    expected: { class: 'duplicate' },
  },
  {
    name: 'row 26: 409 of another user',
    status: 409,
    error: { message: 'The record has been modified by another user' },
    expected: { class: 'version-conflict' },
  },
  {
    name: 'row 26: 409 ETag mismatch',
    status: 409,
    error: { message: 'ETag mismatch - resource modified' },
    expected: { class: 'version-conflict' },
  },
  {
    name: 'row 27: 409 with a transition text is for the re-read to tell',
    status: 409,
    error: { message: 'Cannot transition from current state' },
    expected: { class: 'undetermined' },
  },
  { name: 'row 28: 409', status: 409, expected: { class: 'undetermined' } },
  {
    name: 'row 28: 409 on a read is nothing to reconcile',
    status: 409,
    sent: READ,
    expected: { class: 'validation' },
  },
  { name: 'row 29: 410', status: 410, expected: { class: 'not-found' } },
  {
    name: 'trap 4: row 30: 412 with Repeatability-Result: rejected',
    status: 412,
    headers: { 'repeatability-result': 'rejected' },
    expected: { class: 'unverified', ambiguous: true, code: 'REPEATABILITY_REJECTED' },
  },
  { name: 'row 35: 412', status: 412, expected: { class: 'version-conflict' } },
  {
    name: 'row 35: 412 on a forced write',
    status: 412,
    sent: FORCED,
    expected: { class: 'version-conflict' },
  },
  {
    name: 'row 36: 412 although nothing was sent',
    status: 412,
    sent: BARE,
    expected: { class: 'unsupported', code: 'PRECONDITION_NOT_SENT' },
  },
  { name: 'row 37: 421', status: 421, expected: { class: 'transient' } },
  { name: 'row 37: 425', status: 425, expected: { class: 'transient' } },
  { name: 'row 40: 422', status: 422, expected: { class: 'validation' } },
  { name: 'row 41: 423', status: 423, expected: { class: 'transient', code: 'RECORD_LOCKED' } },
  ...[400, 500].map(status => ({
    name: `row 41: ${status} locked by a user`,
    status,
    error: { message: 'Order 4711 is locked by user MILLER' },
    expected: { class: 'transient', code: 'RECORD_LOCKED' } as const,
  })),
  {
    name: 'row 43: 428 although a version was sent',
    status: 428,
    expected: { class: 'unsupported', code: 'PRECONDITION_LOST' },
  },
  {
    name: 'row 43: 428 on a forced write',
    status: 428,
    sent: FORCED,
    expected: { class: 'unsupported', code: 'FORCE_REFUSED' },
  },
  {
    name: 'row 44: 428',
    status: 428,
    sent: BARE,
    expected: { class: 'precondition-required' },
  },
  { name: 'row 47: 429', status: 429, expected: { class: 'throttled' } },
  ...[500, 502, 504, 520].map(status => ({
    name: `row 49: ${status}`,
    status,
    expected: { class: 'transient', ambiguous: true } as const,
  })),
  {
    name: 'row 49: a failed read leaves nothing in doubt',
    status: 500,
    sent: READ,
    expected: { class: 'transient' },
  },
  {
    name: 'row 50: 503 with Retry-After',
    status: 503,
    headers: retryAfter,
    expected: { class: 'throttled', ambiguous: true },
  },
  {
    name: 'row 50: 503 with a Retry-After date',
    status: 503,
    headers: { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' },
    expected: { class: 'throttled', ambiguous: true },
  },
  ...['', '-5', '1.5', '120, 60'].map(value => ({
    name: `row 50: 503 with the unusable Retry-After "${value}"`,
    status: 503,
    headers: { 'retry-after': value },
    expected: { class: 'transient', ambiguous: true } as const,
  })),
  {
    name: 'any other status proves nothing',
    status: 207,
    text: '{}',
    expected: { class: 'unverified', ambiguous: true, code: 'STATUS_UNKNOWN' },
  },
];

describe('classify', () => {
  it.each(CASES)('$name', ({ sent, error, expected, ...rest }) => {
    const { fix, ...verdict } = classify(answer(rest), sent ?? PATCH, error ?? {}, []);
    expect(verdict).toEqual(expected);
    if (fix !== undefined) expect(fix).toMatch(/^[A-Z].+[.]$/);
  });

  it('says what to do about every answer that the flow or the endpoint can cure', () => {
    const cured = CASES.filter(({ expected }) =>
      ['redirect', 'unsupported'].includes(expected.class),
    );
    for (const { sent, error, ...rest } of cured) {
      expect(classify(answer(rest), sent ?? PATCH, error ?? {}, []).fix).toBeDefined();
    }
  });

  it('names the sign-in when a redirect leads to a sign-in page', () => {
    const headers = { location: 'https://login.example.com/common/oauth2/authorize' };
    expect(classify(answer({ status: 302, headers }), PATCH, {}, []).fix).toContain('sign-in');
    expect(classify(answer({ status: 302 }), PATCH, {}, []).fix).not.toContain('sign-in');
  });

  it('asks the rows of the family before the common ones', () => {
    const rows: Row[] = [
      { row: 12, apiCode: ['0xABC'], class: 'duplicate' },
      { row: 39, status: [422], text: /transition/, class: 'undetermined' },
    ];
    expect(classify(answer({ status: 412 }), PATCH, { code: '0xabc' }, rows).class).toBe(
      'duplicate',
    );
    expect(classify(answer({ status: 412 }), PATCH, { code: '' }, rows).class).toBe(
      'version-conflict',
    );
    expect(classify(answer({ status: 422, text: 'transition' }), PATCH, {}, rows).class).toBe(
      'undetermined',
    );
  });

  it('does not search the values of a record for texts when the API gave a message', () => {
    const text = '{"error":{"message":"Name is too long"},"comment":"locked by Miller"}';
    const error = { message: 'Name is too long' };
    expect(classify(answer({ status: 400, text }), PATCH, error, []).class).toBe('validation');
  });
});

function answer({
  status,
  headers = {},
  text = '',
}: {
  status: number;
  headers?: Record<string, string>;
  text?: string;
}): Answer {
  return { kind: 'answer', status, headers, text, json: parsed(text), roundTripMs: 1 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
