import { isFields, type Fields } from '../record/fields';
import type { Answer } from './answer';
import { isFailure } from './body-kind';
import type { ApiError } from './row';

/** Longer messages are cut: some APIs put a stack trace there. */
const MAX_MESSAGE = 1000;

/** So many of a list of errors are passed on. */
const MAX_ERRORS = 10;

/**
 * The API's own code and message, from the shapes in use: OData `{error: {code, message}}` (V2 nests
 * `message.value`), problem details `{type, title, detail}`, flat `{error, code, message, reason}`, and lists
 * `{errors: [{type, message}]}`. Members of an unexpected type are ignored, as RFC 9457 asks.
 * The body of an answer that reports no failure is data.
 */
export function apiErrorOf({ status, json: body }: Answer): ApiError {
  if (!isFields(body) || (status < 400 && !isFailure(body))) return {};
  const code = codeOf(body);
  const message = messageOf(body);
  return { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) };
}

/** What HTTP itself calls the statuses that an API may answer for itself. */
const PHRASES: Readonly<Record<number, string>> = {
  500: 'internal server error',
  503: 'service unavailable',
};

/** Whether an error is told in the API's own words: gateways repeat what HTTP calls the status, and no more. */
export function isOwnWord(status: number, { code, message }: ApiError): boolean {
  if (code !== undefined) return true;
  return message !== undefined && message.toLowerCase() !== PHRASES[status];
}

function codeOf(body: Fields): string | undefined {
  if (isFields(body.error)) return text(body.error.code);
  const codes = [body, ...errorsIn(body)].map(ownCode);
  return codes.find(code => code !== undefined);
}

function ownCode({ code, type }: Fields): string | undefined {
  return text(code) ?? problemType(type);
}

function errorsIn({ errors }: Fields): Fields[] {
  return Array.isArray(errors) ? errors.slice(0, MAX_ERRORS).filter(isFields) : [];
}

/** `about:blank` is the problem type that says nothing. */
function problemType(type: unknown): string | undefined {
  return type === 'about:blank' ? undefined : text(type);
}

function messageOf(body: Fields): string | undefined {
  if (isFields(body.error)) return cut(plain(body.error.message));
  const parts = [body, ...errorsIn(body)].flatMap(ownMessages);
  return parts.length === 0 ? undefined : cut([...new Set(parts)].join(': '));
}

function ownMessages({ error, message, title, detail, reason }: Fields): string[] {
  return [error, title, message, detail, reason].map(plain).filter(part => part !== undefined);
}

function plain(message: unknown): string | undefined {
  return isFields(message) ? text(message.value) : text(message);
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function cut(message: string | undefined): string | undefined {
  if (message === undefined || message.length <= MAX_MESSAGE) return message;
  return `${message.slice(0, MAX_MESSAGE)}…`;
}
