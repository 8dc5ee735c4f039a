import { pick } from '../random';
import type { WorkOrderStatus } from '../work-order-schema';
import type { Signal } from './machine-event';

/** A signal and the status it asks for. */
export interface Move {
  readonly signal: Signal;
  readonly status: WorkOrderStatus;
}

const START: Move = { signal: 'START', status: 'In Progress' };
const HOLD: Move = { signal: 'HOLD', status: 'On Hold' };
const RESUME: Move = { signal: 'RESUME', status: 'In Progress' };
const DEFECT: Move = { signal: 'DEFECT', status: 'Rework' };
const REPAIRED: Move = { signal: 'REPAIRED', status: 'In Progress' };
const DONE: Move = { signal: 'DONE', status: 'Complete' };

type Moves = Readonly<Partial<Record<string, readonly Move[]>>>;

/** What may be signalled in each status as long as more is to come; what stands twice is twice as likely. */
const ON_THE_WAY: Moves = {
  Released: [START],
  'In Progress': [HOLD, HOLD, DEFECT],
  'On Hold': [RESUME],
  Rework: [REPAIRED],
};

const AT_THE_END: Moves = { ...ON_THE_WAY, 'In Progress': [DONE, DONE, HOLD, DEFECT] };

/** Whether a machine works at an order with this status. */
export function isOnMachine(status: string): boolean {
  return Object.hasOwn(ON_THE_WAY, status);
}

/**
 * This many moves through the state machine of work orders, one after the other. `random` gives the
 * n-th choice, in [0, 1). Only the last move may complete the order. None for an order that is on no machine.
 */
export function walk(
  status: string,
  length: number,
  random: (n: number) => number,
): readonly Move[] {
  const moves: Move[] = [];
  for (let n = 0; n < length; n += 1) {
    const choices = n === length - 1 ? AT_THE_END : ON_THE_WAY;
    const move = pick(choices[moves.at(-1)?.status ?? status] ?? [], random(n));
    if (move !== undefined) moves.push(move);
  }
  return moves;
}
