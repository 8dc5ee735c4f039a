import { hasSucceeded } from '../outcome/answer';
import { parseInstant } from '../record/instant';
import { parseHttpDate } from '../retry/http-date';
import type { WireRequest } from '../transport/transport';
import { pathWithin, topName, valueAtPath } from './body-path';
import type { ApiFamily, WritePlan } from './family';
import type { ApiSettings } from './settings';

type Settings = Pick<ApiSettings, 'unmodifiedSince' | 'modifiedField' | 'recordPath'>;

/**
 * The family with If-Unmodified-Since beside If-Match, where the setting is on. A server that knows If-Match ignores
 * it (RFC 9110 section 13.1.4), so it helps only with one that knows nothing else. Families whose version does not
 * travel as If-Match refuse the setting when they are created.
 */
export function withUnmodifiedSince(family: ApiFamily, settings: Settings): ApiFamily {
  if (!settings.unmodifiedSince) return family;
  const path = pathWithin(settings.recordPath, settings.modifiedField);
  return {
    ...family,
    readRequest: (ref, fields) => family.readRequest(ref, withField(fields, path)),
    writeRequest: plan => withDate(family.writeRequest(plan), plan.precondition),
    modifiedAtOf: answer => {
      if (!hasSucceeded(answer)) return undefined;
      const time =
        path === '' ? answer.headers['last-modified'] : valueAtPath(family.valuesOf(answer), path);
      return typeof time === 'string' && dateOf(time) !== undefined ? time : undefined;
    },
  };
}

/** Without named fields everything is read anyway. */
function withField(fields: readonly string[] | undefined, path: string): typeof fields {
  if (fields === undefined || fields.length === 0 || path === '') return fields;
  return [...fields, topName(path)];
}

function withDate(request: WireRequest, precondition: WritePlan['precondition']): WireRequest {
  const modifiedAt = precondition === 'any' ? undefined : precondition.modifiedAt;
  const date = modifiedAt === undefined ? undefined : dateOf(modifiedAt);
  if (date === undefined) return request;
  return { ...request, headers: { ...request.headers, 'If-Unmodified-Since': date } };
}

/** Rounded up: a record changed at 10:00:00.5 is newer than 10:00:00 to a server that counts exactly. */
function dateOf(time: string): string | undefined {
  return httpDate(time, 'up');
}

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
