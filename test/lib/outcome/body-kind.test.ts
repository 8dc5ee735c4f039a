import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../lib/outcome/answer';
import { hasBody, isFailure, type BodyKind } from '../../../lib/outcome/body-kind';

const KINDS: readonly BodyKind[] = ['empty', 'json', 'error', 'failure', 'html', 'unreadable'];

describe('hasBody', () => {
  it.each<[string, string, string, readonly BodyKind[]]>([
    ['nothing', '', 'text/html', ['empty']],
    ['blanks', ' \r\n', 'application/json', ['empty']],
    ['a record', '{"a":1}', 'application/json', ['json']],
    ['JSON without a type', '[1]', '', ['json']],
    ['a reported failure', '{"success":false}', 'application/json', ['json', 'failure']],
    ['an error', '{"error":{"code":"E1"}}', 'application/json', ['json', 'error', 'failure']],
    ['a page', '<p>Hello</p>', 'text/html; charset=utf-8', ['html']],
    ['a page of another type', '<!DOCTYPE html>', 'text/plain', ['html']],
    ['case 17: a record labelled as a page', '{"a":1}', 'text/html', ['json']],
    ['a text labelled as a page', '"Welcome"', 'text/html', ['html']],
    ['a page of XHTML', '<?xml version="1.0"?>\n<!DOCTYPE html>', '', ['html']],
    ['cut JSON', '{"a":', 'application/json', ['unreadable']],
    ['XML', '<entry/>', 'application/atom+xml', ['unreadable']],
  ])('knows %s', (_name, text, type, kinds) => {
    const answer = answerOf(text, type);
    expect(KINDS.filter(kind => hasBody(kind, answer))).toEqual(kinds);
  });
});

describe('isFailure', () => {
  it.each([
    { success: false },
    { success: false, data: null },
    { error: 'Wrong status' },
    { error: { code: 'E1' }, status: 409, timestamp: '2026-02-08T10:00:00Z', path: '/orders/1' },
    { errors: [{ message: 'No' }], message: 'Refused', code: 7, statusCode: 400, details: {} },
  ])('%j', body => {
    expect(isFailure(body)).toBe(true);
  });

  it.each([
    undefined,
    null,
    'error',
    [{ error: 'No' }],
    {},
    { success: true },
    { success: 'false' },
    { message: 'Saved', code: 0 },
    { error: null },
    { error: '' },
    { error: false, success: true },
    { errors: [] },
    { errors: {} },
    { error: 'E-7', machine: 'M1' },
  ])('not %j', body => {
    expect(isFailure(body)).toBe(false);
  });
});

function answerOf(text: string, type: string): Answer {
  const headers = { 'content-type': type };
  return { kind: 'answer', status: 200, headers, text, json: parsed(text), roundTripMs: 1 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
