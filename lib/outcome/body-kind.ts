import { isFields } from '../record/fields';
import type { Answer } from './answer';

/**
 * What a body looks like, whatever it means: nothing but blanks, JSON, a page for people, or
 * anything else (another type, or JSON that does not parse). `error` is the JSON that holds one and nothing that
 * could be a record, `failure` the JSON that reports one in whatever way.
 */
export type BodyKind = 'empty' | 'json' | 'error' | 'failure' | 'html' | 'unreadable';

/** Whether the body is of this kind. An error is a failure, and both are JSON as well. */
export function hasBody(kind: BodyKind, answer: Answer): boolean {
  if (kind === 'error') return isError(answer.json);
  return kind === 'failure' ? isFailure(answer.json) : kind === kindOf(answer);
}

/** JSON that reports a failure, whatever the status says: an error, or `success` is false. */
export function isFailure(body: unknown): boolean {
  return isError(body) || (isFields(body) && body.success === false);
}

/** There is an error, and nothing else that could be a record. */
function isError(body: unknown): boolean {
  if (!isFields(body)) return false;
  const saysError = isSomething(body.error) || isSomething(body.errors);
  return saysError && Object.keys(body).every(name => OF_A_REPORT.has(name));
}

const OF_A_REPORT = new Set([
  'error',
  'errors',
  'message',
  'code',
  'status',
  'statusCode',
  'timestamp',
  'path',
  'success',
  'details',
]);

function isSomething(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  return Object.keys(value).length > 0;
}

function kindOf(answer: Answer): BodyKind {
  // Nearly always, and no look at the text.
  if (typeof answer.json === 'object' && answer.json !== null) return 'json';
  if (answer.text.trim() === '') return 'empty';
  if (isPage(answer)) return 'html';
  return answer.json === undefined ? 'unreadable' : 'json';
}

/** A page for people. JSON that was labelled as one is none. */
export function isPage({ text, json, headers }: Answer): boolean {
  if (typeof json === 'object' && json !== null) return false;
  if (HTML_TYPE.test(headers['content-type'] ?? '')) return text.trim() !== '';
  return json === undefined && HTML_START.test(text);
}

const HTML_TYPE = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i;
const HTML_START = /^\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html)\b/i;
