import type { ComparedAs, RecordField } from './description';

/** Types of OData, V2 to V4. The others are compared exactly. */
const EDM: Readonly<Record<string, ComparedAs>> = {
  'Edm.Decimal': 'decimal',
  'Edm.Double': 'decimal',
  'Edm.Single': 'decimal',
  'Edm.Byte': 'integer',
  'Edm.SByte': 'integer',
  'Edm.Int16': 'integer',
  'Edm.Int32': 'integer',
  'Edm.Int64': 'integer',
  'Edm.Date': 'date',
  'Edm.DateTime': 'date-time',
  'Edm.DateTimeOffset': 'date-time',
  'Edm.Guid': 'guid',
};

/** Types of columns of Dataverse. Choices and states are numbers that name something: exact. */
const DATAVERSE: Readonly<Record<string, ComparedAs>> = {
  BigInt: 'integer',
  DateTime: 'date-time',
  Decimal: 'decimal',
  Double: 'decimal',
  Integer: 'integer',
  Money: 'decimal',
  Uniqueidentifier: 'guid',
  // They are read as `_name_value`, which is the GUID of the other row.
  Customer: 'guid',
  Lookup: 'guid',
  Owner: 'guid',
};

/** How values of a type of OData are compared; undefined: exactly. */
export function comparedAsEdm(type: string): ComparedAs | undefined {
  return Object.hasOwn(EDM, type) ? EDM[type] : undefined;
}

/** How values of a type of Dataverse are compared; undefined: exactly. */
export function comparedAsColumn(type: string): ComparedAs | undefined {
  return Object.hasOwn(DATAVERSE, type) ? DATAVERSE[type] : undefined;
}

/** The fields that are not compared exactly, by name. */
export function comparedTypes(fields: readonly RecordField[]): Record<string, ComparedAs> {
  const typed = fields.flatMap(({ name, comparedAs }) =>
    comparedAs === undefined ? [] : [[name, comparedAs] as const],
  );
  return Object.fromEntries(typed);
}
