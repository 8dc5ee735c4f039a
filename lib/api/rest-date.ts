import { parseInstant } from '../record/instant';
import { parseHttpDate } from '../retry/http-date';

/** Instants count in units of 100 ns. */
const SECOND = 10_000_000n;
const MILLISECOND = 10_000n;

/**
 * A time of a record as HTTP-date, whole seconds: an HTTP-date as it is, an ISO 8601 instant with zone or an OData V2
 * date as IMF-fixdate (RFC 9110 section 5.6.7). Undefined for anything else: a server would ignore it.
 */
export function httpDate(text: string, round: 'up' | 'down'): string | undefined {
  if (isHttpDate(text)) return text;
  const instant = parseInstant(text);
  if (instant === undefined) return undefined;
  const sinceSecond = ((instant % SECOND) + SECOND) % SECOND;
  const below = instant - sinceSecond;
  const whole = round === 'up' && sinceSecond > 0n ? below + SECOND : below;
  const date = new Date(Number(whole / MILLISECOND)).toUTCString();
  return isHttpDate(date) ? date : undefined; // the form has four digits for the year
}

function isHttpDate(text: string): boolean {
  return parseHttpDate(text, 0) !== undefined;
}
