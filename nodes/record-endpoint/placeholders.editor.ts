import type { FamilyId } from '../../lib/api/family-ids';
import { field, fieldValue } from '../shared/editor/dialog';
import { recordsExample } from '../shared/editor/records-example';

/** What a base URL of each family looks like. */
const BASE_URLS: Readonly<Record<FamilyId, string>> = {
  dataverse: 'https://contoso.crm.dynamics.com/api/data/v9.2',
  'finance-operations': 'https://contoso.operations.dynamics.com/data',
  'sap-gateway': 'https://sap.example.com/sap/opu/odata/sap/API_SALES_ORDER_SRV',
  odata: 'https://cap.example.com/odata/v4/orders',
  'sap-cx': 'https://cx.example.com/territory-api/v1',
  apriso: 'https://mes.example.com/api',
  couchdb: 'https://couch.example.com',
  rest: 'https://api.example.com/v1',
};

/** Keeps the examples in the empty fields in step with the API family. */
export function preparePlaceholders(): void {
  const family = field('node-config-input', 'family');
  const show = (): void => {
    const id = fieldValue(family) as FamilyId;
    field('node-config-input', 'baseUrl').attr('placeholder', BASE_URLS[id]);
    $('#record-endpoint-test-collection').attr('placeholder', recordsExample(id));
  };
  family.on('change', show);
  show();
}
