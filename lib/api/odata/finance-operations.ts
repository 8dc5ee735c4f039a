import { InputError } from '../../errors';
import type { Row } from '../../outcome/row';
import { isFields, type RecordKey } from '../../record/fields';
import type { ApiFamily } from '../family';
import type { ApiSettings } from '../settings';
import { createODataFamily, PLAIN_ODATA, unknownAddressRows } from './odata';
import { ODATA_V4 } from './odata-format';

/** Dynamics 365 Finance & Operations: the data entities below `/data`, addressed by company and key. */
export function createFinanceOperations(settings: ApiSettings): ApiFamily {
  return createODataFamily({
    ...PLAIN_ODATA,
    id: 'finance-operations',
    label: 'Finance & Operations',
    methods: ['PATCH'],
    takesActions: true,
    noVersionFix:
      'This entity of Finance & Operations delivers no ETag. Use its newer version, for sales orders SalesOrderHeadersV2, or have optimistic concurrency (OccEnabled) switched on for the tables behind it.',
    rows: financeOperationsRows(settings),
    sendsOnlyDifferences: true,
    format: ODATA_V4,
    // Needed on writes as on reads: the record of another company is not found otherwise.
    options: settings.crossCompany ? ['cross-company=true'] : [],
    // It answers 204, and query options of its own kind on a write are not documented.
    answersWith: 'nothing',
    // The database below knows no null for most types.
    blankIsNull: true,
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

/** Decision rows of Dynamics 365 Finance & Operations (docs/decision-table.md). */
function financeOperationsRows({ crossCompany }: ApiSettings): readonly Row[] {
  return crossCompany ? ROWS : [...ROWS, CROSS_COMPANY_OFF];
}

const ROWS: readonly Row[] = [
  {
    row: 13, // the concurrency check of the application itself; the status does not tell it
    status: [400, 500],
    text: /another user process deleting the record or changing one or more fields/i,
    class: 'version-conflict',
  },
  ...unknownAddressRows(
    /resource not found for the segment|no http resource was found/i,
    'Finance & Operations does not know this entity, or not by such a key. Check Records (the public collection name, for example SalesOrderHeadersV2) and that the key names every key field.',
  ),
];

/** Without cross-company a record of another company looks like one that is gone. */
const CROSS_COMPANY_OFF: Row = {
  row: 20,
  status: [404],
  class: 'unsupported',
  code: 'CROSS_COMPANY_OFF',
  fix: 'Only records of the default company of this user can be found. Switch on "Records of all companies (cross-company)" in the endpoint; if the record is still not found, it does not exist.',
};
