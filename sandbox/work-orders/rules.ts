import type { OperatorRules } from '../people/interference';
import type { TerminalRules } from '../people/terminals';
import { pick } from '../random';
import type { Fields } from '../records/field-types';
import { NEXT_STATUSES, REWORK_FIELDS } from './schema';
import type { WorkOrderStatus } from './schema';

/** Whether the state machine lets a work order go from one status to the other; staying is allowed. */
export function mayBecome(from: unknown, to: unknown): boolean {
  return from === to || nextStatuses(from).some(status => status === to);
}

/** The rework fields that are still empty although the work order is to go to Rework. */
export function missingForRework(before: Fields, after: Fields): readonly string[] {
  if (after.status !== 'Rework' || before.status === 'Rework') return [];
  return REWORK_FIELDS.filter(name => (after[name] ?? '') === '');
}

/** Fields that no terminal offers. */
const NOT_OFFERED = ['statusSince', 'lastEventId'];

/** Operators keep to the state machine, and leave Rework to people who fill in its form. */
export const WORK_ORDER_OPERATORS: OperatorRules = {
  choices: (name, values) => {
    if (name === 'status') return statusesOffered(values.status);
    return NOT_OFFERED.includes(name) ? [] : undefined;
  },
};

/** At a terminal, operators may change the status. */
export const WORK_ORDER_TERMINALS: TerminalRules = {
  opened: (operator, at) => ({ openedBy: operator, openedAt: at }),
  closed: { openedBy: null, openedAt: null },
  change: ({ status }, random) => {
    const next = pick(statusesOffered(status), random);
    return next === undefined ? undefined : { status: next };
  },
};

/**
 * `statusSince` follows the status: unless a change says since when, it is the time of the change. It
 * is never emptied, neither by a PUT that leaves it out.
 */
export function statusSince(before: Fields, fields: Fields, at: string): Fields {
  const given = fields.statusSince ?? null;
  if (given !== null) return {};
  const { status = before.status } = fields;
  if (status !== before.status) return { statusSince: at };
  return 'statusSince' in fields ? { statusSince: before.statusSince } : {};
}

function statusesOffered(status: unknown): readonly string[] {
  return nextStatuses(status).filter(next => next !== 'Rework');
}

function nextStatuses(status: unknown): readonly string[] {
  return typeof status === 'string' && isStatus(status) ? NEXT_STATUSES[status] : [];
}

function isStatus(text: string): text is WorkOrderStatus {
  return Object.hasOwn(NEXT_STATUSES, text);
}
