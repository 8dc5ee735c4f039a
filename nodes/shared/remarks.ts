import type { UpdateResult } from '../../lib/outcome/outcome';
import { STORE_UNAVAILABLE } from './lease';
import type { TurnReport } from './turn';

/** What only the node knows of an update. */
export function withRemarks<Result extends UpdateResult>(
  result: Result,
  isPractice: boolean,
  { isUnprotected, isUnavailable }: TurnReport,
): Result {
  if (!isPractice && !isUnprotected && !isUnavailable) return result;
  return {
    ...result,
    ...(isPractice ? { practice: true } : {}),
    ...(isUnprotected ? { unlocked: true } : {}),
    ...(isUnavailable ? { error: STORE_UNAVAILABLE } : {}),
  };
}
