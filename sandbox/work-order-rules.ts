import type { Fields } from './field-types';
import type { OperatorRules } from './interference';
import { NEXT_STATUSES, REWORK_FIELDS } from './work-order-schema';
import type { WorkOrderStatus } from './work-order-schema';

/** Whether the state machine lets a work order go from one status to the other; staying is allowed. */
export function mayBecome(from: unknown, to: unknown): boolean {
  return from === to || nextStatuses(from).some(status => status === to);
}

/** The rework fields that are still empty although the work order is to go to Rework. */
export function missingForRework(before: Fields, after: Fields): readonly string[] {
  if (after.status !== 'Rework' || before.status === 'Rework') return [];
  return REWORK_FIELDS.filter(name => (after[name] ?? '') === '');
}

/** Operators keep to the state machine, and leave Rework to people who fill in its form. */
export const WORK_ORDER_OPERATORS: OperatorRules = {
  choices: (name, values) =>
    name === 'status'
      ? nextStatuses(values.status).filter(status => status !== 'Rework')
      : undefined,
};

function nextStatuses(status: unknown): readonly string[] {
  return typeof status === 'string' && isStatus(status) ? NEXT_STATUSES[status] : [];
}

function isStatus(text: string): text is WorkOrderStatus {
  return Object.hasOwn(NEXT_STATUSES, text);
}
