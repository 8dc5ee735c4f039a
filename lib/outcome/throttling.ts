import type { Answer } from './answer';
import { apiErrorOf } from './api-error';

/** A place that is full does not empty itself by waiting. */
export const STORAGE =
  /storage[-_ ]?(?:quota|limit|space)|(?:disk|storage)\b.{0,40}\b(?:full|exceeded)/i;

/** Says that there were too many requests, never that a right is missing. */
export const TOO_MANY =
  /rate[-_ ]?limit|(?:requests?|concurren(?:t|cy)|calls?)(?:[-_ ]?requests?)?[-_ ]?limit[-_ ]?exceeded|too[-_ ]?many[-_ ]?(?:concurrent[-_ ]?)?(?:requests|calls)|throttl|slow[-_ ]?down|\bover[-_ ](?:qps|rate)\b|(?:quota|limit)\b.{0,40}\bexceeded.{0,80}\b(?:requests|queries|calls|per (?:second|minute|hour|user))\b|\b(?:requests|queries|calls) per (?:second|minute|hour)\b.{0,40}\bexceeded\b/i;

/**
 * A value that can be meant as Retry-After: seconds, with decimals as some send them, or a date. Anything else counts
 * as absent.
 */
export const RETRY_AFTER_VALUE =
  /^\s*(?:\d{1,9}(?:\.\d{1,9})?|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .+)\s*$/i;

/** Whether a 403 is about too many requests and not about rights: some APIs throttle so. */
export function isThrottling403(answer: Answer): boolean {
  if (answer.status !== 403) return false;
  const { code = '', message = answer.text } = apiErrorOf(answer);
  const said = `${code} ${message}`;
  if (STORAGE.test(said)) return false;
  return TOO_MANY.test(said) || RETRY_AFTER_VALUE.test(answer.headers['retry-after'] ?? '');
}
