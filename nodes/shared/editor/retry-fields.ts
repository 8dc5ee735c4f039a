import type { RetryConfig } from '../retry-config';
import type { Range } from './checks';
import { currentValue } from './dialog';
import type { Validate } from './red';
import type { Translate } from './translate';
import { number, numbers, when } from './validate';

type RetryNode = Pick<RetryConfig, 'schedule' | 'jitter'> & { readonly id: string };
type CheckedName = Exclude<keyof RetryConfig, 'schedule' | 'jitter' | 'firstAtOnce'>;

const DAY = 86_400;
const COUNT: Range = { min: 0, max: 1000, whole: true };
const SECONDS: Range = { min: 0, max: DAY };

/** Validators of the fields of the fragment `retry.html`; what schedule and jitter hide is not checked. */
export function retryValidators<Node extends RetryNode>(
  t: Translate,
): Record<CheckedName, Validate<Node>> {
  const exponential = (node: Node): boolean => currentValue(node, 'schedule') === 'exponential';
  const list = (node: Node): boolean => currentValue(node, 'schedule') === 'list';
  const percent = (node: Node): boolean => currentValue(node, 'jitter') === 'percent';
  return {
    conflictRetries: number(t, 'shared.label.conflict-retries', COUNT),
    transientRetries: number(t, 'shared.label.transient-retries', COUNT),
    deadline: number(t, 'shared.label.deadline', { min: 0.1, max: DAY }),
    timeout: number(t, 'shared.label.timeout', { min: 0.05, max: 600 }),
    base: when(exponential, number(t, 'shared.label.base', { ...SECONDS, blank: true })),
    factor: when(exponential, number(t, 'shared.label.factor', { min: 1, max: 100 })),
    cap: when(exponential, number(t, 'shared.label.cap', SECONDS)),
    waits: when(list, numbers(t, 'shared.label.waits', SECONDS)),
    jitterPercent: when(percent, number(t, 'shared.label.jitter-percent', { min: 0, max: 100 })),
  };
}
