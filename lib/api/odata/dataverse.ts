import { InputError } from '../../errors';
import type { Row } from '../../outcome/row';
import { parseGuid, type FieldType } from '../../record/canonical';
import { isFields, type RecordKey } from '../../record/fields';
import { unquoteGuid } from '../../record/key';
import type { ApiFamily } from '../family';
import { createODataFamily, PLAIN_ODATA, unknownAddressRows } from './odata';
import { boundLookup, isBind, ODATA_V4 } from './odata-format';

/** The Dataverse Web API: sales orders and every other table, addressed by entity set name. */
export function createDataverse(): ApiFamily {
  return createODataFamily({
    ...PLAIN_ODATA,
    id: 'dataverse',
    label: 'Dataverse',
    methods: ['PATCH'],
    takesActions: true,
    noVersionFix:
      'Switch on optimistic concurrency for this table in Dataverse (IsOptimisticConcurrencyEnabled).',
    rows: DATAVERSE_ROWS,
    sendsOnlyDifferences: true,
    format: ODATA_V4,
    // The plain answer is a 204 without ETag.
    answersWith: 'asked fields',
    keyField: rememberingLatest(primaryKeyOf),
    readName,
    fieldType,
    canonicalKey,
  });
}

/**
 * Rows go by their GUID, or by an alternate key with the names of its columns. Anything else would only bring the
 * API's own "Error in query syntax". What is missing or no key at all is said in the words of all families.
 */
function canonicalKey(key: RecordKey): RecordKey {
  const given: unknown = key;
  const isAlternate = isFields(given);
  const isGuid = typeof given === 'string' && parseGuid(unquoteGuid(given)) !== undefined;
  if (isAlternate || isGuid || !isNamed(given)) return key;
  throw new InputError(
    'KEY_INVALID',
    'The record key is not usable: Dataverse wants Key to be the GUID of the row, for example "7a1b2c3d-0000-4000-8000-000000000145", or an alternate key as an object with the names of its columns, for example {"ordernumber": "SO-2025-0145"}.',
  );
}

/** Text and numbers that other APIs may take for a key. */
function isNamed(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
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

/** A flow asks for the same table with every message. */
function rememberingLatest(keyOf: (collection: string) => string): (collection: string) => string {
  let collection: string | undefined;
  let key = '';
  return asked => {
    if (asked !== collection) key = keyOf(asked);
    collection = asked;
    return key;
  };
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

const ERRORS: Row['statusRange'] = [400, 599];

/** Decision rows of Dataverse (docs/decision-table.md). The code table of Microsoft is authoritative. */
const DATAVERSE_ROWS: readonly Row[] = [
  {
    row: 9,
    statusRange: ERRORS,
    apiCode: ['0x80060883'], // ConcurrencyVersionNotProvided
    class: 'precondition-required',
  },
  {
    row: 10,
    statusRange: ERRORS,
    apiCode: ['0x8006088D'], // OptimisticConcurrencyNotEnabled
    class: 'unsupported',
    code: 'CONCURRENCY_CONTROL_OFF',
    fix: 'Enable optimistic concurrency on this table in Dataverse (IsOptimisticConcurrencyEnabled).',
  },
  {
    row: 11,
    statusRange: ERRORS,
    apiCode: [
      '0x80048408', // InvalidStateCodeStatusCode
      '0x80040230', // CannotUpdateObjectBecauseItIsInactive
      '0x800404cf', // CaseAlreadyResolved
      '0x80040515', // OpportunityIsAlreadyClosed
      '0x8006074', // CaseStateChangeInvalid, documented with seven digits
    ],
    class: 'state-conflict',
  },
  {
    row: 32,
    statusRange: ERRORS,
    apiCode: ['0x80040237'], // DuplicateRecord
    class: 'duplicate',
  },
  {
    row: 32,
    status: [409, 412],
    text: /matching key values already exists/i,
    class: 'duplicate',
  },
  {
    row: 12,
    statusRange: ERRORS,
    apiCode: ['0x80044150'], // any SQL error: the SQL number tells which
    text: /sql number:\s*2627\b/i,
    class: 'duplicate',
  },
  {
    row: 12,
    statusRange: ERRORS,
    apiCode: ['0x80044150'],
    text: /sql number:\s*1205\b/i,
    class: 'transient',
    ambiguous: true,
  },
  {
    row: 12,
    statusRange: ERRORS,
    apiCode: [
      '0x80044151', // SQL time-out
      '0x80040255', // rolled back
      '0x80071154', // ConcurrentOperationFailure
      '0x80044339', // CouldNotObtainLockOnResource
      '0x80048105', // concurrent cascade
    ],
    class: 'transient',
    ambiguous: true,
  },
  ...unknownAddressRows(
    /resource not found for the segment/i,
    'Dataverse does not know this entity set. Check Records: it is the plural name, for example salesorders.',
  ),
  {
    row: 35,
    statusRange: ERRORS,
    apiCode: ['0x80060882'], // ConcurrencyVersionMismatch
    class: 'version-conflict',
  },
  {
    row: 46,
    statusRange: ERRORS,
    apiCode: ['0x80072326'], // 52 or more requests at a time
    class: 'throttled',
    code: 'TOO_MANY_CONCURRENT',
    fix: 'Send fewer requests at a time with this user.',
  },
  {
    row: 47,
    statusRange: ERRORS,
    apiCode: ['0x80072322', '0x80072321'], // requests and execution time in five minutes
    class: 'throttled',
  },
  {
    row: 48,
    statusRange: ERRORS,
    apiCode: ['0x80040265'], // IsvAborted: a plug-in enforced a business rule
    class: 'validation',
  },
];
