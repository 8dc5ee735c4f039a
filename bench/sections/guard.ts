import type { Circumstances, TransitionGuard } from '../../lib/lifecycle/guard';
import type { State } from '../../lib/lifecycle/machine';
import { judge } from '../../lib/lifecycle/judge';
import { WORK_ORDERS } from '../../lib/lifecycle/presets';
import { median } from '../support/statistics';
import type { Plan } from './plan';

/** (g) Transitions judged against the table of the work orders. */
export interface GuardFigures {
  /** Evaluations, of which one in three refuses. */
  readonly perSecond: number;
}

/** Evaluations between two looks at the clock. */
const BATCH = 3_000;

const NOW = Date.parse('2025-03-03T14:00:00Z');

const REWORK = {
  reworkReasonCode: 'RC-17',
  defectType: 'scratch',
  qualityHoldStatus: 'hold',
  reworkInstructions: 'polish',
  originalOperationId: 'OP-30',
};

const CASES = [
  transition('In Progress', 'Complete', false),
  transition('In Progress', 'Rework', false, REWORK),
  transition('Released', 'Complete', true),
] as const;

export function measureGuard({ rounds, measureMs, warmUpMs }: Plan): GuardFigures {
  perSecond(warmUpMs);
  const figures = Array.from({ length: rounds }, () => perSecond(measureMs));
  return { perSecond: Math.round(median(figures)) };
}

function perSecond(ms: number): number {
  const startedAt = performance.now();
  let evaluations = 0;
  while (performance.now() - startedAt < ms) {
    for (let n = 0; n < BATCH; n += CASES.length) CASES.forEach(judgeCase);
    evaluations += BATCH;
  }
  return (evaluations * 1000) / (performance.now() - startedAt);
}

interface Case {
  readonly guard: TransitionGuard;
  readonly circumstances: Circumstances;
  readonly isRefused: boolean;
}

function judgeCase({ guard, circumstances, isRefused }: Case): void {
  const refused = judge(guard, circumstances) !== undefined;
  if (refused !== isRefused) throw new Error(`${guard.to} was judged wrong`);
}

/** With everything a guard can look at. */
function transition(from: State, to: State, isRefused: boolean, changes: object = {}): Case {
  return {
    guard: {
      url: '',
      field: 'status',
      from,
      to,
      eventAt: '2025-03-03T13:59:00Z',
      sinceField: 'statusSince',
      machine: WORK_ORDERS,
      open: { rule: 'newer', byField: 'openedBy', atField: 'openedAt', minutes: 15 },
    },
    circumstances: {
      values: {
        status: from,
        statusSince: '2025-03-03T13:00:00Z',
        openedBy: 'operator',
        openedAt: '2025-03-03T13:30:00Z',
      },
      changes: { status: to, ...changes },
      now: NOW,
    },
    isRefused,
  };
}
