// SAP CX, Apriso and CouchDB, which speak plain JSON.
import {
  DOUBT,
  is,
  linesOf,
  maybe,
  OUTDATED,
  says,
  surely,
  UNDETERMINED,
  REPORTED,
  type Line,
  type TableCase,
} from './case';

const CX_LINES: readonly Line[] = [
  [
    4,
    'that reports a failure',
    { status: 200, body: { success: false, message: 'Territory is closed' } },
    maybe('unverified', 'FAILURE_REPORTED'),
    REPORTED,
  ],
  [
    28,
    'is for the re-read to tell',
    { status: 409, body: { errors: [{ type: 'ConflictError', message: 'Assignment changed' }] } },
    is('undetermined'),
    UNDETERMINED,
  ],
  [35, '', { status: 412 }, is('version-conflict'), OUTDATED],
];

const APRISO_LINES: readonly Line[] = [
  [
    4,
    'that reports a failure',
    { status: 200, body: { error: 'Work order is closed' } },
    maybe('unverified', 'FAILURE_REPORTED'),
    REPORTED,
  ],
  [
    28,
    'is for the re-read to tell, row 27',
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
  ...['Transition from Released to Complete is not allowed', 'Invalid status change'].map(
    (message): Line => [
      39,
      `"${message}"`,
      { status: 422, body: { message } },
      is('undetermined'),
      UNDETERMINED,
    ],
  ),
  [
    39,
    'about a transition, to an action',
    { status: 422, body: says('Transition is not allowed') },
    is('undetermined'),
    UNDETERMINED,
    'action',
  ],
  [
    40,
    'about something else, with the status in the body',
    { status: 422, body: { status: 422, title: 'Quantity must be positive' } },
    is('validation'),
    'rejected',
  ],
  [
    40,
    'without words, but with the status in the body',
    { status: 422, body: { status: 422 } },
    is('validation'),
    'rejected',
  ],
  [35, '', { status: 412 }, is('version-conflict'), OUTDATED],
];

const COUCH_LINES: readonly Line[] = [
  [
    1,
    'with the new version',
    { status: 201, body: { ok: true, id: 'A1', rev: '2-abc' } },
    is('success'),
    'updated',
    'put',
  ],
  [1, 'without a body', { status: 201 }, is('success'), 'updated', 'put'],
  [
    3,
    'cut off',
    { status: 201, body: '{"ok":' },
    maybe('unverified', 'BODY_UNREADABLE'),
    DOUBT,
    'put',
  ],
  [
    4,
    'that reports a failure',
    { status: 201, body: { error: 'internal', message: 'Not written' } },
    maybe('unverified', 'FAILURE_REPORTED'),
    REPORTED,
    'put',
  ],
  [
    6,
    'below the quorum',
    { status: 202, body: { ok: true } },
    is('pending'),
    { applied: ['read', 'updated'] },
    'put',
  ],
  [
    26,
    'of an outdated version',
    { status: 409, body: { error: 'conflict', reason: 'Document update conflict.' } },
    surely('version-conflict'),
    OUTDATED,
    'put',
  ],
  [
    48,
    'of a document that cannot be, as PouchDB says it',
    {
      status: 500,
      body: { error: 'doc_validation', reason: 'Bad special document member: _x' },
    },
    is('validation'),
    'rejected',
    'put',
  ],
  [
    21,
    'of a deleted document',
    { status: 404, body: { error: 'not_found', reason: 'deleted' } },
    is('not-found'),
    'not-found',
    'put',
  ],
];

export const PRODUCT_CASES: readonly TableCase[] = [
  ...linesOf('sap-cx', CX_LINES),
  ...linesOf('apriso', APRISO_LINES),
  ...linesOf('couchdb', COUCH_LINES),
];
