const DATE = /^(\d{4}-\d{2}-\d{2})(?:T(?:00|12):00(?::00(?:\.0+)?)?(?:Z|[+-]00(?::?00)?)?)?$/;

/**
 * The calendar day of a date, also when it is written as that day's midnight (OData V2: `/Date(ms)/`) or, as
 * Finance & Operations does so that no time zone moves it to another day, as its noon; undefined otherwise.
 */
export function parseDay(text: string): string | undefined {
  const day = DATE.exec(isoOfV2(text) ?? text)?.[1];
  if (day === undefined) return undefined;
  return timeOfParts(day.split('-')) === undefined ? undefined : day;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7})0*)?)?(.*)$/;
// The basic format of ISO 8601 has no colon, and may leave out the minutes.
const ZONE = /^(?:Z|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)$/;
// OData V2. Which side of the offset the milliseconds count on differs between servers, so only UTC is taken.
const V2 = /^\/Date\((-?\d{1,15})(?:[+-]0{1,4})?\)\/$/;

const TICKS_PER_MS = 10_000n;

/** Undefined for anything but an OData V2 date, and for one beyond what a date can be. */
function isoOfV2(text: string): string | undefined {
  const ms = V2.exec(text)?.[1];
  const date = new Date(Number(ms ?? NaN));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** An instant in ticks of 100 ns since the epoch; undefined without a zone or beyond that precision. */
export function parseInstant(text: string): bigint | undefined {
  const v2 = V2.exec(text)?.[1];
  if (v2 !== undefined) return BigInt(v2) * TICKS_PER_MS;
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const time = timeOfParts(parts.slice(1, 7));
  const offsetMs = parseZone(parts[8] ?? '');
  if (time === undefined || offsetMs === undefined) return undefined;
  return BigInt(time - offsetMs) * TICKS_PER_MS + BigInt((parts[7] ?? '').padEnd(7, '0'));
}

function parseZone(text: string): number | undefined {
  const parts = ZONE.exec(text);
  if (parts === null) return undefined;
  const [, sign, hours = 0, minutes = 0] = parts;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -offsetMs : offsetMs;
}

function timeOfParts(digits: readonly (string | undefined)[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.map(part =>
    Number(part ?? 0),
  );
  return utcTime([year, month, day, hour, minute, second]);
}

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
