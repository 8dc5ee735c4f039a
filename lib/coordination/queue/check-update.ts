import { InputError } from '../../errors';
import type { UpdateToQueue } from './queue';

const DAY_MS = 86_400_000;

/** Earlier than any event, and later than what seconds since the epoch would be. */
const FIRST_EVENT = Date.UTC(1980, 0);

/** A source's clock may go ahead, but not by more. */
const MAX_AHEAD_MS = DAY_MS;
const MAX_DELAY_MS = 30 * DAY_MS;

/**
 * Throws InputError `UPDATE_TOO_LARGE`, `EVENT_TIME_INVALID` or `DUE_INVALID` naming the fix: a time that is wrong by its unit would make all
 * other updates of the record late, or this one wait for ever.
 * @param now wall clock, milliseconds since the epoch
 */
export function checkUpdate(update: UpdateToQueue, now: number, largestBytes: number): void {
  const { record, eventAt, dueAt } = update;
  if (record === '') throw new RangeError('record must name one');
  checkSize(update, largestBytes);
  if (eventAt !== undefined && !(eventAt >= FIRST_EVENT && eventAt <= now + MAX_AHEAD_MS)) {
    throw new InputError(
      'EVENT_TIME_INVALID',
      `The event time ${shown(eventAt)} cannot be right: it must be milliseconds since 1970, later than 1980 and at most a day ahead. Check whether the source gives seconds, and its clock.`,
    );
  }
  if (dueAt !== undefined && !(dueAt <= now + MAX_DELAY_MS)) {
    throw new InputError(
      'DUE_INVALID',
      `The update cannot wait until ${shown(dueAt)}: the time must be milliseconds since 1970, at most 30 days ahead. Check its unit.`,
    );
  }
}

function checkSize({ message, changes }: UpdateToQueue, largestBytes: number): void {
  const ofChanges = changes === undefined ? 0 : Buffer.byteLength(JSON.stringify(changes));
  const bytes = Buffer.byteLength(message) + ofChanges;
  if (bytes <= largestBytes) return;
  throw new InputError(
    'UPDATE_TOO_LARGE',
    `The update is ${bytes} bytes as JSON, and the queue takes at most ${largestBytes} bytes. Keep large parts elsewhere and put only their name into the message, or raise the limit for one update.`,
  );
}

function shown(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : `${time} (${date.toISOString()})`;
}
