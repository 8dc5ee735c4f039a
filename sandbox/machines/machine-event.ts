import type { WorkOrderStatus } from '../work-order-schema';

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
