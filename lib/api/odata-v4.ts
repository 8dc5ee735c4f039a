import type { ApiFamily } from './family';
import { createODataFamily } from './odata-family';
import { ODATA_V4 } from './odata-formats';
import { PLAIN_ODATA } from './odata-profile';
import { ODATA_ROWS } from './odata-rows';

/** Any OData V4 service, for example one built with SAP CAP. */
export function createOData(): ApiFamily {
  return createODataFamily({
    ...PLAIN_ODATA,
    id: 'odata',
    label: 'This OData service',
    methods: ['PATCH', 'PUT'],
    takesActions: true,
    practicePath: '/api/data/v9.0',
    noVersionFix:
      'Have the service name an ETag for this entity, in SAP CAP with @odata.etag on one of its fields.',
    rows: ODATA_ROWS,
    // Even a write that changes nothing makes a new version, and handlers see every field that is sent.
    sendsOnlyDifferences: true,
    format: ODATA_V4,
    answersWith: 'changed fields',
  });
}
