import { InputError } from '../../errors';
import { isFields } from '../../record/fields';
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

type Kept = Pick<UpdateToQueue, 'record' | 'version' | 'message' | 'changes'>;

/** Of an update, which is limited: all of it that may be of any length. */
export function bytesKept({ record, version = '', message, changes }: Kept): number {
  const ofChanges = changes === undefined ? 0 : Buffer.byteLength(JSON.stringify(changes));
  return (
    Buffer.byteLength(record) + Buffer.byteLength(version) + Buffer.byteLength(message) + ofChanges
  );
}

function checkSize(update: UpdateToQueue, largestBytes: number): void {
  // Most are much smaller, which is seen without making their JSON.
  const { record, version = '', message, changes } = update;
  const mostOfTexts = 3 * (record.length + version.length + message.length);
  if (mostOfTexts + mostBytes(changes, largestBytes) <= largestBytes) return;
  const bytes = bytesKept(update);
  if (bytes <= largestBytes) return;
  throw new InputError(
    'UPDATE_TOO_LARGE',
    `The update is ${bytes} bytes as JSON, the name of its record included, and the queue takes at most ${largestBytes} bytes. Keep large parts elsewhere and put only their name into the message, or raise the limit for one update.`,
  );
}

/** No fewer than it has as JSON; infinite where that cannot be told. @param enough more is not counted: it may hold itself */
function mostBytes(value: unknown, enough: number): number {
  if (typeof value === 'string') return 6 * value.length + 2;
  if (typeof value === 'number') return 25;
  if (typeof value === 'boolean' || value === null || value === undefined) return 5;
  if (!isFields(value) || 'toJSON' in value) return Infinity;
  let bytes = 2;
  for (const name in value) {
    bytes += 6 * name.length + 4 + mostBytes(value[name], enough - bytes);
    if (bytes > enough) break;
  }
  return bytes;
}

function shown(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : `${time} (${date.toISOString()})`;
}
