import type { Row } from '../outcome/row';
import { unknownAddressRows } from './odata-rows';

const ERRORS: Row['statusRange'] = [400, 599];

/** Decision rows of Dataverse (docs/decision-table.md). The code table of Microsoft is authoritative. */
export const DATAVERSE_ROWS: readonly Row[] = [
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
