import { createRetryBudget, type RetryBudget } from '../../lib/retry/budget';
import { numberField, wholeField } from '../shared/number-field';
import type { RecordEndpointConfig } from './config';

/** The endpoint's retry budget, full; undefined where the field is empty. Throws InputError `NUMBER_INVALID`. */
export function retryBudget({
  retryBudget: tokens,
  retryEarned,
}: RecordEndpointConfig): RetryBudget | undefined {
  if (String(tokens).trim() === '') return undefined;
  return createRetryBudget({
    capacity: wholeField(tokens, 'Retry budget', { min: 1, max: 1_000_000 }),
    earned: numberField(retryEarned, 'Earned per answer (%)', { min: 0, max: 100 }) / 100,
  });
}
