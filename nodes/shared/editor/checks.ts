import type { Validity } from './red';
import type { Translate } from './translate';

/** Says whether a value fits; the label names the field in the sentence. */
export type Check = (t: Translate, label: string, value: unknown) => Validity;

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  /** An empty field has a meaning of its own. */
  readonly blank?: boolean;
}

/** Environment variables are known only where the flow runs. */
export function isEnvironment(value: unknown): boolean {
  return typeof value === 'string' && /^\$\{[^}]+\}$/.test(value);
}

/** A number within bounds, or `${NAME}`. */
export function checkNumber(t: Translate, label: string, value: unknown, range: Range): Validity {
  const text = asText(value);
  if (isEnvironment(text) || (range.blank === true && text === '')) return true;
  const number = Number(text);
  const fits = text !== '' && number >= range.min && number <= range.max;
  if (fits && (range.whole !== true || Number.isInteger(number))) return true;
  const limits = { label, min: range.min, max: range.max };
  return range.whole === true
    ? t('shared.errors.whole-number', limits)
    : t('shared.errors.number', limits);
}

/** A comma-separated list of numbers within bounds, or `${NAME}`. */
export function checkNumbers(t: Translate, label: string, value: unknown, range: Range): Validity {
  if (isEnvironment(value)) return true;
  const wrong = asText(value)
    .split(',')
    .find(part => checkNumber(t, label, part, range) !== true);
  if (wrong === undefined) return true;
  return t('shared.errors.number-list', { label, min: range.min, max: range.max });
}

/** An absolute http(s) address without user, query or fragment, or `${NAME}`. */
export const checkUrl: Check = (t, label, value) => {
  if (isEnvironment(value)) return true;
  const url = parseUrl(asText(value));
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return t('shared.errors.url', { label });
  if (url.username !== '' || url.password !== '') return t('shared.errors.url-secret', { label });
  if (url.search !== '' || url.hash !== '') return t('shared.errors.url-extra', { label });
  return true;
};

/** Any text but none. */
export const checkText: Check = (t, label, value) =>
  asText(value) === '' ? t('shared.errors.missing', { label }) : true;

/** A time of day such as `14:00`, or `${NAME}`. */
export const checkTime: Check = (t, label, value) =>
  isEnvironment(value) || /^(?:[01]?\d|2[0-3]):[0-5]\d$/.test(asText(value))
    ? true
    : t('shared.errors.time', { label });

/** Days of the week as numbers from 0 (Sunday) to 6, separated by commas, or `${NAME}`. */
export const checkDays: Check = (t, label, value) =>
  isEnvironment(value) || /^[0-6](?: *, *[0-6])*$/.test(asText(value))
    ? true
    : t('shared.errors.days', { label });

/** The IANA name of a time zone, nothing, or `${NAME}`. */
export const checkTimeZone: Check = (t, label, value) => {
  const timeZone = asText(value);
  if (timeZone === '' || isEnvironment(timeZone)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return t('shared.errors.time-zone', { label });
  }
};

/** The name of a header (RFC 9110 `token`), nothing, or `${NAME}`. */
export const checkHeaderName: Check = (t, label, value) =>
  isEnvironment(value) || /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/.test(asText(value))
    ? true
    : t('shared.errors.header', { label });

/** Parameters such as `sap-client=100`, joined with `&`, nothing, or `${NAME}`. */
export const checkQuery: Check = (t, label, value) =>
  isEnvironment(value) ||
  /^(?:[^\s?#&=]+=[^\s?#&]*(?:&[^\s?#&=]+=[^\s?#&]*)*)?$/.test(asText(value))
    ? true
    : t('shared.errors.query', { label });

function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
