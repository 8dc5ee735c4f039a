import {
  DOUBT,
  is,
  linesOf,
  maybe,
  says,
  STATE,
  UNDETERMINED,
  WAITS,
  REPORTED,
  type Line,
  type TableCase,
} from './case';

/** Bodies with which an API reports a failure under a status of success. */
const FAILURES = [
  { success: false, message: 'Wrong status' },
  { error: 'Wrong status', timestamp: '2026-02-08T10:00:00Z', path: '/orders/A1' },
  { errors: [{ code: 'E1', message: 'Wrong status' }] },
];

/** Whatever the settings. */
const LINES: readonly Line[] = [
  ...FAILURES.map((body, n): Line => [
    4,
    `that reports a failure (wording ${String(n + 1)})`,
    { status: 200, body },
    maybe('unverified', 'FAILURE_REPORTED'),
    REPORTED,
  ]),
  [
    4,
    'that reports a failure',
    { status: 201, body: FAILURES[0] },
    maybe('unverified', 'FAILURE_REPORTED'),
    REPORTED,
  ],
  [
    1,
    'with fields of such names to a read',
    { status: 200, headers: { etag: '"v1"' }, body: { success: false, status: 'Open' } },
    is('success'),
    { 'as before': ['write', 'updated'] },
    'read',
  ],
  [
    1,
    'with an error beside other fields',
    { status: 200, body: { error: 'E-7', machine: 'M1', status: 'Done' } },
    is('success'),
    'updated',
  ],
];

/** A status that is listed as a conflict. */
const LISTED: readonly Line[] = [
  [39, 'that is listed', { status: 422 }, is('undetermined'), UNDETERMINED],
  [39, 'that is listed, to PUT', { status: 422 }, is('undetermined'), UNDETERMINED, 'put'],
  [39, 'that is listed, to MERGE', { status: 422 }, is('undetermined'), UNDETERMINED, 'merge'],
  [39, 'that is listed, to an action', { status: 422 }, is('undetermined'), UNDETERMINED, 'action'],
  [
    38,
    'that is listed, but is about the key',
    { status: 422, body: says('Idempotency-Key reused with a different payload') },
    is('unsupported', 'IDEMPOTENCY_KEY_REUSED'),
    'unsupported',
    'keyed',
  ],
  [40, 'that is listed, to a read', { status: 422 }, is('validation'), 'rejected', 'read'],
];

/** 409 is not listed. */
const UNLISTED: readonly Line[] = [
  [27, 'that is not listed', { status: 409 }, is('state-conflict'), STATE],
  [
    25,
    'that is not listed, a duplicate',
    { status: 409, body: says('Duplicate key') },
    is('duplicate'),
    'rejected',
  ],
  [
    24,
    'that is not listed, but is about the key',
    { status: 409, body: says('Idempotency-Key in use') },
    is('in-progress'),
    WAITS,
    'keyed',
  ],
];

/** A text means a version conflict. */
const BY_TEXT: readonly Line[] = [400, 409, 500].map(status => [
  26,
  'with the text of a conflict',
  { status, body: { error: 'Stale', message: 'Record was CHANGED BY (another) session' } },
  is('version-conflict'),
  UNDETERMINED,
]);

/** 201 answers an update. */
const CREATED: readonly Line[] = [
  [1, 'with JSON', { status: 201, body: { ok: true } }, is('success'), 'updated'],
  [1, 'without a body', { status: 201 }, is('success'), 'updated', 'put'],
  [3, 'cut off', { status: 201, body: '{"ok":' }, maybe('unverified', 'BODY_UNREADABLE'), DOUBT],
  [
    2,
    'with a page',
    { status: 201, body: '<!DOCTYPE html>' },
    maybe('unverified', 'HTML_ANSWER'),
    { applied: ['read', 'already-applied'], 'as before': ['reads', 'uncertain'] },
  ],
];

/** The rows that follow the endpoint's settings. */
export const REST_CASES: readonly TableCase[] = [
  ...linesOf('rest', LINES),
  ...linesOf('rest', LISTED, { conflictStatuses: [409, 412, 422] }),
  ...linesOf('rest', UNLISTED, { conflictStatuses: [412] }),
  ...linesOf('rest', BY_TEXT, { conflictText: 'changed by (another)' }),
  ...linesOf('rest', CREATED, { createdIsUpdate: true }),
];
