import { InputError } from '../errors';
import type { RetryPolicy } from './policy';

/** The hours in which the records of an API are busy. */
export interface PeakHours {
  /** Minutes after midnight; `to` earlier than `from` ends on the next day, `to` equal to `from` means the whole day. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** 0 (Sunday) to 6: the days on which the hours begin. */
  readonly weekdays: readonly number[];
  /** IANA name such as `Europe/Berlin`. */
  readonly timeZone: string;
}

/**
 * Whether a moment lies within the hours, by the wall clock of their time zone: on the day summer time begins a
 * skipped hour is missing, on the day it ends the repeated one counts twice.
 * @param now milliseconds since the epoch
 */
export function isPeak(hours: PeakHours, now: number): boolean {
  const { fromMinute, toMinute, weekdays } = hours;
  const { weekday, minute } = wallClockIn(hours.timeZone)(now);
  const beginsToday = weekdays.includes(weekday);
  if (fromMinute === toMinute) return beginsToday;
  if (fromMinute < toMinute) return beginsToday && minute >= fromMinute && minute < toMinute;
  const beganYesterday = weekdays.includes((weekday + 6) % 7);
  return (beginsToday && minute >= fromMinute) || (beganYesterday && minute < toMinute);
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** What the clock on the wall shows: weekday 0 (Sunday) to 6, minutes after midnight. */
type WallClock = (now: number) => { readonly weekday: number; readonly minute: number };

/** The clock of a time zone. Throws RangeError for a name that is none. */
export function wallClockIn(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23', // else midnight may be hour 24
  });
  return now => {
    const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
    return {
      weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
      minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    };
  };
}

/** What is different in peak hours. */
export interface PeakChanges {
  readonly conflictRetries: number;
  readonly deadlineMs: number;
  /** All waits are multiplied by it. */
  readonly waitFactor: number;
}

/** The policy for peak hours: more retries, longer waits, more time. */
export function peakPolicy(normal: RetryPolicy, changes: PeakChanges): RetryPolicy {
  const { conflictRetries, deadlineMs, waitFactor } = changes;
  return { ...normal, conflictRetries, deadlineMs, waitFactor };
}

export interface PolicyHours {
  readonly normal: RetryPolicy;
  readonly peak: RetryPolicy;
  readonly hours: PeakHours;
}

const MINUTE_MS = 60_000;

/**
 * The policy for a moment in milliseconds since the epoch. The time zone is worked out at most once per minute:
 * peak hours begin and end on full minutes.
 */
export function policyByHour({ normal, peak, hours }: PolicyHours): (now: number) => RetryPolicy {
  let latestMinute: number | undefined;
  let policy = normal;
  return now => {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== latestMinute) {
      policy = isPeak(hours, now) ? peak : normal;
      latestMinute = minute;
    }
    return policy;
  };
}

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
