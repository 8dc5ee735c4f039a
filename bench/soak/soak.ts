import type { Conflict, Outcome } from '../../lib/outcome/outcome';
import type { FaultRule } from '../../sandbox/index';
import { orderId } from '../../sandbox/ids';

export interface SoakPlan {
  readonly updates: number;
  /** Updates in progress at one time. */
  readonly workers: number;
  readonly orders: number;
}

/** The soak that a release has to pass. */
export const SOAK_PLAN: SoakPlan = { updates: 2_000, workers: 64, orders: 200 };

/** Decides every interference and every fault of the sandbox. */
export const SOAK_SEED = 20_250_208;

/** What goes wrong while others change the records at peak rates. */
export const SOAK_FAULTS: readonly FaultRule[] = [
  { fault: 'latency', ms: 2, jitterMs: 8 },
  { fault: 'lost-response', on: 'write', rate: 0.02 },
  { fault: 'error-after-commit', on: 'write', rate: 0.01 },
  { fault: 'reset', rate: 0.01 },
  { fault: 'throttled', rate: 0.01 },
  { fault: 'unavailable', rate: 0.02 },
];

/** One update of the soak. */
export interface SoakJob {
  readonly key: string;
  readonly changes: { readonly description: string; readonly shippingmethodcode: number };
}

/** What its sender was told in the end. */
export interface SoakReport {
  readonly job: SoakJob;
  /** `error`: no outcome at all, the message ended at the Catch node. */
  readonly outcome: Outcome | 'error';
  readonly conflict?: Conflict;
}

export type SendJob = (
  job: SoakJob,
) => Promise<{ readonly outcome: Outcome; readonly conflict?: Conflict }>;

/** Sends all updates of a plan, `workers` at a time. Reports come in the order of the jobs. */
export async function runSoak(send: SendJob, plan: SoakPlan): Promise<readonly SoakReport[]> {
  const reports: SoakReport[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < plan.updates) {
      const n = next++;
      reports[n] = await report(send, jobOf(n, plan));
    }
  };
  await Promise.all(Array.from({ length: plan.workers }, worker));
  return reports;
}

/** The marker is written by this job alone, so the record's history tells what became of it. */
function jobOf(n: number, { orders }: SoakPlan): SoakJob {
  return {
    key: orderId((n % orders) + 1),
    changes: { description: `update ${n}`, shippingmethodcode: (n % 7) + 1 },
  };
}

async function report(send: SendJob, job: SoakJob): Promise<SoakReport> {
  try {
    const { outcome, conflict } = await send(job);
    return { job, outcome, ...(conflict === undefined ? {} : { conflict }) };
  } catch {
    return { job, outcome: 'error' };
  }
}
