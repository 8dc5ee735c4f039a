import type { FamilyId } from '../../lib/api/family-ids';
import type { PresetPart } from './preset-values';

export { RECIPES } from './recipes';

/** A preset of each family that has one; of the general family there are the recipes. */
export type PresetId = Exclude<FamilyId, 'couchdb' | 'rest'>;

/** What has proven itself in the field, as a start: the dialog lets everybody change every number. */
export const PRESETS: Readonly<Record<PresetId, PresetPart>> = {
  dataverse: fixedWaits({
    conflictRetries: 3,
    waits: '0.5, 1.5, 4',
    parallel: 40, // of the 52 requests that Dataverse takes of one user at a time
    changedBy: '_modifiedby_value',
    changedAt: 'modifiedon',
  }),
  'finance-operations': fixedWaits({ conflictRetries: 3, waits: '1, 2, 4', parallel: 20 }),
  'sap-cx': fixedWaits({
    conflictRetries: 5,
    waits: '2, 4, 8, 16, 32',
    deadline: 120, // the waits alone take up to 62 s
    parallel: 5,
    settlePause: 2, // related assignments follow a few seconds later
    // Where a record has no such field, nothing is told: this API is asked for whole records.
    changedBy: 'modifiedBy',
    changedAt: 'modifiedAt',
  }),
  apriso: fixedWaits({
    conflictRetries: 3,
    waits: '0.5, 1, 2',
    jitter: 'percent',
    jitterPercent: 10,
    parallel: 10,
    changedBy: 'modifiedBy',
    changedAt: 'modifiedAt',
  }),
  // One dialogue work process of the application server per request.
  'sap-gateway': { parallel: 8 },
  odata: {},
};

function fixedWaits(part: PresetPart): PresetPart {
  return { schedule: 'list', firstAtOnce: false, ...part };
}
