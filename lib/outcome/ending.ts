import type { ApiError, Verdict } from './row';
import type { Outcome, OutcomeError } from './outcome';
import type { ResponseClass } from './response-class';

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
  const said = api.message === undefined ? `HTTP ${status}` : `HTTP ${status}: ${api.message}`;
  return {
    message: verdict.fix === undefined ? said : `${said}. ${verdict.fix}`,
    code: verdict.code ?? verdict.class.toUpperCase().replaceAll('-', '_'),
    ...(api.code === undefined ? {} : { apiCode: api.code }),
  };
}
