import { pick } from '../random';
import type { WorkOrderStatus } from '../work-orders/schema';

/** What a machine says about the work order it runs. Machines never close or cancel one. */
export type Signal = 'START' | 'HOLD' | 'RESUME' | 'DEFECT' | 'REPAIRED' | 'DONE';

/** What a DEFECT tells besides: with `operationId`, all that a work order needs to go to Rework. */
export interface Defect {
  /** For `reworkReasonCode`. */
  readonly reasonCode: string;
  /** For `defectType`. */
  readonly type: string;
  /** For `qualityHoldStatus`. */
  readonly hold: string;
  /** For `reworkInstructions`. */
  readonly instructions: string;
}

/** One delivery of one signal. Deliveries with the same id are the same but for `afterMs`. */
export interface MachineEvent {
  readonly id: string;
  /** ISO 8601: when the machine gave the signal, never after the arrival. */
  readonly at: string;
  /** When it arrives, in milliseconds from the start. */
  readonly afterMs: number;
  readonly machine: string;
  readonly signal: Signal;
  readonly workOrder: string;
  /** The status it asks for. */
  readonly status: WorkOrderStatus;
  /** The operation that runs; for a DEFECT the one that made it. */
  readonly operationId: string;
  /** With DEFECT only. */
  readonly defect?: Defect;
}

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
