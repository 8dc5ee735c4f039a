import { isOpen, type Outcome, type UpdateResult } from './outcome';
import type { RetryCause } from '../retry/policy';

/** A wired loop stops trying: `retry` becomes the outcome its cause stands for. Other outcomes stay. */
export function giveUp(result: UpdateResult): UpdateResult {
  if (result.outcome !== 'retry') return result;
  const ended: { -readonly [K in keyof UpdateResult]: UpdateResult[K] } = { ...result };
  ended.outcome = isOpen(result.pending) ? 'uncertain' : outcomeOfCause(result.cause);
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
