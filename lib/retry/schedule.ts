import type { RetryCause } from '../outcome/outcome';
import type { Jitter, RetryPolicy, Schedule } from './policy';

export interface WaitInput {
  /** 1 for the first retry of its kind: noise and transient faults are counted apart. */
  readonly retry: number;
  readonly cause: RetryCause;
  /** Of the latest request. */
  readonly roundTripMs: number;
  /** What the server asked for. */
  readonly retryAfterMs?: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Whole milliseconds to wait before a retry. Never less than the server asked for. */
export function waitBefore(policy: RetryPolicy, input: WaitInput): number {
  const backoffMs = backoff(policy, input);
  const { retryAfterMs, random } = input;
  if (retryAfterMs === undefined) return Math.round(backoffMs);
  return Math.round(Math.max(backoffMs, retryAfterMs + random() * spread(retryAfterMs)));
}

function backoff(policy: RetryPolicy, input: WaitInput): number {
  const startsAtOnce = policy.firstAtOnce && input.cause === 'noise';
  const index = input.retry - (startsAtOnce ? 2 : 1);
  if (index < 0) return 0;
  return jittered(scheduled(policy.schedule, index, input), policy.jitter, input.random);
}

/** `index` counts the waits from 0, without a first retry that goes at once. */
function scheduled(schedule: Schedule, index: number, input: WaitInput): number {
  if (schedule.kind === 'list') {
    return schedule.waitsMs[index] ?? schedule.waitsMs.at(-1) ?? 0;
  }
  const { baseMs, factor, capMs } = schedule;
  const firstMs = baseMs === 'round-trip' ? nearRoundTrip(input) : baseMs;
  return Math.min(capMs, firstMs * factor ** index);
}

/** A conflict is a fast, healthy answer; a fault or a full queue needs more time to go away. */
function nearRoundTrip({ cause, roundTripMs }: WaitInput): number {
  return Math.max(roundTripMs, cause === 'noise' ? 10 : 100);
}

function jittered(waitMs: number, jitter: Jitter, random: () => number): number {
  switch (jitter.kind) {
    case 'full':
      return waitMs * random();
    case 'percent':
      return Math.max(0, waitMs * (1 + ((2 * random() - 1) * jitter.percent) / 100));
    case 'none':
      return waitMs;
  }
}

/** So that everybody who was told the same time does not return at the same moment. */
function spread(retryAfterMs: number): number {
  return Math.min(retryAfterMs * 0.1, 250);
}
