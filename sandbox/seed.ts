import {
  assignmentId,
  financeNumber,
  lotId,
  orderId,
  orderNumber,
  sapOrderId,
  shiftName,
  workCenterId,
  workOrderId,
} from './ids';
import type { Fields } from './records/field-types';
import type { RecordKind } from './records/record-kinds';

const CUSTOMERS: readonly [string, ...string[]] = [
  'Adler Pumps',
  'Borealis Foods',
  'Cobalt Tools',
  'Delta Rail',
  'Elm Furniture',
];
const CENTERS: readonly [string, ...string[]] = ['ASSY-01', 'ASSY-02', 'MILL-03', 'PACK-04'];
/** Most work orders are in progress, as on a shop floor in the middle of a shift. */
const STATUSES: readonly [string, ...string[]] = [
  'In Progress',
  'In Progress',
  'In Progress',
  'Released',
  'On Hold',
];

/** The first records of one kind. */
interface Seed {
  /** How many there are unless something else is asked for. */
  readonly count: number;
  /** Of the n-th record, counted from 1. The same in every run. */
  readonly fieldsOf: (n: number) => Fields;
}

export const SEEDS: Readonly<Record<RecordKind, Seed>> = {
  orders: { count: 200, fieldsOf: salesOrder },
  workOrders: { count: 200, fieldsOf: workOrder },
  financeOrders: { count: 50, fieldsOf: financeOrder },
  financeLines: { count: 50, fieldsOf: financeLine },
  sapOrders: { count: 50, fieldsOf: sapOrder },
  territories: { count: 50, fieldsOf: assignment },
  documents: { count: 50, fieldsOf: workCenter },
  shifts: { count: 0, fieldsOf: n => ({ id: shiftName(n) }) },
};

function salesOrder(n: number): Fields {
  return {
    salesorderid: orderId(n),
    ordernumber: orderNumber(n),
    name: `${at(CUSTOMERS, n)}, order ${String(n)}`,
    shippingmethodcode: (n % 7) + 1,
    requestdeliveryby: day(n),
    totalamount: 1000 + n * 12.5,
    freightamount: 40 + n / 4,
    shipto_latitude: 47.5 + n / 1000,
  };
}

/** WO-12345 is in progress at version 7. */
function workOrder(n: number): Fields {
  const start = new Date(Date.UTC(2025, 1, 3, n % 24)).toISOString();
  return {
    workOrderId: workOrderId(n),
    status: at(STATUSES, n),
    productCode: `P-${String(1000 + (n % 40))}`,
    workCenter: at(CENTERS, n),
    quantityCompleted: n % 100,
    scheduledStart: start,
    statusSince: start,
    version: (n % 13) + 1,
  };
}

/** Every tenth record belongs to a company that is not the user's own. */
function company(n: number): string {
  return n % 10 === 0 ? 'DEMF' : 'USMF';
}

function financeOrder(n: number): Fields {
  return {
    dataAreaId: company(n),
    SalesOrderNumber: financeNumber(n),
    DeliveryDate: day(n),
    RequestedShippingDate: day(n),
    CustomerRequisitionNumber: `PO-${String(7000 + n)}`,
    OrderTotalAmount: 1000 + n * 12.5,
  };
}

function financeLine(n: number): Fields {
  return {
    dataAreaId: company(n),
    InventoryLotId: lotId(n),
    SalesOrderNumber: financeNumber(n),
    ItemNumber: `P-${String(1000 + (n % 40))}`,
    OrderedSalesQuantity: (n % 20) + 1,
    SalesPrice: 25 + n / 4,
    LineDescription: `Line of ${financeNumber(n)}`,
    RequestedShippingDate: day(n),
  };
}

function sapOrder(n: number): Fields {
  return {
    SalesOrder: sapOrderId(n),
    SoldToParty: String(10_100_000 + (n % 5)),
    PurchaseOrderByCustomer: `PO-${String(7000 + n)}`,
    RequestedDeliveryDate: day(n),
    TotalNetAmount: 1000 + n * 12.5,
  };
}

function assignment(n: number): Fields {
  return {
    id: assignmentId(n),
    territoryName: `${at(CUSTOMERS, n)} region`,
    salesRepId: `EMP-${String(100 + (n % 12))}`,
    region: at(['EMEA', 'AMER', 'APJ'], n),
    validFrom: '2025-01-01',
    validTo: '2025-12-31',
    quota: 50_000 + n * 250,
  };
}

function workCenter(n: number): Fields {
  return {
    _id: workCenterId(n),
    name: `Work center ${String(n)}`,
    shift: at(['Early', 'Late', 'Night'], n),
    targetRate: 40 + n / 2,
  };
}

/** A day in February 2025. */
function day(n: number): string {
  return new Date(Date.UTC(2025, 1, 1 + (n % 28))).toISOString().slice(0, 10);
}

function at<T>(items: readonly [T, ...T[]], n: number): T {
  return items[n % items.length] ?? items[0];
}
