import { InputError } from '../errors';
import { isFields, type RecordKey } from '../record/fields';
import type { ApiFamily } from './family';
import { financeOperationsRows } from './finance-operations-rows';
import { createODataFamily } from './odata-family';
import { ODATA_V4 } from './odata-formats';
import { PLAIN_ODATA } from './odata-profile';
import type { ApiSettings } from './settings';

/** Dynamics 365 Finance & Operations: the data entities below `/data`, addressed by company and key. */
export function createFinanceOperations(settings: ApiSettings): ApiFamily {
  return createODataFamily({
    ...PLAIN_ODATA,
    id: 'finance-operations',
    label: 'Finance & Operations',
    methods: ['PATCH'],
    takesActions: true,
    practicePath: '/data',
    noVersionFix:
      'This entity of Finance & Operations delivers no ETag. Use its newer version, for sales orders SalesOrderHeadersV2, or have optimistic concurrency (OccEnabled) switched on for the tables behind it.',
    rows: financeOperationsRows(settings),
    sendsOnlyDifferences: true,
    format: ODATA_V4,
    // Needed on writes as on reads: the record of another company is not found otherwise.
    options: settings.crossCompany ? ['cross-company=true'] : [],
    // It answers 204, and query options of its own kind on a write are not documented.
    answersWith: 'nothing',
    canonicalKey,
  });
}

/**
 * Company ids are compared without case and answered in lower case, and named key fields may come in any order: one
 * spelling for all keeps a record from having two addresses, and so two locks.
 */
function canonicalKey(key: RecordKey): RecordKey {
  const given: unknown = key;
  const { dataAreaId, ...rest } = isFields(given) ? given : {};
  const others = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  if (typeof dataAreaId !== 'string' || others.length === 0) throw incomplete();
  return Object.fromEntries([['dataAreaId', dataAreaId.toLowerCase()], ...others]) as RecordKey;
}

function incomplete(): InputError {
  return new InputError(
    'KEY_INVALID',
    'The record key is not usable: Finance & Operations wants an object with the company as text in dataAreaId and every other key field, for example {"dataAreaId": "USMF", "SalesOrderNumber": "SO-2025-0145"}.',
  );
}
