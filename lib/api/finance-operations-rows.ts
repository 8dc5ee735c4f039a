import type { Row } from '../outcome/row';
import { unknownAddressRows } from './odata-rows';
import type { ApiSettings } from './settings';

/** Decision rows of Dynamics 365 Finance & Operations (docs/decision-table.md). */
export function financeOperationsRows({ crossCompany }: ApiSettings): readonly Row[] {
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
