import type { QueueSettings } from '../../lib/coordination/queue/queue-settings';
import { InputError } from '../../lib/errors';
import { hoursOf } from '../shared/hours';
import { settingsOf } from '../shared/settings';
import { QUEUE_FIELDS, type UpdateQueueConfig } from './config';

const MINUTE_MS = 60_000;

/** How the queue is kept, as the dialog has it. Throws InputError naming the field. */
export function queueSettings(config: UpdateQueueConfig): QueueSettings {
  const read = settingsOf(QUEUE_FIELDS, config);
  return {
    mode: config.mode,
    limit: read.number('limit'),
    largestBytes: Math.round(read.number('largest') * 1024),
    whenFull: config.whenFull,
    tries: read.number('tries'),
    dispatch: {
      parallel: read.number('parallel'),
      leaseMs: read.ms('lease'),
      batch: { size: read.number('batchSize'), pauseMs: read.ms('batchPause') },
    },
    batches: config.batches,
    hold: holdOf(config),
  };
}

function holdOf(config: UpdateQueueConfig): QueueSettings['hold'] {
  const read = settingsOf(QUEUE_FIELDS, config);
  const shortestMs = Math.round(read.number('holdShortest') * MINUTE_MS);
  const longestMs = Math.round(read.number('holdLongest') * MINUTE_MS);
  if (longestMs < shortestMs) throw outOfOrder('A hold cannot last longer at least than at most.');
  return {
    rates: config.hold ? ratesOf(config) : undefined,
    hours: config.peak ? hoursOf(config) : undefined,
    shortestMs,
    longestMs,
  };
}

function ratesOf(config: UpdateQueueConfig): { readonly from: number; readonly to: number } {
  const read = settingsOf(QUEUE_FIELDS, config);
  const rates = { from: read.number('holdFrom') / 100, to: read.number('holdTo') / 100 };
  if (rates.to < rates.from) return rates;
  throw outOfOrder('Until below must be less than Hold above.');
}

function outOfOrder(sentence: string): InputError {
  return new InputError('HOLD_INVALID', `${sentence} Correct it in the dialog.`);
}
