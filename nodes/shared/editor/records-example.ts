import type { FamilyId } from '../../../lib/api/family-ids';

const EXAMPLES: Readonly<Record<FamilyId, string>> = {
  dataverse: 'salesorders',
  'finance-operations': 'SalesOrderHeadersV2',
  'sap-gateway': 'A_SalesOrder',
  odata: 'Orders',
  'sap-cx': 'assignments',
  apriso: 'work-orders',
  couchdb: 'work-centers',
  rest: 'work-orders',
};

/** What Records may be at an API family; of Dataverse where no endpoint is chosen yet. */
export function recordsExample(family: FamilyId = 'dataverse'): string {
  return EXAMPLES[family];
}
