import type { FamilyId } from '../../lib/api/family-ids';

/** Where the Practice API speaks each family. */
export const PRACTICE_PATHS: Readonly<Record<FamilyId, string>> = {
  dataverse: '/api/data/v9.0',
  'finance-operations': '/data',
  'sap-gateway': '/sap/opu/odata/sap/API_SALES_ORDER_SRV',
  odata: '/api/data/v9.0',
  'sap-cx': '/territory-api/v1',
  apriso: '/api',
  couchdb: '/couch',
  rest: '/api',
};
