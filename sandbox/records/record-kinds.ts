/** Each with an API of its own. */
export const RECORD_KINDS = [
  'orders',
  'workOrders',
  'financeOrders',
  'financeLines',
  'sapOrders',
  'territories',
  'documents',
  'shifts',
] as const;

export type RecordKind = (typeof RECORD_KINDS)[number];

/** Something for every kind. */
export function forEachKind<T>(make: (kind: RecordKind) => T): Readonly<Record<RecordKind, T>> {
  return Object.fromEntries(RECORD_KINDS.map(kind => [kind, make(kind)])) as Record<RecordKind, T>;
}
