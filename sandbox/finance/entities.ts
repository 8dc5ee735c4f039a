import type { Fields, Schema } from '../records/field-types';
import type { Versioning } from '../records/store';

/** One public entity set of Finance & Operations. */
export interface FinanceEntity {
  readonly entitySet: string;
  /** Qualified name of the entity type, for messages. */
  readonly type: string;
  /** The key field beside `dataAreaId`. */
  readonly keyField: string;
  /** Whether records have versions; without, If-Match is ignored. */
  readonly hasETags: boolean;
  readonly schema: Schema;
  readonly defaults: Fields;
}

export const FINANCE_ORDERS: FinanceEntity = {
  entitySet: 'SalesOrderHeadersV2',
  type: 'Microsoft.Dynamics.DataEntities.SalesOrderHeaderV2',
  keyField: 'SalesOrderNumber',
  hasETags: true,
  schema: {
    dataAreaId: { type: 'text', readOnly: true },
    SalesOrderNumber: { type: 'text', readOnly: true },
    SalesId: { type: 'text', readOnly: true },
    SalesStatus: { type: 'option', options: ['Backorder', 'Delivered', 'Invoiced', 'Canceled'] },
    DeliveryDate: { type: 'date' },
    RequestedShippingDate: { type: 'date' },
    DeliveryModeCode: { type: 'text' },
    CustomerRequisitionNumber: { type: 'text' },
    OrderNotes: { type: 'text' },
    OrderTotalAmount: { type: 'decimal', precision: 2 },
    OrderCreditStatus: {
      type: 'option',
      options: ['Pending', 'Approved', 'OnHold'],
      background: true,
    },
    WarehouseReleaseStatus: {
      type: 'option',
      options: ['NotReleased', 'Partial', 'Released'],
      background: true,
    },
    OrderTotalTaxAmount: { type: 'decimal', precision: 2, background: true },
    ModifiedDateTime: { type: 'date-time', readOnly: true },
  },
  defaults: {
    SalesStatus: 'Backorder',
    DeliveryModeCode: 'Truck',
    OrderCreditStatus: 'Pending',
    WarehouseReleaseStatus: 'NotReleased',
    OrderTotalTaxAmount: 0,
  },
};

/** An entity whose data sources keep no versions, as many custom entities. */
export const FINANCE_LINES: FinanceEntity = {
  entitySet: 'SalesOrderLines',
  type: 'Microsoft.Dynamics.DataEntities.SalesOrderLine',
  keyField: 'InventoryLotId',
  hasETags: false,
  schema: {
    dataAreaId: { type: 'text', readOnly: true },
    InventoryLotId: { type: 'text', readOnly: true },
    SalesOrderNumber: { type: 'text', readOnly: true },
    ItemNumber: { type: 'text' },
    OrderedSalesQuantity: { type: 'decimal', precision: 2 },
    SalesPrice: { type: 'decimal', precision: 2 },
    LineDescription: { type: 'text' },
    RequestedShippingDate: { type: 'date' },
    ReservationStatus: {
      type: 'option',
      options: ['None', 'Ordered', 'Physical'],
      background: true,
    },
    ModifiedDateTime: { type: 'date-time', readOnly: true },
  },
  defaults: { OrderedSalesQuantity: 1, SalesPrice: 10, ReservationStatus: 'None' },
};

/** Record id of the first record; seeded order SO-2025-0145 thereby gets 5637144576. */
const FIRST_REC_ID = 5_637_144_532;

/**
 * Weak ETags, base64 of record version and record id. The version is 1 at first and then an arbitrary
 * number that neither grows nor repeats: a linear congruential generator of full period.
 */
export function recVersions(): Versioning {
  return {
    first: () => 1,
    next: previous => (Math.imul(previous, 1_664_525) + 1_013_904_223) & 0x7fff_ffff,
    etag: (version, serial) => {
      const text = `'${String(version)},${String(FIRST_REC_ID + serial)};0`;
      return `W/"${Buffer.from(text).toString('base64')}"`;
    },
    stamp: ({ values }, at) => {
      values.ModifiedDateTime = at;
    },
  };
}
