import type { Schema } from '../records/field-types';
import type { Versioning } from '../records/store';

export const SERVICE_ROOT = '/sap/opu/odata/sap/API_SALES_ORDER_SRV';
export const ENTITY_TYPE = 'API_SALES_ORDER_SRV.A_SalesOrderType';

/** The properties of A_SalesOrder that the sandbox knows. */
export const SAP_ORDER_SCHEMA: Schema = {
  SalesOrder: { type: 'text', readOnly: true },
  SalesOrderType: { type: 'text', readOnly: true },
  SoldToParty: { type: 'text' },
  PurchaseOrderByCustomer: { type: 'text' },
  RequestedDeliveryDate: { type: 'date' },
  ShippingCondition: { type: 'option', options: ['01', '02', '03'] },
  CustomerPaymentTerms: { type: 'text' },
  DeliveryBlockReason: { type: 'text' },
  TotalNetAmount: { type: 'decimal', precision: 2 },
  TransactionCurrency: { type: 'text', readOnly: true },
  OverallSDProcessStatus: { type: 'option', options: ['A', 'B', 'C'] },
  OverallDeliveryStatus: { type: 'option', options: ['A', 'B', 'C'], background: true },
  TotalCreditCheckStatus: { type: 'option', options: ['A', 'B', 'C', 'D'], background: true },
  PricingDate: { type: 'date', background: true },
  LastChangeDateTime: { type: 'date-time', readOnly: true },
};

/** What a new sales order holds where nothing else is given. */
export const SAP_ORDER_DEFAULTS = {
  SalesOrderType: 'OR',
  PurchaseOrderByCustomer: '',
  ShippingCondition: '01',
  CustomerPaymentTerms: '0001',
  DeliveryBlockReason: '',
  TransactionCurrency: 'EUR',
  OverallSDProcessStatus: 'A',
  OverallDeliveryStatus: 'A',
  TotalCreditCheckStatus: 'A',
  PricingDate: '2025-02-08',
} as const;

/** Microseconds since the epoch; the first record of a sandbox was changed at this time. */
const FIRST_CHANGE = Date.UTC(2025, 1, 8, 10) * 1000;
const SECOND = 1_000_000;

/** Weak ETags from the time of the last change, of which no two are the same. */
export function changeTimes(): Versioning {
  let last = FIRST_CHANGE - SECOND;
  return {
    first: () => (last += SECOND),
    next: () => (last = Math.max(last + 1, Date.now() * 1000)),
    etag: version => `W/"datetimeoffset'${encodeURIComponent(timeText(version))}'"`,
    stamp: ({ values, version }) => {
      values.LastChangeDateTime = new Date(version / 1000).toISOString();
    },
  };
}

/** `2025-02-08T10:00:00.0000000Z`, with a digit for every 100 ns. */
function timeText(micros: number): string {
  const fraction = String(micros % 1000).padStart(3, '0');
  return new Date(micros / 1000).toISOString().replace('Z', `${fraction}0Z`);
}
