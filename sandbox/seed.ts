import { orderId, orderNumber, workOrderId } from './ids';
import type { RecordApi } from './record-api';

const CUSTOMERS = ['Adler Pumps', 'Borealis Foods', 'Cobalt Tools', 'Delta Rail', 'Elm Furniture'];
const CENTERS = ['ASSY-01', 'ASSY-02', 'MILL-03', 'PACK-04'];
/** Most work orders are in progress, as on a shop floor in the middle of a shift. */
const STATUSES = ['In Progress', 'In Progress', 'In Progress', 'Released', 'On Hold'];

/** Adds the first `count` sales orders. The same in every run. */
export function seedSalesOrders(api: RecordApi, count: number): void {
  for (let n = 1; n <= count; n += 1) {
    const fields = {
      salesorderid: orderId(n),
      ordernumber: orderNumber(n),
      name: `${at(CUSTOMERS, n)}, order ${String(n)}`,
      shippingmethodcode: (n % 7) + 1,
      requestdeliveryby: new Date(Date.UTC(2025, 1, 1 + (n % 28))).toISOString().slice(0, 10),
      totalamount: 1000 + n * 12.5,
      freightamount: 40 + n / 4,
      shipto_latitude: 47.5 + n / 1000,
    };
    api.put(fields, 'seed');
  }
}

/** Adds the first `count` work orders; WO-12345 is in progress at version 7. The same in every run. */
export function seedWorkOrders(api: RecordApi, count: number): void {
  for (let n = 1; n <= count; n += 1) {
    const fields = {
      workOrderId: workOrderId(n),
      status: at(STATUSES, n),
      productCode: `P-${String(1000 + (n % 40))}`,
      workCenter: at(CENTERS, n),
      quantityCompleted: n % 100,
      scheduledStart: new Date(Date.UTC(2025, 1, 3, n % 24)).toISOString(),
      version: (n % 13) + 1,
    };
    api.put(fields, 'seed');
  }
}

function at<T>(items: readonly T[], n: number): T | undefined {
  return items[n % items.length];
}
