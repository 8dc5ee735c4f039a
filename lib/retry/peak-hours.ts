import { InputError } from '../errors';
import type { PeakHours } from './peak';

/** Peak hours as a dialog holds them. */
export interface PeakHoursInput {
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
  /** Comma-separated: 0 (Sunday) to 6. */
  readonly days: string;
  /** IANA name; empty: the time zone of this process. */
  readonly zone: string;
}

/** Throws InputError `PEAK_INVALID` naming the field and the fix. */
export function parsePeakHours({ from, to, days, zone }: PeakHoursInput): PeakHours {
  return {
    fromMinute: parseMinute('From', from),
    toMinute: parseMinute('To', to),
    weekdays: parseWeekdays(days),
    timeZone: parseTimeZone(zone),
  };
}

const TIME_OF_DAY = /^([01]?\d|2[0-3]):([0-5]\d)$/;

function parseMinute(field: string, text: string): number {
  const parts = TIME_OF_DAY.exec(text.trim());
  if (parts === null) {
    throw invalid(field, text, 'give hours and minutes from 00:00 to 23:59, for example "14:00"');
  }
  return Number(parts[1]) * 60 + Number(parts[2]);
}

function parseWeekdays(text: string): number[] {
  const days = text.split(',').map(day => day.trim());
  if (!days.every(day => /^[0-6]$/.test(day))) {
    throw invalid('Days', text, 'choose at least one day (0 is Sunday, 6 is Saturday)');
  }
  return [...new Set(days.map(Number))];
}

function parseTimeZone(text: string): string {
  const name = text.trim();
  try {
    const format = new Intl.DateTimeFormat('en-US', name === '' ? {} : { timeZone: name });
    return format.resolvedOptions().timeZone;
  } catch {
    const fix =
      'give an IANA name such as "Europe/Berlin", or leave it empty for the own time zone';
    throw invalid('Time zone', text, fix);
  }
}

function invalid(field: string, text: string, fix: string): InputError {
  return new InputError(
    'PEAK_INVALID',
    `${field} of the peak hours cannot be ${JSON.stringify(text)}: ${fix}.`,
  );
}
