import { describeVerdict, outcomeOfClass } from '../outcome/ending';
import type { Fault } from '../outcome/answer';
import type { ApiError, Verdict } from '../outcome/row';
import type { Conflict, Outcome, OutcomeError } from '../outcome/outcome';
import type { RetryCause } from '../retry/policy';
import type { Refusal } from '../lifecycle/guard';
import type { Withdrawn, Withheld } from './context';

/** How a run ends, before counters and attempts are added. */
export interface Ending {
  readonly outcome: Outcome;
  readonly verified: boolean;
  readonly cause?: RetryCause;
  readonly error?: OutcomeError;
  readonly conflict?: Conflict;
  readonly refused?: Refusal;
  /** Target fields that were not written, besides those that the conflict rule gave up. */
  readonly kept?: readonly string[];
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

/**
 * One attempt per message: whatever an update would wait for or try again goes back to the flow as `retry`.
 * Undefined where the update resolves by itself.
 */
export function retryOf(
  { mode }: { readonly mode: 'resolve' | 'once' },
  cause: RetryCause,
  ending: Ending,
): Ending | undefined {
  return mode === 'once' ? { ...ending, outcome: 'retry', verified: false, cause } : undefined;
}

/**
 * What an ending is worth while a write is in doubt: unless the record itself told what became of that write, or is
 * gone, or the flow goes on to find out, the update ends as `uncertain`.
 */
export function whileInDoubt(ending: Ending): Ending {
  if (tellsFate(ending)) return ending;
  return { ...ending, outcome: 'uncertain', verified: false };
}

/** Whether an ending settles what became of every write. */
export function tellsFate({ outcome }: Ending): boolean {
  return TELLS_FATE.includes(outcome);
}

/** The record showed no trace of a write that may still be applied. */
export function unlanded(ending: Ending): Ending {
  const { message = 'No answer came.' } = ending.error ?? {};
  if (message.endsWith(UNLANDED)) return ending;
  const error = { code: 'WRITE_IN_DOUBT', ...ending.error, message: `${message} ${UNLANDED}` };
  return { ...ending, error };
}

const UNLANDED =
  'The record was as before to the end, and a write may still be applied. Look at the record before sending the update again.';

const TELLS_FATE: readonly Outcome[] = ['updated', 'already-applied', 'not-found', 'retry'];

/** Where a class ends an update: the outcome that belongs to it. */
export function endOfVerdict(verdict: Verdict, api: ApiError, status: number): Ending {
  return failed(outcomeOfClass(verdict.class), describeVerdict(verdict, api, status));
}

/** A read that brought nothing usable never leaves anything in doubt by itself. */
export function endOfRead(verdict: Verdict, api: ApiError, status: number): Ending {
  const ending = endOfVerdict(verdict, api, status);
  // A read that was accepted brings no record now.
  if (verdict.class === 'pending') return { ...ending, outcome: 'unavailable' };
  if (verdict.class !== 'unverified') return ending;
  return { ...ending, outcome: verdict.code === 'HTML_ANSWER' ? 'denied' : 'unavailable' };
}

/** @param now wall clock, milliseconds since the epoch */
export function endOfFault(fault: Fault, now: number): Ending {
  const { code, message, retryAfterMs } = fault;
  const notBefore = retryAfterMs === undefined ? {} : { notBefore: now + retryAfterMs };
  return failed(outcomeOfFault(fault), { message, code }, notBefore);
}

function outcomeOfFault(fault: Fault): Outcome {
  switch (fault.code) {
    case 'TOKEN_REFUSED':
    case 'CSRF_REFUSED':
      return 'denied';
    case 'DEADLINE':
    case 'QUEUE_TIMEOUT':
    case 'THROTTLED':
      return 'exhausted';
    default:
      return fault.fatal ? 'unsupported' : 'unavailable';
  }
}

/** The next try was not allowed by the retry budget of the endpoint: the rest of the ending is as it would be. */
export function overBudget(ending: Ending): Ending {
  const reason = ending.error?.message ?? 'The API did not take the request';
  return {
    ...ending,
    error: {
      ...ending.error,
      code: 'RETRY_BUDGET',
      message: `${reason}. There are too many retries at this endpoint at present, so it was not tried again. Send the update again later, or allow a larger retry budget in the endpoint.`,
    },
  };
}

/** @param deadlineMs that were given for the update */
export function outOfTime(deadlineMs: number): Ending {
  return failed('exhausted', {
    code: 'DEADLINE',
    message: `The update was not finished within ${deadlineMs / 1000} s. Allow a longer deadline in the endpoint.`,
  });
}

export const HOT_RECORD = 'HOT_RECORD';

/** Others were faster before each of so many writes, in other fields. */
export function hotRecord(writes: number): Ending {
  return failed('exhausted', {
    code: HOT_RECORD,
    message: `Others changed this record before each of ${writes} writes, though none of these fields. Allow more retries or a longer deadline in the endpoint, or have fewer writers touch the record.`,
  });
}

/** The same, where two reads in a row, without a write in between, showed two versions. */
export function unsteady(writes: number): Ending {
  return failed('exhausted', {
    code: HOT_RECORD,
    message: `Each of ${writes} writes met another version than the one just read, though none of these fields differs, and two reads in a row show two versions. Either others write this record all the time: have fewer of them touch it, or allow more retries. Or the API makes a new version for every answer: read it twice with etag-fetch while nobody writes, and if it differs, set Version from to another place in the endpoint of a generic REST API.`,
  });
}

/** A write was accepted for later, and what it wants is there: of a count, that may be the work of somebody else. */
export const SAME_IN_DOUBT = failed('uncertain', {
  code: 'WRITE_IN_DOUBT',
  message:
    'The API accepted the write for later, and the record shows its values since. Somebody else may have set the same ones, and of a count one of the two changes would be lost. Look at the record; or compute the change from the record, with a "Written-by-us field".',
});

/** The API keeps no version, or does not look at it. */
export const VERSION_UNCHECKED = failed('unsupported', {
  code: 'VERSION_UNCHECKED',
  message:
    'As the endpoint describes it, this API checks no version, so a change by somebody else in the meantime would be overwritten without a word. Nothing was sent. Switch Force on to write nevertheless, or have the endpoint say where the version goes back.',
});

/** An action was not found, but its record is there. */
export function actionMissing({ error }: Ending): Ending {
  return failed('unsupported', {
    ...error,
    code: 'ACTION_NOT_FOUND',
    message: `The record is there, the action is not (${error?.message ?? 'HTTP 404'}). Check Action, the name as the metadata of the API has it, and what its parameters refer to.`,
  });
}

/** Why nothing is tried, or not tried again. */
export type Untried =
  /** It could not begin: no place was free in time, or the API throttles. */
  | { readonly kind: 'no-place'; readonly fault: Fault }
  /** Others kept the record busy, or too many wait for it. */
  | { readonly kind: 'no-turn'; readonly isQueueFull: boolean; readonly waitedMs: number }
  | Withdrawn
  | Withheld;

/** @param now wall clock, milliseconds since the epoch */
export function untried(
  request: Parameters<typeof retryOf>[0],
  event: Untried,
  now: number,
): Ending {
  switch (event.kind) {
    case 'withdrawn':
      return withdrawn(event);
    case 'withheld':
      return withheld(request, event);
    case 'no-turn':
      return orRetry(request, 'busy', noTurn(event));
    case 'no-place':
      return orRetry(request, 'throttled', endOfFault(event.fault, now));
  }
}

function orRetry(
  request: Parameters<typeof retryOf>[0],
  cause: RetryCause,
  ending: Ending,
): Ending {
  return retryOf(request, cause, ending) ?? ending;
}

/** Who has lost its right to the update leaves it to the next one, in a wired loop too. */
function withheld(request: Parameters<typeof retryOf>[0], { failure }: Withheld): Ending {
  if (failure === undefined) return failed('busy', TICKET_LOST);
  const error = {
    code: 'FATE_NOT_STORED',
    message: `The write was not sent, because the store of the update queue, or of the dead letters, could not keep note of it: ${failure} Send the update again once the store can be reached.`,
  };
  return orRetry(request, 'busy', failed('busy', error));
}

const TICKET_LOST = {
  code: 'TICKET_LOST',
  message:
    'The write was not sent: the ticket of the update queue, or the claim of the dead letter, is over, and the update belongs to somebody else now. It took longer than the lease. Allow a longer lease in the update-queue node, or have fewer updates in flight at a time.',
};

function noTurn({ isQueueFull, waitedMs }: Extract<Untried, { readonly kind: 'no-turn' }>): Ending {
  const why = isQueueFull
    ? 'Too many updates of this record are waiting already'
    : `Other updates of this record kept it busy for more than ${Math.round(waitedMs)} ms`;
  return failed('busy', {
    code: 'TURN_NOT_GRANTED',
    message: `${why}. Allow a longer wait, or send fewer updates of one record at once.`,
  });
}

/** Another member of its group is the cause: nothing is wrong with this update itself, and it was not applied. */
export function withdrawn({ outcome, message }: Pick<Withdrawn, 'outcome' | 'message'>): Ending {
  return failed(outcome, {
    code: outcome === 'rolled-back' ? 'ROLLED_BACK' : 'NEVER_RAN',
    message,
  });
}
