import { parseInstant } from '../record/instant';

/**
 * A time as ISO 8601 text; undefined for what is no time. Takes ISO 8601 text with a zone, as it is, an OData V2 date,
 * a Date and milliseconds since the epoch.
 */
export function asIsoTime(value: unknown): string | undefined {
  if (typeof value === 'number') return isoOf(value);
  if (isDate(value)) return isoOf(value.getTime());
  if (typeof value !== 'string') return undefined;
  const ticks = parseInstant(value);
  if (ticks === undefined) return undefined;
  return value.startsWith('/') ? isoOf(Number(ticks / TICKS_PER_MS)) : value;
}

/** Milliseconds since the epoch, fractions cut off; undefined for what is no time. */
export function timeOf(value: unknown): number | undefined {
  const ticks = ticksOf(value);
  return ticks === undefined ? undefined : Number(ticks / TICKS_PER_MS);
}

/** Whether one time is before another; false where one of them is none. */
export function isBefore(time: unknown, other: unknown): boolean {
  const [a, b] = [ticksOf(time), ticksOf(other)];
  return a !== undefined && b !== undefined && a < b;
}

const TICKS_PER_MS = 10_000n;

function ticksOf(value: unknown): bigint | undefined {
  const text = asIsoTime(value);
  return text === undefined ? undefined : parseInstant(text);
}

function isoOf(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Tells by its tag, because dates from a function node have another realm's prototype. */
function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]';
}
