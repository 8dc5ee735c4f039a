import type { UpdateResult } from '../../lib/outcome/outcome';
import type { RetryPolicy } from '../../lib/retry/policy';
import { STORE_UNAVAILABLE } from './lease';
import type { TurnReport } from './turn';

/** What only the node knows of an update. */
export function withRemarks<Result extends UpdateResult>(
  result: Result,
  isPractice: boolean,
  { isUnprotected, isUnavailable }: TurnReport,
  { stretch, conflictRetries }: RetryPolicy,
): Result {
  if (!isPractice && !isUnprotected && !isUnavailable && stretch === undefined) return result;
  return {
    ...result,
    ...(isPractice ? { practice: true } : {}),
    ...(isUnprotected ? { unlocked: true } : {}),
    ...(stretch === undefined
      ? {}
      : { adapted: { conflictRetries, waitFactor: twoPlaces(stretch) } }),
    ...(isUnavailable ? { error: STORE_UNAVAILABLE } : {}),
  };
}

function twoPlaces(factor: number): number {
  return Math.round(factor * 100) / 100;
}
