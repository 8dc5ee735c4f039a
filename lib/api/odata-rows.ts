import type { Row } from '../outcome/row';

/**
 * Row 20: a 404 about the address, not about the record, told by the text of the API. An action is called on a record
 * that was read before, so there it is the action that is unknown.
 */
export function unknownAddressRows(text: RegExp, collectionFix: string): readonly Row[] {
  const unknown: Row = { row: 20, status: [404], text, class: 'unsupported' };
  return [
    {
      ...unknown,
      method: ['POST'],
      code: 'ACTION_UNKNOWN',
      fix: 'The API does not know this action of the record. Check Action: the name with its namespace, as the metadata of the API has it.',
    },
    { ...unknown, code: 'COLLECTION_UNKNOWN', fix: collectionFix },
  ];
}

/**
 * Decision rows of OData V4 services (docs/decision-table.md). SAP CAP answers 412 for a deleted record, too; the
 * re-read tells that.
 */
export const ODATA_ROWS: readonly Row[] = [
  ...unknownAddressRows(
    /invalid resource path/i,
    'The service does not know this entity set. Check Records and the path of the base URL.',
  ),
  {
    row: 45,
    status: [429],
    apiCode: ['BATCH_TOO_MANY_REQ'],
    class: 'unsupported',
    code: 'BATCH_TOO_LARGE',
    fix: 'The service takes fewer requests in one batch. Send smaller batches, or raise cds.odata.batch_limit in the service.',
  },
];
