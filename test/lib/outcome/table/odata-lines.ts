// Finance & Operations, SAP Gateway and plain OData.
import {
  DOUBT,
  is,
  linesOf,
  maybe,
  NEVER_SENT,
  OUTDATED,
  REPORTED,
  says,
  UNDETERMINED,
  WAITS,
  type Line,
  type TableCase,
} from './case';

const UPDATE_CONFLICT =
  'Cannot edit a record in Sales orders. The operation cannot be completed, since the record was not selected for update: another user process deleting the record or changing one or more fields in the record.';
const NO_SEGMENT = says("Resource not found for the segment 'SalesOrderHeader'.");

const FINANCE_LINES: readonly Line[] = [
  ...[400, 500].map((status): Line => [
    13,
    'update conflict',
    { status, body: says(UPDATE_CONFLICT) },
    is('version-conflict'),
    UNDETERMINED,
  ]),
  [
    20,
    'an action that is not there',
    { status: 404, body: NO_SEGMENT },
    is('unsupported', 'ACTION_UNKNOWN'),
    'unsupported',
    'action',
  ],
  [
    20,
    'an entity that is not there',
    { status: 404, body: NO_SEGMENT },
    is('unsupported', 'COLLECTION_UNKNOWN'),
    'unsupported',
  ],
  [
    20,
    'an entity that is not there, to a read',
    { status: 404, body: { Message: 'No HTTP resource was found' } },
    is('unsupported', 'COLLECTION_UNKNOWN'),
    'unsupported',
    'read',
  ],
  [21, '', { status: 404 }, is('not-found'), 'not-found'],
  [
    26,
    'modified by another user',
    { status: 409, body: says('The record has been modified by another user.') },
    is('version-conflict'),
    UNDETERMINED,
  ],
  [35, '', { status: 412 }, is('version-conflict'), OUTDATED],
];

const CROSS_COMPANY_OFF: readonly Line[] = [
  [
    20,
    'perhaps of another company',
    { status: 404 },
    is('unsupported', 'CROSS_COMPANY_OFF'),
    'unsupported',
  ],
  [
    20,
    'perhaps of another company, to a read',
    { status: 404 },
    is('unsupported', 'CROSS_COMPANY_OFF'),
    'unsupported',
    'read',
  ],
];

/** An error of OData V2. */
const v2 = (message: string, code: string) => ({
  error: { code, message: { lang: 'en', value: message } },
});

const SAP_LINES: readonly Line[] = [
  [
    18,
    'with x-csrf-token: Required',
    { status: 403, headers: { 'x-csrf-token': 'Required' } },
    is('csrf'),
    'denied',
  ],
  [18, 'says CSRF', { status: 403, body: 'CSRF token validation failed' }, is('csrf'), 'denied'],
  [19, '', { status: 403 }, is('forbidden'), 'denied'],
  ...['MC/601', 'VL/045', 'CO/469'].map((code): Line => [
    41,
    code,
    { status: 400, body: v2('Gesperrt', code) },
    is('transient', 'RECORD_LOCKED'),
    WAITS,
  ]),
  ...[400, 409, 423].map((status): Line => [
    41,
    'says locked',
    { status, body: v2('Sales order 4711 is locked by MILLER', 'X/1') },
    is('transient', 'RECORD_LOCKED'),
    WAITS,
  ]),
  [
    41,
    'MC/601 after a failure',
    { status: 500, body: v2('Gesperrt', 'MC/601') },
    maybe('transient', 'RECORD_LOCKED'),
    DOUBT,
  ],
  [
    41,
    'says locked after a failure',
    { status: 500, body: v2('Sales order 4711 is locked by MILLER', 'X/1') },
    maybe('transient', 'RECORD_LOCKED'),
    DOUBT,
  ],
  [
    41,
    'says being processed',
    { status: 400, body: v2('Order 4711 is currently being processed by MILLER', 'X/1') },
    is('transient', 'RECORD_LOCKED'),
    WAITS,
  ],
  [35, 'to MERGE', { status: 412 }, is('version-conflict'), OUTDATED, 'merge'],
  [
    35,
    'in a parallel session',
    { status: 412, body: v2('Data has been changed in a parallel session', 'X/1') },
    is('version-conflict'),
    OUTDATED,
  ],
  [
    43,
    'although a version was sent',
    { status: 428 },
    is('unsupported', 'PRECONDITION_LOST'),
    'unsupported',
  ],
];

const ODATA_LINES: readonly Line[] = [
  [
    4,
    'an error, although the status is one of success',
    { status: 200, body: says('Backend not reachable') },
    maybe('unverified', 'FAILURE_REPORTED'),
    REPORTED,
  ],
  [
    1,
    'a record with a field that an error would have',
    { status: 200, body: { '@odata.etag': '"v2"', status: 'Done', success: false } },
    is('success'),
    'updated',
  ],
  [
    20,
    'an entity set that is not there',
    { status: 404, body: says('Invalid resource path "Order"') },
    is('unsupported', 'COLLECTION_UNKNOWN'),
    'unsupported',
  ],
  [
    20,
    'an action that is not there',
    { status: 404, body: says('Invalid resource path "Example.SetStatus"') },
    is('unsupported', 'ACTION_UNKNOWN'),
    'unsupported',
    'action',
  ],
  [
    45,
    'too many in one batch',
    { status: 429, body: says('Batch request limit exceeded', 'BATCH_TOO_MANY_REQ') },
    is('unsupported', 'BATCH_TOO_LARGE'),
    'unsupported',
  ],
  [47, '', { status: 429 }, is('throttled'), WAITS],
  [35, '', { status: 412 }, is('version-conflict'), OUTDATED],
  [44, '', { status: 428 }, is('precondition-required'), NEVER_SENT, 'bare'],
];

export const ODATA_CASES: readonly TableCase[] = [
  ...linesOf('finance-operations', FINANCE_LINES),
  ...linesOf('finance-operations', CROSS_COMPANY_OFF, { crossCompany: false }),
  ...linesOf('sap-gateway', SAP_LINES),
  ...linesOf('odata', ODATA_LINES),
];
