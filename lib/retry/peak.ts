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
  const { weekday, minute } = wallClock(hours.timeZone, now);
  const beginsToday = weekdays.includes(weekday);
  if (fromMinute === toMinute) return beginsToday;
  if (fromMinute < toMinute) return beginsToday && minute >= fromMinute && minute < toMinute;
  const beganYesterday = weekdays.includes((weekday + 6) % 7);
  return (beginsToday && minute >= fromMinute) || (beganYesterday && minute < toMinute);
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function wallClock(timeZone: string, now: number): { weekday: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23', // else midnight may be hour 24
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return {
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}
