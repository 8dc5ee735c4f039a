import { isFields, type Fields } from '../record/fields';
import type { Answer } from './answer';
import type { ApiError } from './classify';

/** Longer messages are cut: some APIs put a stack trace there. */
const MAX_MESSAGE = 1000;

/**
 * The API's own code and message, from the shapes in use: OData `{error: {code, message}}` (V2 nests
 * `message.value`), problem details `{type, title, detail}`, and flat `{error, code, message}`.
 * Members of an unexpected type are ignored, as RFC 9457 asks. The body of any other answer is data.
 */
export function apiErrorOf({ status, json: body }: Answer): ApiError {
  if (status < 400 || !isFields(body)) return {};
  const code = codeOf(body);
  const message = messageOf(body);
  return { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) };
}

function codeOf(body: Fields): string | undefined {
  const { error } = body;
  if (isFields(error)) return text(error.code);
  return text(body.code) ?? problemType(body.type);
}

/** `about:blank` is the problem type that says nothing. */
function problemType(type: unknown): string | undefined {
  return type === 'about:blank' ? undefined : text(type);
}

function messageOf(body: Fields): string | undefined {
  const { error, message, title, detail } = body;
  if (isFields(error)) return cut(plain(error.message));
  const parts = [error, title, message, detail].map(plain).filter(part => part !== undefined);
  return parts.length === 0 ? undefined : cut([...new Set(parts)].join(': '));
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
