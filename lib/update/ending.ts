import { describeVerdict, outcomeOfClass } from '../outcome/ending';
import type { Fault } from '../outcome/answer';
import type { ApiError, Verdict } from '../outcome/classify';
import type { Conflict, Outcome, OutcomeError, RetryCause } from '../outcome/outcome';

/** How a run ends, before counters and attempts are added. */
export interface Ending {
  readonly outcome: Outcome;
  readonly verified: boolean;
  readonly cause?: RetryCause;
  readonly error?: OutcomeError;
  readonly conflict?: Conflict;
  /** Wall clock, milliseconds. */
  readonly notBefore?: number;
}

/** An ending that the record itself proved. */
export function proven(outcome: Outcome, extra: Partial<Ending> = {}): Ending {
  return { outcome, verified: true, ...extra };
}

export function failed(outcome: Outcome, error: OutcomeError, extra: Partial<Ending> = {}): Ending {
  return { outcome, verified: false, error, ...extra };
}

/** Where a class ends an update: the outcome that belongs to it. */
export function endOfVerdict(verdict: Verdict, api: ApiError, status: number): Ending {
  return failed(outcomeOfClass(verdict.class), describeVerdict(verdict, api, status));
}

/** A read that brought nothing usable never leaves anything in doubt by itself. */
export function endOfRead(verdict: Verdict, api: ApiError, status: number): Ending {
  const ending = endOfVerdict(verdict, api, status);
  if (verdict.class !== 'unverified') return ending;
  return { ...ending, outcome: verdict.code === 'HTML_ANSWER' ? 'denied' : 'unavailable' };
}

export function endOfFault(fault: Fault): Ending {
  return failed(outcomeOfFault(fault), { message: fault.message, code: fault.code });
}

function outcomeOfFault(fault: Fault): Outcome {
  if (fault.code === 'TOKEN_REFUSED') return 'denied';
  if (fault.code === 'DEADLINE') return 'exhausted';
  return fault.fatal ? 'unsupported' : 'unavailable';
}
