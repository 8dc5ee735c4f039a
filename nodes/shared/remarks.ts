import { DONE_OUTCOMES, type UpdateResult } from '../../lib/outcome/outcome';
import type { RetryPolicy } from '../../lib/retry/policy';
import { STORE_UNAVAILABLE } from './lease';
import type { TurnReport } from './turn';

/** What only the node knows of an update. */
export function withRemarks<Result extends UpdateResult>(
  result: Result,
  isPractice: boolean,
  { isUnprotected, isUnavailable }: TurnReport,
  { policy, node }: { readonly policy: RetryPolicy; readonly node: string },
): Result {
  const { stretch, conflictRetries } = policy;
  const isDone = DONE_OUTCOMES.includes(result.outcome);
  const isPlain = !isPractice && !isUnprotected && !isUnavailable && stretch === undefined;
  if (isDone && isPlain) return result;
  return {
    ...result,
    ...(isPractice ? { practice: true } : {}),
    ...(isUnprotected ? { unlocked: true } : {}),
    ...(stretch === undefined
      ? {}
      : { adapted: { conflictRetries, waitFactor: twoPlaces(stretch) } }),
    ...(isUnavailable ? { error: STORE_UNAVAILABLE } : {}),
    // Whoever does it once more asks that node.
    ...(isDone ? {} : { node }),
  };
}

function twoPlaces(factor: number): number {
  return Math.round(factor * 100) / 100;
}
