/** Year, month (1-12), day, hour, minute, second. */
export type Clock = readonly [number, number, number, number, number, number];

/** Milliseconds since the epoch; undefined for a time no calendar has (Date.UTC would move 30 February on to March). */
export function utcTime([year, month, day, hour, minute, second]: Clock): number | undefined {
  const date = new Date(0);
  // Date.UTC would read the years 0-99 as 1900-1999.
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isSame =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return isSame ? date.getTime() : undefined;
}
