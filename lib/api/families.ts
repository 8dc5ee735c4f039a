import { InputError } from '../errors';
import { createDataverse } from './dataverse';
import type { ApiFamily, RestSettings } from './family';
import { createRest } from './rest';

export const FAMILY_IDS = ['dataverse', 'rest'] as const;
export type FamilyId = (typeof FAMILY_IDS)[number];

const CREATE: Readonly<Record<FamilyId, (settings: RestSettings) => ApiFamily>> = {
  dataverse: createDataverse,
  rest: createRest,
};

/**
 * The family with this id; only the generic one needs settings.
 * Throws InputError `FAMILY_UNKNOWN` or what the family says of its settings.
 */
export function createFamily(id: string, restSettings: RestSettings): ApiFamily {
  const known = FAMILY_IDS.find(familyId => familyId === id);
  if (known !== undefined) return CREATE[known](restSettings);
  throw new InputError(
    'FAMILY_UNKNOWN',
    `The endpoint names the unknown API family "${id}". Choose one of ${FAMILY_IDS.join(', ')}.`,
  );
}
