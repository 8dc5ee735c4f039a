import type { Rates } from './counts';

/** What an alert looks at. `permanent` is a number of updates, the others are shares. */
export const ALERTS = ['conflict-rate', 'permanent', 'retry-success'] as const;
export type AlertKind = (typeof ALERTS)[number];

export interface AlertRule {
  readonly kind: AlertKind;
  /** Beyond it is too much; of `retry-success`, below it is too little. */
  readonly threshold: number;
  /** What ends an alert: at or beyond the threshold on its good side. */
  readonly clearAt: number;
  /** Updates that ended within so many minutes count; 1 to 60. */
  readonly windowMinutes: number;
  /** How long it has to be beyond the threshold all the time. Milliseconds; 0: at once. */
  readonly forMs: number;
  /** So many have to be counted before a share means something: ended updates, of `retry-success` those tried again. */
  readonly least: number;
}

/** What was measured within the window of a rule. */
export interface Measured {
  /** Undefined: nothing was counted. */
  readonly value: number | undefined;
  /** How many it is of. */
  readonly of: number;
}

export type AlertState =
  | { readonly kind: 'quiet' }
  /** Beyond the threshold since then, and not long enough. Wall clock, milliseconds. */
  | { readonly kind: 'pending'; readonly since: number }
  | { readonly kind: 'raised'; readonly since: number };

export const QUIET: AlertState = { kind: 'quiet' };

export function measured(kind: AlertKind, rates: Rates): Measured {
  switch (kind) {
    case 'conflict-rate':
      return { value: rates.conflictRate, of: rates.updates };
    case 'permanent':
      return { value: rates.permanent, of: rates.updates };
    case 'retry-success':
      return { value: rates.retrySuccess, of: rates.retried };
  }
}

/**
 * The state after a look. It is raised once it has been beyond the threshold at every look for the time of the rule, and
 * ends at the clearing threshold, or when nothing is left that it was about.
 * @param now wall clock, milliseconds since the epoch
 */
export function nextAlert(
  state: AlertState,
  rule: AlertRule,
  seen: Measured,
  now: number,
): AlertState {
  if (state.kind === 'raised') return isCleared(rule, seen) ? QUIET : state;
  if (isTooFew(rule, seen)) return state;
  if (!isBeyond(rule, seen)) return QUIET;
  const since = state.kind === 'pending' ? Math.min(state.since, now) : now;
  return now - since >= rule.forMs ? { kind: 'raised', since } : { kind: 'pending', since };
}

/** They say neither that it is beyond the threshold nor that it is not. */
function isTooFew({ kind, least }: AlertRule, { value, of }: Measured): boolean {
  return kind !== 'permanent' && value !== undefined && of < least;
}

function isBeyond({ kind, threshold }: AlertRule, { value }: Measured): boolean {
  if (value === undefined) return false;
  return kind === 'retry-success' ? value < threshold : value > threshold;
}

function isCleared({ kind, clearAt }: AlertRule, { value }: Measured): boolean {
  if (value === undefined) return true;
  return kind === 'retry-success' ? value >= clearAt : value <= clearAt;
}
