import type { RetryCause, RetryPolicy, Schedule } from './policy';

export interface WaitInput {
  /** 1 for the first retry of its kind: noise and transient faults are counted apart. */
  readonly retry: number;
  readonly cause: RetryCause;
  /** Of the latest request. */
  readonly roundTripMs: number;
  /** The wait before the retry before this one, for decorrelated jitter; absent: there was none. */
  readonly previousMs?: number;
  /** What of the time that is left this wait may take where it is stretched, milliseconds; absent: any. */
  readonly shareMs?: number;
  /** What the server asked for. */
  readonly retryAfterMs?: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Whole milliseconds to wait before a retry. Never less than the server asked for. */
export function waitBefore(policy: RetryPolicy, input: WaitInput): number {
  const backoffMs = stretched(policy, backoff(policy, input), input);
  const { retryAfterMs, random } = input;
  if (retryAfterMs === undefined) return Math.round(backoffMs);
  return Math.round(Math.max(backoffMs, retryAfterMs + random() * spread(retryAfterMs)));
}

/** Only what follows a conflict. Time that runs out would leave fewer tries than the wait as it is set. */
function stretched({ stretch = 1 }: RetryPolicy, backoffMs: number, input: WaitInput): number {
  if (input.cause !== 'noise' || stretch === 1) return backoffMs;
  return Math.min(backoffMs * stretch, Math.max(backoffMs, input.shareMs ?? Infinity));
}

function backoff(policy: RetryPolicy, input: WaitInput): number {
  const startsAtOnce = policy.firstAtOnce && input.cause === 'noise';
  const index = input.retry - (startsAtOnce ? 2 : 1);
  return index < 0 ? 0 : jittered(policy, index, input);
}

/** `index` counts the waits from 0, without a first retry that goes at once. */
function jittered(policy: RetryPolicy, index: number, input: WaitInput): number {
  const { jitter, waitFactor = 1 } = policy;
  const waitMs = scheduled(policy.schedule, index, input) * waitFactor;
  const { random } = input;
  switch (jitter.kind) {
    case 'full':
      return waitMs * random();
    case 'equal':
      return waitMs * (0.5 + random() / 2);
    case 'decorrelated':
      return decorrelated(policy, input);
    case 'percent':
      return Math.max(0, waitMs * (1 + ((2 * random() - 1) * jitter.percent) / 100));
    case 'none':
      return waitMs;
  }
}

function scheduled(schedule: Schedule, index: number, input: WaitInput): number {
  if (schedule.kind === 'list') {
    return schedule.waitsMs[index] ?? schedule.waitsMs.at(-1) ?? 0;
  }
  const { factor, capMs } = schedule;
  const firstMs = startOf(schedule, input);
  // Zero times a factor that has grown beyond all numbers would be none.
  return firstMs === 0 ? 0 : Math.min(capMs, firstMs * factor ** index);
}

/** Grows from wait to wait by chance instead of by the schedule, within its bounds. */
function decorrelated({ schedule, waitFactor = 1 }: RetryPolicy, input: WaitInput): number {
  const longestMs = waitFactor * capOf(schedule);
  const firstMs = Math.min(longestMs, waitFactor * startOf(schedule, input));
  const previousMs = Math.max(firstMs, input.previousMs ?? 0);
  return Math.min(longestMs, firstMs + input.random() * (3 * previousMs - firstMs));
}

function capOf(schedule: Schedule): number {
  return schedule.kind === 'list' ? Math.max(0, ...schedule.waitsMs) : schedule.capMs;
}

function startOf(schedule: Schedule, input: WaitInput): number {
  if (schedule.kind === 'list') return schedule.waitsMs[0] ?? 0;
  return schedule.baseMs === 'round-trip' ? nearRoundTrip(input) : schedule.baseMs;
}

/** A conflict is a fast, healthy answer; a fault or a full queue needs more time to go away. */
function nearRoundTrip({ cause, roundTripMs }: WaitInput): number {
  return Math.max(roundTripMs, cause === 'noise' ? 10 : 100);
}

/** So that everybody who was told the same time does not return at the same moment. */
function spread(retryAfterMs: number): number {
  return Math.min(retryAfterMs * 0.1, 250);
}
