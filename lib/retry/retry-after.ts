import { parseHttpDate } from './http-date';

/**
 * Milliseconds a Retry-After header asks to wait, read strictly (RFC 9110 section 10.2.3): seconds or an HTTP-date,
 * which counts from the answer's own Date so that a wrong clock here does no harm. Decimals are beyond the RFC and in
 * use ("2.0"); what is left of a millisecond counts as a whole one. Anything else is ignored (undefined): lenient
 * parsing turns '' into 0 and "120" into the year 120.
 */
export function parseRetryAfter(
  value: string | undefined,
  responseDate: string | undefined,
  now: number,
): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}(?:\.\d{1,9})?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const until = parseHttpDate(text, now);
  if (until === undefined) return undefined;
  const from = parseHttpDate(responseDate?.trim() ?? '', now) ?? now;
  return Math.max(0, until - from);
}
