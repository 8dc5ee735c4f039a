import { holds } from './conditions';
import type { Field, NumbersField, Range, ReadField, TextField } from './fields';
import type { TextKey } from './text-key';

/** Looks a text up in a catalogue. */
export type Translate = (key: TextKey, values?: Readonly<Record<string, unknown>>) => string;

/** True, or the sentence that says what is wrong. */
export type Validity = true | string | string[];

/** Says whether a value fits; the label names the field in the sentence. */
export type Check = (t: Translate, label: string, value: unknown) => Validity;

/** A node saved by an earlier version does not have it. */
export function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
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
export function checkNumbers(
  t: Translate,
  label: string,
  value: unknown,
  { except = [], ...range }: Range & Pick<NumbersField, 'except'>,
): Validity {
  if (isEnvironment(value)) return true;
  const parts = asText(value).split(',');
  // Node-RED puts in a variable only where it is the whole value.
  const wrong = parts.find(
    part => isEnvironment(part.trim()) || checkNumber(t, label, part, range) !== true,
  );
  if (wrong !== undefined)
    return t('shared.errors.number-list', { label, min: range.min, max: range.max });
  const number = except.find(one => parts.some(part => part.trim() !== '' && Number(part) === one));
  return number === undefined || t('shared.errors.number-taken', { label, number });
}

/** An absolute http(s) address, or `${NAME}`. */
export const checkUrl: Check = (t, label, value) => {
  const url = parseUrl(asText(value));
  const fits = url !== undefined && /^https?:$/.test(url.protocol);
  return fits || isEnvironment(value) || t('shared.errors.url', { label });
};

/** Such an address to which more is added: without user, query and fragment. */
export const checkBaseUrl: Check = (t, label, value) => {
  if (isEnvironment(value)) return true;
  const text = asText(value);
  const url = /^https?:\/\/[^\s\p{Cc}\\]+$/iu.test(text) ? parseUrl(text) : undefined;
  if (url === undefined) return t('shared.errors.url', { label });
  if (url.username !== '' || url.password !== '') return t('shared.errors.url-secret', { label });
  return !/[?#]/.test(text) || t('shared.errors.url-extra', { label });
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
  isEnvironment(value) || /^[0-6](?:\s*,\s*[0-6])*$/.test(asText(value))
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

/** Headers such as `x-api-version: 3`, one a line, nothing, or `${NAME}`. */
export const checkHeaderLines: Check = (t, label, value) => {
  const fits = linesOf(asText(value)).every(line => HEADER_LINE.test(line));
  return fits || isEnvironment(value) || t('shared.errors.headers', { label });
};

const HEADER_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e]*[\x21-\x7e]$/;

function linesOf(text: string): string[] {
  const lines = text.split('\n').map(line => line.trim());
  return lines.filter(line => line !== '');
}

/** Names, in lower case, and values of such headers, in their order. */
export function headerLines(text: string): (readonly [name: string, value: string])[] {
  return linesOf(text).map(line => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
}

/** Fields of a form such as `audience=https://api.example.com`, one a line and not encoded, nothing, or `${NAME}`. */
export const checkForm: Check = (t, label, value) => {
  const fits = linesOf(asText(value)).every(line => FORM_LINE.test(line));
  return fits || isEnvironment(value) || t('shared.errors.form', { label });
};

const FORM_LINE = /^[\w.:~[\]-]+\s*=/;

/** Names and values of such fields, in their order. */
export function formLines(text: string): (readonly [name: string, value: string])[] {
  return linesOf(text).map(line => {
    const end = line.indexOf('=');
    return [line.slice(0, end).trim(), line.slice(end + 1).trim()];
  });
}

// RFC 3986 query characters without "&" and, in names, "=".
const PARAMETER = /^(?:[\w.~!$'()*,;:@/-]|%[0-9A-F]{2})+=(?:[\w.~!$'()*+,;:@/?=-]|%[0-9A-F]{2})*$/i;

/** Parameters such as `sap-client=100`, joined with `&`, nothing, or `${NAME}`. */
export const checkQuery: Check = (t, label, value) => {
  const text = asText(value);
  const fits = text === '' || text.split('&').every(pair => PARAMETER.test(pair));
  return fits || isEnvironment(value) || t('shared.errors.query', { label });
};

/** The name of a query parameter such as `$select`, nothing, or `${NAME}`. */
export const checkParameter: Check = (t, label, value) =>
  isEnvironment(value) || /^[$\w.~-]*$/.test(asText(value))
    ? true
    : t('shared.errors.parameter', { label });

const CHECKS: Readonly<Record<TextField['kind'], Check>> = {
  text: () => true,
  url: checkUrl,
  'base-url': checkBaseUrl,
  header: checkHeaderName,
  headers: checkHeaderLines,
  form: checkForm,
  query: checkQuery,
  parameter: checkParameter,
  time: checkTime,
  days: checkDays,
  'time-zone': checkTimeZone,
};

/**
 * Whether a value fits its field, as far as the field itself and its neighbours tell. A value that is missing stands for
 * the default: a flow saved by an earlier version has none. Only the editor can look into places, typed values and rows.
 */
export function checkField(t: Translate, field: Field, value: unknown, other: ReadField): Validity {
  if (field.label === undefined || isMissing(value) || !holds(field.when, other)) return true;
  const label = t(field.label);
  const needed = field.required === true || (field.required && holds(field.required, other));
  const filled = needed ? checkText(t, label, value) : true;
  if (filled !== true) return filled;
  const fits = checkKind(t, label, field, value);
  if (fits !== true || field.also === undefined || isEnvironment(value)) return fits;
  const clash = field.also(value, other);
  return clash === undefined || t(clash.key, { label, ...clash.values });
}

function checkKind(t: Translate, label: string, field: Field, value: unknown): Validity {
  switch (field.kind) {
    case 'number':
      return checkNumber(t, label, value, field);
    case 'numbers':
      return checkNumbers(t, label, value, field);
    case 'flag':
    case 'choice':
    case 'place':
    case 'typed':
    case 'node':
    case 'rows':
    case 'object':
    case 'outputs':
    case 'version':
      return true;
    default:
      return CHECKS[field.kind](t, label, value);
  }
}

/** What is neither text nor a number fits nowhere; the name of its type does neither. */
function asText(value: unknown): string {
  if (isMissing(value)) return '';
  return typeof value === 'string' || typeof value === 'number'
    ? String(value).trim()
    : typeof value;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
