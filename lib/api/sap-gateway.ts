import type { ApiFamily } from './family';
import { createODataFamily } from './odata-family';
import { ODATA_V2, ODATA_V4 } from './odata-formats';
import { PLAIN_ODATA } from './odata-profile';
import { SAP_GATEWAY_ROWS } from './sap-gateway-rows';
import type { ApiSettings } from './settings';

/** SAP Gateway and S/4HANA: OData services below `/sap/opu/odata`, of V2 or V4. */
export function createSapGateway({ odataVersion }: ApiSettings): ApiFamily {
  return createODataFamily({
    ...PLAIN_ODATA,
    ...(odataVersion === 'v2' ? V2 : V4),
    id: 'sap-gateway',
    label: `SAP Gateway (OData ${odataVersion.toUpperCase()})`,
    practicePath: '/sap/opu/odata/sap/API_SALES_ORDER_SRV',
    needsCsrfToken: true,
    noVersionFix:
      'Have the service name an ETag for this entity: an ETag property in the model (SEGW) or an etag field in the behavior definition (RAP), usually the time of the last change.',
    rows: SAP_GATEWAY_ROWS,
    // A quantity belongs to its unit and an amount to its currency: the service may need both though one is as before.
    sendsOnlyDifferences: false,
  });
}

/** V2 has function imports, which are not bound to a record, and answers an update with 204. */
const V2 = {
  format: ODATA_V2,
  methods: ['MERGE', 'PATCH', 'PUT'],
  takesActions: false,
  answersWith: 'nothing',
} as const;

/** $select on a write came with OData 4.01 only. */
const V4 = {
  format: ODATA_V4,
  methods: ['PATCH', 'PUT'],
  takesActions: true,
  answersWith: 'record',
} as const;
