import { FINANCE_LINES, FINANCE_ORDERS } from '../finance/entities';
import type { FinanceEntity } from '../finance/entities';
import type { Field, Schema } from '../records/field-types';
import { SALES_ORDER_SCHEMA } from '../sales-orders/schema';
import { ENTITY_TYPE, SAP_ORDER_SCHEMA } from '../sap/schema';

/** A record set as an API describes it. */
export interface DescribedSet {
  readonly set: string;
  /** Name of the entity type without its namespace; of Dataverse, the logical name of the table. */
  readonly type: string;
  readonly keys: readonly string[];
  readonly schema: Schema;
  readonly hasVersions: boolean;
}

export const SALES_ORDERS: DescribedSet = {
  set: 'salesorders',
  type: 'salesorder',
  keys: ['salesorderid'],
  schema: SALES_ORDER_SCHEMA,
  hasVersions: true,
};

export const SAP_ORDERS: DescribedSet = {
  set: 'A_SalesOrder',
  type: ENTITY_TYPE.slice(ENTITY_TYPE.lastIndexOf('.') + 1),
  keys: ['SalesOrder'],
  schema: SAP_ORDER_SCHEMA,
  hasVersions: true,
};

export const FINANCE_SETS: readonly DescribedSet[] = [FINANCE_ORDERS, FINANCE_LINES].map(ofFinance);

function ofFinance({ entitySet, type, keyField, schema }: FinanceEntity): DescribedSet {
  return {
    set: entitySet,
    type: type.slice(type.lastIndexOf('.') + 1),
    keys: ['dataAreaId', keyField],
    schema,
    // It has versions and does not say so.
    hasVersions: false,
  };
}

/** Fields of each of the others, as many as a table of a business application has about. */
const OTHER_FIELDS = 30;
const KINDS: readonly Field[] = [
  { type: 'text' },
  { type: 'decimal', precision: 2 },
  { type: 'integer' },
  { type: 'date-time' },
  { type: 'date' },
  { type: 'guid' },
];
const AREAS = ['Invoice', 'Shipment', 'Asset', 'Contract', 'Ticket', 'Budget', 'Route', 'Lot'];

/** Those of the tables of Dataverse. */
const STATES: Schema = {
  statecode: { type: 'option', options: [0, 1] },
  statuscode: { type: 'option', options: [1, 2, 690_970_001] },
};

/** Sets that are described and hold no records, for services as large as they are met. */
export function otherSets(count: number): DescribedSet[] {
  return Array.from({ length: count }, (_, index) => {
    const area = AREAS[index % AREAS.length] ?? '';
    const type = `${area}${String(index).padStart(4, '0')}`;
    const fields = Array.from({ length: OTHER_FIELDS }, (_unused, n): [string, Field] => [
      `${area}Field${String(n).padStart(2, '0')}`,
      KINDS[n % KINDS.length] ?? { type: 'text' },
    ]);
    const schema: Schema = { [`${type}Id`]: { type: 'guid', readOnly: true } };
    return {
      set: `${type}Set`,
      type,
      keys: [`${type}Id`],
      schema: { ...schema, ...STATES, ...Object.fromEntries(fields) },
      hasVersions: index % 3 === 0,
    };
  });
}
