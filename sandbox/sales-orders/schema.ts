import { userId } from '../ids';
import type { Schema } from '../records/field-types';
import type { Versioning } from '../records/store';

export const ORDER_STATUSES = ['New', 'Processing', 'Shipped', 'Delivered', 'Cancelled'] as const;

/** The entity type, as messages name it. */
export const SALES_ORDER_TYPE = 'Microsoft.Dynamics.CRM.salesorder';

/** The attributes of a sales order, by logical name. */
export const SALES_ORDER_SCHEMA: Schema = {
  salesorderid: { type: 'guid', readOnly: true },
  ordernumber: { type: 'text' },
  name: { type: 'text' },
  orderstatus: { type: 'option', options: ORDER_STATUSES },
  shippingmethodcode: { type: 'option', options: [1, 2, 3, 4, 5, 6, 7] },
  requestdeliveryby: { type: 'date' },
  datefulfilled: { type: 'date-time' },
  totalamount: { type: 'decimal', precision: 2 },
  freightamount: { type: 'decimal', precision: 2 },
  shipto_latitude: { type: 'decimal', precision: 5 },
  description: { type: 'text' },
  _pricelevelid_value: { type: 'guid' },
  warehousestatus: {
    type: 'option',
    options: ['Pending', 'Allocated', 'Picked', 'Packed'],
    background: true,
  },
  pricingstatus: {
    type: 'option',
    options: ['Pending', 'Calculated', 'Approved'],
    background: true,
  },
  taxstatus: { type: 'option', options: ['Pending', 'Calculated', 'Exempt'], background: true },
  modifiedon: { type: 'date-time', readOnly: true },
  _modifiedby_value: { type: 'guid', readOnly: true },
  versionnumber: { type: 'integer', readOnly: true },
};

/** What a new sales order holds where nothing else is given. */
export const SALES_ORDER_DEFAULTS = {
  orderstatus: 'New',
  shippingmethodcode: 1,
  warehousestatus: 'Pending',
  pricingstatus: 'Pending',
  taxstatus: 'Pending',
} as const;

/** Version of the first record; seeded order SO-2025-0145 thereby starts at `W/"468026"`. */
const FIRST_ROW_VERSION = 467_882;

/** Weak ETags from one counter for the whole database, as SQL Server's rowversion. */
export function rowVersions(): Versioning {
  let next = FIRST_ROW_VERSION;
  const take = (): number => next++;
  return {
    first: take,
    next: take,
    etag: version => `W/"${String(version)}"`,
    stamp: ({ values, version }, at, writer) => {
      values.versionnumber = version;
      values.modifiedon = at;
      values._modifiedby_value = userId(writer);
    },
  };
}
