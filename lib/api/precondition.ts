import { InputError } from '../errors';
import type { Answer } from '../outcome/answer';
import type { Sent } from '../outcome/row';
import { checkETag } from '../record/version';
import type { WritePlan } from './family';

/**
 * The value of If-Match. No write request can be built without a checked version or an explicit `any`.
 * Throws InputError `VERSION_INVALID`.
 */
export function ifMatch(precondition: WritePlan['precondition']): string {
  return precondition === 'any' ? '*' : checkETag(precondition.version);
}

/** What a write request with this plan carries, for the decision table. Actions go by POST. */
export function sentWith({ method, precondition, action }: WritePlan): Sent {
  return {
    method: action === undefined ? method : 'POST',
    precondition: precondition === 'any' ? 'any' : 'version',
  };
}

/** A value as a version that can be sent back, undefined when it is none: then there is no evidence. */
export function usable(check: (value: unknown) => string, value: unknown): string | undefined {
  try {
    return check(value);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

export function hasSucceeded({ status }: Answer): boolean {
  return status >= 200 && status <= 299;
}
