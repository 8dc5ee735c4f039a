// What passes with time, what never does, and what is left.
import { DOUBT, is, maybe, RETRY_AFTER, says, WAITS, type Line } from './case';

const LOCKS = [
  'Lock request time out period exceeded.',
  'The order is being processed by a batch job',
  'Order 4711 is locked by user MILLER',
  'Sales document 4711 is currently being processed by user MILLER',
];

const DATE = { 'retry-after': 'Sun, 08 Feb 2026 10:00:07 GMT' };

export const WAIT_LINES: readonly Line[] = [
  [22, 'with Retry-After', { status: 413, headers: RETRY_AFTER }, is('throttled'), WAITS],
  [23, '', { status: 408 }, maybe('transient'), DOUBT],
  [37, '', { status: 421 }, is('transient'), WAITS],
  [37, '', { status: 425 }, is('transient'), WAITS],
  [41, '', { status: 423 }, is('transient', 'RECORD_LOCKED'), WAITS],
  ...[400, 409, 422].flatMap(status =>
    LOCKS.map((message): Line => [
      41,
      `"${message}"`,
      { status, body: says(message) },
      is('transient', 'RECORD_LOCKED'),
      WAITS,
    ]),
  ),
  ...LOCKS.map((message): Line => [
    41,
    `"${message}" after a failure`,
    { status: 500, body: says(message) },
    maybe('transient', 'RECORD_LOCKED'),
    DOUBT,
  ]),
  [47, '', { status: 429 }, is('throttled'), WAITS],
  [47, 'with Retry-After', { status: 429, headers: RETRY_AFTER }, is('throttled'), WAITS],
  [47, 'with a date', { status: 429, headers: DATE }, is('throttled'), WAITS],
  [50, 'with Retry-After', { status: 503, headers: RETRY_AFTER }, maybe('throttled'), DOUBT],
  [
    50,
    'with decimals',
    { status: 503, headers: { 'retry-after': '7.0' } },
    maybe('throttled'),
    DOUBT,
  ],
  [
    41,
    'a lock that only the code tells',
    {
      status: 400,
      body: [{ errorCode: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain access' }],
    },
    is('transient', 'RECORD_LOCKED'),
    WAITS,
  ],
  [50, 'with a date', { status: 503, headers: DATE }, maybe('throttled'), DOUBT],
  ...['', '-5', '1.5.2', '120, 60'].map((value): Line => [
    49,
    `with the unusable Retry-After "${value}"`,
    { status: 503, headers: { 'retry-after': value } },
    maybe('transient'),
    DOUBT,
  ]),
  ...[500, 502, 503, 504, 520].map((status): Line => [
    49,
    '',
    { status },
    maybe('transient'),
    DOUBT,
  ]),
  [
    49,
    'to a read',
    { status: 500 },
    is('transient'),
    { 'as before': ['read write', 'updated'] },
    'read',
  ],
];

export const FINAL_LINES: readonly Line[] = [
  [16, '', { status: 400 }, is('validation'), 'rejected'],
  [16, 'of a kind that HTTP does not know', { status: 418 }, is('validation'), 'rejected'],
  [40, '', { status: 422 }, is('validation'), 'rejected'],
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
  ).map(([status, code]): Line => [22, '', { status }, is('unsupported', code), 'unsupported']),
];
