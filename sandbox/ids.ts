import { hashText } from './random';

/** GUID of the n-th seeded sales order, whose number is `orderNumber(n)`. */
export function orderId(n: number): string {
  return `5a1e0000-2025-4000-8000-${String(n).padStart(12, '0')}`;
}

/** Number of the n-th seeded sales order; `SO-2025-0145` for 145. */
export function orderNumber(n: number): string {
  return `SO-2025-${String(n).padStart(4, '0')}`;
}

/** Id of the n-th seeded work order; `WO-12345` for 45. */
export function workOrderId(n: number): string {
  return `WO-${String(12_300 + n)}`;
}

/** GUID of the n-th sales order that was created without naming one. */
export function createdOrderId(n: number): string {
  return `5a1e0000-2026-4000-8000-${String(n).padStart(12, '0')}`;
}

/** Id of the n-th work order that was created without naming one. */
export function createdWorkOrderId(n: number): string {
  return `WO-${String(90_000 + n)}`;
}

/** Number of the n-th seeded order of Finance & Operations; `SO-2025-0145` for 45. */
export function financeNumber(n: number): string {
  return orderNumber(100 + n);
}

/** Lot of the n-th seeded order line of Finance & Operations; `LOT-000145` for 45. */
export function lotId(n: number): string {
  return `LOT-${String(100 + n).padStart(6, '0')}`;
}

/** Number of the n-th seeded order of SAP Gateway. */
export function sapOrderId(n: number): string {
  return String(n);
}

/** Id of the n-th seeded territory assignment; `T001` for 1. */
export function assignmentId(n: number): string {
  return `T${String(n).padStart(3, '0')}`;
}

/** Id of the n-th seeded work center document; `WC-01` for 1. */
export function workCenterId(n: number): string {
  return `WC-${String(n).padStart(2, '0')}`;
}

/** Name of the 1,000 machine events with this seed; `shift-7` for 7. */
export function shiftName(seed: number): string {
  return `shift-${String(seed)}`;
}

/** GUID of a user, by the name. */
export function userId(name: string): string {
  return `5a1e0000-2024-4000-8000-${hashText(name, 0).toString(16).padStart(12, '0')}`;
}
