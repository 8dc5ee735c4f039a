// 2xx and 3xx.
import { DOUBT, is, maybe, NEVER_SENT, type Ends, type Line } from './case';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };
const PAGE = '\n<!DOCTYPE html><html></html>';

/** A sign-in page stands in place of the API: the write went no further, and sending it again would not help. */
const SIGN_IN: Ends = { ...DOUBT, 'as before': ['read', 'denied'] };

/** Whatever sent another page, the API behind it may still be at work. */
const OTHER_PAGE: Ends = { ...DOUBT, 'as before': ['reads', 'uncertain'] };

/** The record is watched until it shows the values. */
const ACCEPTED: Ends = { applied: ['read', 'updated'] };

export const SUCCESS_LINES: readonly Line[] = [
  [1, 'with the record', { status: 200, body: { status: 'Done' } }, is('success'), 'updated'],
  [1, 'with an empty text/html', { status: 200, headers: HTML }, is('success'), 'updated'],
  [1, 'to a forced write', { status: 204 }, is('success'), 'updated', 'forced'],
  [1, 'to PUT', { status: 200, body: { status: 'Done' } }, is('success'), 'updated', 'put'],
  [1, 'to MERGE', { status: 204 }, is('success'), 'updated', 'merge'],
  [1, '', { status: 203, body: {} }, is('success'), 'updated'],
  [1, '', { status: 204 }, is('success'), 'updated'],
  [1, '', { status: 205 }, is('success'), 'updated'],
  [1, 'to POST', { status: 201, body: { a: 1 } }, is('success'), NEVER_SENT, 'foreign'],
  [
    2,
    'text/html',
    { status: 200, headers: HTML, body: '<p>Sign in</p>' },
    maybe('unverified', 'HTML_ANSWER'),
    SIGN_IN,
  ],
  [
    2,
    'a page that claims to be JSON',
    { status: 200, headers: JSON_TYPE, body: PAGE },
    maybe('unverified', 'HTML_ANSWER'),
    OTHER_PAGE,
  ],
  [
    2,
    'a page instead of the record that was read',
    { status: 200, headers: HTML, body: PAGE },
    is('unverified', 'HTML_ANSWER'),
    'denied',
    'read',
  ],
  [
    3,
    'truncated JSON',
    { status: 200, headers: JSON_TYPE, body: '{"a":1,"b"' },
    maybe('unverified', 'BODY_UNREADABLE'),
    DOUBT,
  ],
  [
    3,
    'an error in the middle of the stream',
    { status: 200, headers: JSON_TYPE, body: '{"status":"Do{"error":{"code":"X"}}' },
    maybe('unverified', 'BODY_UNREADABLE'),
    DOUBT,
  ],
  [
    3,
    'truncated JSON instead of a record',
    { status: 200, headers: JSON_TYPE, body: '{"a":1,"b"' },
    is('unverified', 'BODY_UNREADABLE'),
    'unavailable',
    'read',
  ],
  [
    3,
    'plain text instead of a record',
    { status: 200, headers: { 'content-type': 'text/plain' }, body: 'Not now' },
    is('unverified', 'BODY_UNREADABLE'),
    'unavailable',
    'read',
  ],
  [
    3,
    'no body instead of a record',
    { status: 204 },
    is('unverified', 'BODY_EMPTY'),
    'unavailable',
    'read',
  ],
  [
    4,
    'one status for each part',
    { status: 207, body: { responses: [{ status: 412 }] } },
    maybe('unverified', 'MULTI_STATUS'),
    DOUBT,
  ],
  [
    5,
    'to PATCH',
    { status: 201, body: { status: 'Done' } },
    is('unexpected-create', 'UNEXPECTED_CREATE'),
    'uncertain',
  ],
  [
    5,
    'to a forced write',
    { status: 201 },
    is('unexpected-create', 'UNEXPECTED_CREATE'),
    'uncertain',
    'forced',
  ],
  [5, 'to PUT', { status: 201 }, is('unexpected-create', 'UNEXPECTED_CREATE'), 'uncertain', 'put'],
  [
    5,
    'to MERGE',
    { status: 201 },
    is('unexpected-create', 'UNEXPECTED_CREATE'),
    'uncertain',
    'merge',
  ],
  [6, 'for later', { status: 202, body: 'Accepted' }, is('pending'), ACCEPTED],
  [
    undefined,
    'proves nothing',
    { status: 206, body: {} },
    maybe('unverified', 'STATUS_UNKNOWN'),
    DOUBT,
  ],
];

const ELSEWHERE = { location: 'https://other.example/orders' };
const LOGIN = { location: 'https://login.example.com/common/oauth2/authorize' };

export const REDIRECT_LINES: readonly Line[] = [
  [
    7,
    'to a read without a condition',
    { status: 304 },
    is('unverified', 'NOT_MODIFIED'),
    'unavailable',
    'read',
  ],
  ...[301, 302, 303, 307, 308].map((status): Line => [
    8,
    'to a write',
    { status, headers: ELSEWHERE },
    is('redirect', 'REDIRECT'),
    'unsupported',
  ]),
  [
    8,
    'to a sign-in page',
    { status: 302, headers: LOGIN },
    is('redirect', 'REDIRECT'),
    'unsupported',
  ],
  [
    8,
    'to a read',
    { status: 302, headers: ELSEWHERE },
    is('redirect', 'REDIRECT'),
    'unsupported',
    'read',
  ],
];
