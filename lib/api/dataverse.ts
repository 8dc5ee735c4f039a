import type { FieldType } from '../record/canonical';
import type { ApiFamily } from './family';
import { DATAVERSE_ROWS } from './dataverse-rows';
import { createODataFamily } from './odata-family';
import { boundLookup, isBind, ODATA_V4 } from './odata-formats';
import { PLAIN_ODATA } from './odata-profile';

/** The Dataverse Web API: sales orders and every other table, addressed by entity set name. */
export function createDataverse(): ApiFamily {
  return createODataFamily({
    ...PLAIN_ODATA,
    id: 'dataverse',
    label: 'Dataverse',
    methods: ['PATCH'],
    takesActions: true,
    practicePath: '/api/data/v9.0',
    noVersionFix:
      'Switch on optimistic concurrency for this table in Dataverse (IsOptimisticConcurrencyEnabled).',
    rows: DATAVERSE_ROWS,
    sendsOnlyDifferences: true,
    format: ODATA_V4,
    // The plain answer is a 204 without ETag.
    answersWith: 'changed fields',
    keyField: primaryKeyOf,
    readName,
    fieldType,
  });
}

/** Tables that share the primary key of the activities. */
const ACTIVITIES = ['tasks', 'emails', 'appointments', 'phonecalls', 'letters', 'faxes'];

/** The primary key is named after the table, so that `(guid)` and `(salesorderid=guid)` are one record. */
function primaryKeyOf(collection: string): string {
  if (ACTIVITIES.includes(collection)) return 'activityid';
  const table = collection
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch|sh)es$/, '$1')
    .replace(/s$/, '');
  return `${table}id`;
}

/** Lookups are written as `Lookup@odata.bind` and read as `_lookup_value`, always in lower case. */
function readName(field: string): string {
  return isBind(field) ? `_${lookupColumn(boundLookup(field)).toLowerCase()}_value` : field;
}

/** A customer column takes two tables and has one name to write for each, but one name to read. */
function lookupColumn(name: string): string {
  return name.replace(/^((?:parent)?customerid)_(?:account|contact)$/i, '$1');
}

function fieldType(field: string): FieldType | undefined {
  return isBind(field) ? { type: 'lookup' } : undefined;
}
