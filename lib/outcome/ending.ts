import type { Refusal, RefusalReason, Refused, TransitionGuard } from '../lifecycle/guard';
import type { RetryCause } from '../retry/policy';
import {
  isUnsettled,
  type Conflict,
  type Outcome,
  type OutcomeError,
  type UpdateResult,
} from './outcome';
import type { ResponseClass } from './response-class';
import type { ApiError, Verdict } from './row';

/** docs/safety.md, "Outcomes": every class maps to exactly one outcome. */
const OUTCOME_OF_CLASS: Readonly<Record<ResponseClass, Outcome>> = {
  success: 'updated',
  unverified: 'uncertain',
  'unexpected-create': 'uncertain',
  pending: 'uncertain',
  'version-conflict': 'exhausted', // a noise conflict that outlasted the retries
  undetermined: 'exhausted',
  'state-conflict': 'invalid-state',
  'in-progress': 'uncertain',
  validation: 'rejected',
  duplicate: 'rejected',
  'not-found': 'not-found',
  auth: 'denied',
  forbidden: 'denied',
  csrf: 'denied',
  redirect: 'unsupported',
  'precondition-required': 'unsupported',
  unsupported: 'unsupported',
  throttled: 'exhausted',
  transient: 'unavailable',
};

/**
 * The outcome of an update that ends with an answer of this class. An ambiguous verdict ends as
 * `uncertain` whatever its class; that is for the caller to say.
 */
export function outcomeOfClass(responseClass: ResponseClass): Outcome {
  return OUTCOME_OF_CLASS[responseClass];
}

/** What went wrong, in our words and the API's. */
export function describeVerdict(verdict: Verdict, api: ApiError, status: number): OutcomeError {
  const reason = api.message ?? api.excerpt;
  const said = reason === undefined ? `HTTP ${status}` : `HTTP ${status}: ${reason}`;
  return {
    message: verdict.fix === undefined ? said : `${said.replace(/\.$/, '')}. ${verdict.fix}`,
    code: verdict.code ?? verdict.class.toUpperCase().replaceAll('-', '_'),
    ...(api.code === undefined ? {} : { apiCode: api.code }),
  };
}

/** The parts of an UpdateResult that say why a transition was refused. */
export interface RefusedEnding {
  readonly outcome: Outcome;
  readonly error: OutcomeError;
  readonly refused: Refusal;
  readonly conflict?: Conflict;
}

const OUTCOME_OF: Readonly<Record<RefusalReason, Outcome>> = {
  'invalid-transition': 'invalid-state',
  'unknown-state': 'invalid-state',
  'missing-fields': 'rejected',
  busy: 'busy',
};

/** Somebody else's change stands in the way: a person decides with the diff. */
const WITH_DIFF: readonly string[] = ['STATE_MOVED', 'EVENT_LATE'];

/** How an update ends whose transition is refused. */
export function refusedEnding(guard: TransitionGuard, refused: Refused): RefusedEnding {
  const { refusal, code, message } = refused;
  const ending = {
    outcome: OUTCOME_OF[refusal.reason],
    error: { code, message },
    refused: refusal,
  };
  if (!WITH_DIFF.includes(code)) return ending;
  const field = { name: guard.field, base: guard.from, ours: guard.to, theirs: refusal.from };
  return { ...ending, conflict: { fields: [field] } };
}

/** A wired loop stops trying: `retry` becomes the outcome its cause stands for. Other outcomes stay. */
export function giveUp(result: UpdateResult): UpdateResult {
  if (result.outcome !== 'retry') return result;
  const ended: { -readonly [K in keyof UpdateResult]: UpdateResult[K] } = { ...result };
  ended.outcome = isUnsettled(result.pending) ? 'uncertain' : outcomeOfCause(result.cause);
  const { base, pending } = ended;
  ended.evidence = {
    ...(base === undefined ? {} : { base }),
    ...(pending === undefined ? {} : { pending }),
  };
  delete ended.base;
  delete ended.pending;
  return ended;
}

function outcomeOfCause(cause: RetryCause | undefined): Outcome {
  switch (cause) {
    case 'busy':
      return 'busy';
    case 'transient':
      return 'unavailable';
    default:
      return 'exhausted';
  }
}
