import { InputError } from '../../lib/errors';
import { asIsoTime, timeOf } from '../../lib/lifecycle/times';

/** How far clocks may differ, in milliseconds. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** What times may look like in a message, as a sentence. */
export const TIME_FORMS =
  'It takes ISO 8601 text with a zone, such as "2025-02-08T14:00:00Z", a date object, or milliseconds since 1970.';

/** The time of an event as ISO 8601 text. Throws InputError `EVENT_TIME_INVALID` or `EVENT_IN_FUTURE`. */
export function eventTimeOf(time: unknown): string {
  const iso = asIsoTime(time);
  if (iso === undefined) {
    throw new InputError(
      'EVENT_TIME_INVALID',
      `Event time is no time. ${TIME_FORMS} Correct it in the dialog or in the message.`,
    );
  }
  checkNotAhead(iso);
  return iso;
}

function checkNotAhead(iso: string): void {
  const aheadMs = (timeOf(iso) ?? 0) - Date.now();
  if (aheadMs <= CLOCK_TOLERANCE_MS) return;
  throw new InputError(
    'EVENT_IN_FUTURE',
    `The event of ${iso} lies ${spanOf(aheadMs)} ahead of the clock of this computer. Set the clock and the time zone of the machine, or of this computer.`,
  );
}

/** Milliseconds in words. */
export function spanOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
