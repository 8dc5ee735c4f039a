import type { Schema } from '../field-types';

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
