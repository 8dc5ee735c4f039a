// Access, conflicts and preconditions.
import {
  DOUBT,
  is,
  maybe,
  NEVER_SENT,
  OUTDATED,
  RETRY_AFTER,
  says,
  UNDETERMINED,
  WAITS,
  type Ends,
  type Line,
} from './case';

export const ACCESS_LINES: readonly Line[] = [
  [17, '', { status: 401 }, is('auth'), 'denied'],
  [17, 'of the proxy', { status: 407 }, is('auth', 'PROXY_AUTH'), 'denied'],
  [19, '', { status: 403 }, is('forbidden'), 'denied'],
  [
    19,
    'of a right',
    { status: 403, body: says('Limit of rights reached') },
    is('forbidden'),
    'denied',
  ],
  ...[
    says('The storage quota of this user is exceeded', 'storageQuotaExceeded'),
    [{ errorCode: 'STORAGE_LIMIT_EXCEEDED', message: 'storage limit exceeded' }],
  ].map((body, n): Line => [
    19,
    `of the storage (wording ${String(n + 1)})`,
    { status: 403, headers: RETRY_AFTER, body },
    is('forbidden', 'STORAGE_FULL'),
    'denied',
  ]),
  ...[
    { error: { code: 403, message: 'Forbidden', errors: [{ reason: 'rateLimitExceeded' }] } },
    { error: { code: 403, message: 'Rate Limit Exceeded', errors: [{ reason: 'x' }] } },
    [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
    says("Quota exceeded for quota metric 'Writes' and limit 'Writes per minute'"),
    '<error><code>SlowDown</code><message>Reduce your rate</message></error>',
    'Too many requests',
  ].map((body, n): Line => [
    58,
    `that means slow down (wording ${String(n + 1)})`,
    { status: 403, body },
    is('throttled'),
    WAITS,
  ]),
  [58, 'with Retry-After', { status: 403, headers: RETRY_AFTER }, is('throttled'), WAITS],
  ...[
    { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' },
    { status: 404, body: '<!DOCTYPE html><title>404</title>' },
    { status: 404, body: '<?xml version="1.0"?><!DOCTYPE html><html/>' },
  ].flatMap((answer): Line[] => [
    [60, 'with a page', answer, is('unsupported', 'ADDRESS_UNKNOWN'), 'unsupported'],
    [
      60,
      'with a page, to a read',
      answer,
      is('unsupported', 'ADDRESS_UNKNOWN'),
      'unsupported',
      'read',
    ],
  ]),
  [
    21,
    'labelled as a page, but empty',
    { status: 404, headers: { 'content-type': 'text/html' } },
    is('not-found'),
    'not-found',
  ],
  [21, 'in words', { status: 404, body: 'Not Found' }, is('not-found'), 'not-found'],
  [21, '', { status: 404 }, is('not-found'), 'not-found'],
  [21, 'to a read', { status: 404 }, is('not-found'), 'not-found', 'read'],
  [29, '', { status: 410 }, is('not-found'), 'not-found'],
];

const REJECTED = { 'repeatability-result': 'rejected' };
const PROBLEM = 'https://developer.example.com/idempotency';
const KEY_MISSING = is('validation', 'IDEMPOTENCY_KEY_MISSING');
const KEY_REUSED = is('unsupported', 'IDEMPOTENCY_KEY_REUSED');

/** The draft of the Idempotency-Key header words its problems so. */
const DRAFT = {
  missing: {
    type: PROBLEM,
    title: 'Idempotency-Key is missing',
    detail: 'This operation is idempotent and it requires correct usage of Idempotency Key.',
  },
  outstanding: {
    type: PROBLEM,
    title: 'A request is outstanding for this Idempotency-Key',
    detail: 'A request with the same Idempotency-Key is being processed or is outstanding.',
  },
  used: {
    type: PROBLEM,
    title: 'Idempotency-Key is already used',
    detail: 'Idempotency Key MUST not be reused across different payloads of this operation.',
  },
};

export const REPEAT_LINES: readonly Line[] = [
  [
    14,
    'with Repeatability-Result: rejected',
    { status: 400, headers: REJECTED },
    is('validation'),
    'rejected',
  ],
  ...[
    DRAFT.missing,
    says('Missing required header: Idempotency-Key'),
    says('The Idempotency-Key header must be provided.'),
    { code: 'MISSING_IDEMPOTENCY_KEY', message: 'Bad request' },
  ].map((body, n): Line => [
    14,
    `Idempotency-Key is missing (wording ${String(n + 1)})`,
    { status: 400, body },
    KEY_MISSING,
    'rejected',
  ]),
  ...[
    DRAFT.outstanding,
    says('Another in-progress request uses this Idempotency-Key', 'idempotency_key_in_use'),
    { errors: [{ type: 'IdempotencyKeyInUse', message: 'Try again later' }] },
    'The request is still being processed.',
    { error: 'Conflict', message: 'This request is already in progress' },
  ].map((body, n): Line => [
    24,
    `the first request with the key is still at work (wording ${String(n + 1)})`,
    { status: 409, body },
    is('in-progress'),
    WAITS,
    'keyed',
  ]),
  [
    28,
    'says in progress of a request that had no key',
    { status: 409, body: DRAFT.outstanding },
    is('undetermined'),
    UNDETERMINED,
  ],
  [
    28,
    'says in progress of the record',
    { status: 409, body: says('Cannot change status from In Progress to New') },
    is('undetermined'),
    UNDETERMINED,
    'keyed',
  ],
  [
    30,
    'with Repeatability-Result: rejected',
    { status: 412, headers: REJECTED },
    maybe('unverified', 'REPEATABILITY_REJECTED'),
    DOUBT,
  ],
  ...[
    DRAFT.used,
    says('This idempotency key was sent with a different request body'),
    says('Keys for idempotent requests can only be used with the same parameters'),
  ].map((body, n): Line => [
    38,
    `the key was used with another payload (wording ${String(n + 1)})`,
    { status: 422, body },
    KEY_REUSED,
    'unsupported',
    'keyed',
  ]),
  [
    40,
    'another payload, but no key was sent',
    { status: 422, body: DRAFT.used },
    is('validation'),
    'rejected',
  ],
];

const REFUSED: Ends = {
  ...UNDETERMINED,
  'as before': ['read', 'denied'],
};

export const CONFLICT_LINES: readonly Line[] = [
  ...[
    says('Duplicate key in unique index'),
    says('UNIQUE constraint failed'),
    { errors: [{ type: 'DuplicateKey' }] },
    says('An order with this number already exists'),
  ].map((body, n): Line => [
    25,
    `duplicate (wording ${String(n + 1)})`,
    { status: 409, body },
    is('duplicate'),
    'rejected',
  ]),
  ...[
    'The record has been modified by another user',
    'ETag mismatch - resource modified',
    'Data has been changed in a parallel session',
  ].map((message): Line => [
    26,
    `"${message}"`,
    { status: 409, body: says(message) },
    is('version-conflict'),
    UNDETERMINED,
  ]),
  ...[
    'You are not authorized to change this order',
    'User lacks the permission to change closed orders',
    'Missing privilege prvWriteSalesOrder',
    "You don't have access rights for this work order",
    'Authorization is missing for plant 0001',
    'Access denied',
  ].map((message): Line => [
    28,
    `"${message}"`,
    { status: 409, body: says(message) },
    is('undetermined', 'ACCESS_REFUSED'),
    REFUSED,
  ]),
  [
    28,
    'about a transition, row 27',
    {
      status: 409,
      body: {
        error: 'Work order status conflict',
        message: 'Cannot transition from current state',
      },
    },
    is('undetermined'),
    UNDETERMINED,
  ],
  [28, 'without a word', { status: 409 }, is('undetermined'), UNDETERMINED],
  [28, 'to PUT', { status: 409 }, is('undetermined'), UNDETERMINED, 'put'],
  [28, 'to MERGE', { status: 409 }, is('undetermined'), UNDETERMINED, 'merge'],
  [16, 'to a read is nothing to reconcile', { status: 409 }, is('validation'), 'rejected', 'read'],
  [35, '', { status: 412 }, is('version-conflict'), OUTDATED],
  [
    35,
    'to a forced write',
    { status: 412 },
    is('version-conflict'),
    { 'as before': ['read write', 'updated'] },
    'forced',
  ],
  [
    36,
    'although nothing was sent',
    { status: 412 },
    is('unsupported', 'PRECONDITION_NOT_SENT'),
    NEVER_SENT,
    'bare',
  ],
];

export const PRECONDITION_LINES: readonly Line[] = [
  [
    15,
    'concurrency token',
    {
      status: 400,
      body: says('Could not validate the client concurrency token required', 'BadRequest'),
    },
    is('precondition-required'),
    'unsupported',
  ],
  [
    15,
    'concurrency token, by its code',
    { status: 400, body: says('Bad token', 'BadRequest_InvalidToken') },
    is('precondition-required'),
    'unsupported',
  ],
  [
    43,
    'although a version was sent',
    { status: 428 },
    is('unsupported', 'PRECONDITION_LOST'),
    'unsupported',
  ],
  [
    43,
    'to a forced write',
    { status: 428 },
    is('unsupported', 'FORCE_REFUSED'),
    'unsupported',
    'forced',
  ],
  [
    44,
    'although nothing was sent',
    { status: 428 },
    is('precondition-required'),
    NEVER_SENT,
    'bare',
  ],
];
