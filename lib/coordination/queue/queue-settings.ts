import type { Time } from '../../retry/time';
import type { HoldSettings } from './hold';
import type { Dispatch, QueueMode } from './queue';

export interface QueueSettings {
  readonly mode: QueueMode;
  /** How many may wait, in all records together. */
  readonly limit: number;
  /** Of one update as JSON, its message and its changes together. */
  readonly largestBytes: number;
  /** Beyond that: refuse the new one, or let the oldest leave as superseded. */
  readonly whenFull: 'refuse' | 'oldest';
  /** How often an update is handed on without being settled before it is given up. */
  readonly tries: number;
  readonly dispatch: Dispatch;
  /** `held`: batches only while updates are held, and for what has piled up then. */
  readonly batches: 'held' | 'always';
  readonly hold: HoldSettings;
}

export interface QueueSources {
  readonly time: Pick<Time, 'now'>;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Throws RangeError for what is out of range. */
export function checkQueueSettings({
  limit,
  largestBytes,
  tries,
  dispatch,
  hold,
}: QueueSettings): void {
  checkCount('limit', limit);
  checkCount('largestBytes', largestBytes);
  checkCount('tries', tries);
  checkCount('dispatch.parallel', dispatch.parallel);
  checkDuration('dispatch.leaseMs', dispatch.leaseMs);
  if (dispatch.batch !== undefined) {
    checkCount('dispatch.batch.size', dispatch.batch.size);
    checkDuration('dispatch.batch.pauseMs', dispatch.batch.pauseMs);
  }
  checkDuration('hold.shortestMs', hold.shortestMs);
  checkDuration('hold.longestMs - hold.shortestMs', hold.longestMs - hold.shortestMs + 1);
}

/** Throws RangeError unless it is a whole number from 1 on. */
export function checkCount(name: string, count: number): void {
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new RangeError(`${name} must be a whole number from 1 on, not ${count}`);
  }
}

function checkDuration(name: string, ms: number): void {
  if (!(ms > 0 && ms < Infinity)) throw new RangeError(`${name} must be above 0 ms, not ${ms}`);
}
