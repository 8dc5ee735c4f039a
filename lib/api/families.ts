import { InputError } from '../errors';
import { cachedReads } from './cache';
import type { ApiFamily } from './family';
import { FAMILY_IDS, type FamilyId } from './family-ids';
import { createDataverse } from './odata/dataverse';
import { createFinanceOperations } from './odata/finance-operations';
import { createOData } from './odata/odata';
import { createSapGateway } from './odata/sap-gateway';
import { withNoted } from './noted';
import { withQuery } from './query';
import { withRetryText } from './retry-text';
import { createApriso } from './rest/apriso';
import { createCouchDb } from './rest/couchdb';
import { parametersOf } from './rest/exchange-check';
import { createRest } from './rest/rest';
import { createSapCx } from './rest/sap-cx';
import type { ApiSettings } from './settings';
import { withUnmodifiedSince } from './unmodified-since';

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

/** A service behind a gateway of its kind may differ from what is usual there. */
function withCsrfToken(family: ApiFamily, { csrfToken }: ApiSettings): ApiFamily {
  return csrfToken === 'family' ? family : { ...family, needsCsrfToken: csrfToken === 'fetch' };
}

/**
 * The family with this id, set up as the endpoint says.
 * Throws InputError `FAMILY_UNKNOWN`, `QUERY_INVALID` or what the family says of its settings.
 */
export function createFamily(id: string, settings: ApiSettings): ApiFamily {
  const known = FAMILY_IDS.find(familyId => familyId === id);
  if (known !== undefined) {
    const csrf = withCsrfToken(CREATE[known](settings), settings);
    const family = withRetryText(csrf, settings.retryText);
    const own = known === 'rest' ? parametersOf(settings) : undefined;
    const queried = withQuery(family, settings.query, own);
    const whole = withUnmodifiedSince(queried, settings);
    return withNoted({ cachedReads: cachedReads(), ...whole }, settings);
  }
  throw new InputError(
    'FAMILY_UNKNOWN',
    `The endpoint names the unknown API family "${id}". Choose one of ${FAMILY_IDS.join(', ')}.`,
  );
}
