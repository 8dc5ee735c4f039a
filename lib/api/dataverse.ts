import { InputError } from '../errors';
import { apiErrorOf } from '../outcome/api-error';
import type { FieldType } from '../record/compare';
import type { ApiFamily, WritePlan } from './family';
import { DATAVERSE_ROWS } from './dataverse-rows';
import {
  boundLookup,
  isBind,
  locateOData,
  ODATA_HEADERS,
  odataChanges,
  odataValuesOf,
  odataVersionOf,
  withSelect,
} from './odata';
import { ifMatch, sentWith } from './precondition';

/** The Dataverse Web API: sales orders and every other table, addressed by entity set name. */
export function createDataverse(): ApiFamily {
  return {
    id: 'dataverse',
    label: 'Dataverse',
    methods: ['PATCH'],
    canForce: true,
    practicePath: '/api/data/v9.0',
    rows: DATAVERSE_ROWS,
    sendsOnlyDifferences: true,
    missingMeansNull: false,
    locate: (baseUrl, collection, key) =>
      locateOData(baseUrl, collection, key, primaryKeyOf(collection)),
    keyField: primaryKeyOf,
    readRequest: (ref, fields = []) => ({
      method: 'GET',
      url: withSelect(ref.url, fields.map(readName)),
      headers: { ...ODATA_HEADERS, 'Cache-Control': 'no-cache' },
    }),
    writeRequest,
    sent: sentWith,
    versionOf: odataVersionOf,
    valuesOf: odataValuesOf,
    errorOf: apiErrorOf,
    readName,
    fieldType,
    cleanChanges: odataChanges,
  };
}

/**
 * Without If-Match Dataverse would create a missing record. The representation brings the new
 * version, which a plain 204 does not, and so saves the next update a read.
 */
function writeRequest({
  ref,
  method,
  changes,
  precondition,
}: WritePlan): ReturnType<ApiFamily['writeRequest']> {
  if (method !== 'PATCH') {
    throw new InputError('METHOD_UNSUPPORTED', `Dataverse does not take ${method}. Use PATCH.`);
  }
  const body = odataChanges(changes);
  return {
    method,
    url: withSelect(ref.url, Object.keys(body).map(readName)),
    headers: {
      ...ODATA_HEADERS,
      'Content-Type': 'application/json',
      'If-Match': ifMatch(precondition),
      Prefer: 'return=representation',
    },
    body: JSON.stringify(body),
  };
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
