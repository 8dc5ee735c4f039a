import { InputError } from '../errors';
import { createApriso } from './apriso';
import { createCouchDb } from './couchdb';
import { createDataverse } from './dataverse';
import { FAMILY_IDS, type FamilyId } from './family-ids';
import { createFinanceOperations } from './finance-operations';
import { createOData } from './odata-v4';
import { createSapCx } from './sap-cx';
import { createSapGateway } from './sap-gateway';
import type { ApiFamily } from './family';
import { createRest } from './rest';
import { cachedReads } from './rest-cache';
import type { ApiSettings } from './settings';
import { withQuery } from './with-query';
import { withUnmodifiedSince } from './with-unmodified-since';

const CREATE: Readonly<Record<FamilyId, (settings: ApiSettings) => ApiFamily>> = {
  dataverse: createDataverse,
  'finance-operations': createFinanceOperations,
  'sap-gateway': createSapGateway,
  odata: createOData,
  'sap-cx': createSapCx,
  apriso: createApriso,
  couchdb: createCouchDb,
  rest: createRest,
};

/**
 * The family with this id, set up as the endpoint says.
 * Throws InputError `FAMILY_UNKNOWN`, `QUERY_INVALID` or what the family says of its settings.
 */
export function createFamily(id: string, settings: ApiSettings): ApiFamily {
  const known = FAMILY_IDS.find(familyId => familyId === id);
  if (known !== undefined) {
    const family = withUnmodifiedSince(
      withQuery(CREATE[known](settings), settings.query),
      settings,
    );
    return { cachedReads: cachedReads(), ...family };
  }
  throw new InputError(
    'FAMILY_UNKNOWN',
    `The endpoint names the unknown API family "${id}". Choose one of ${FAMILY_IDS.join(', ')}.`,
  );
}
