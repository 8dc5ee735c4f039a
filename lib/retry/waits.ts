import { InputError } from '../errors';
import { MAX_TIMER_MS } from './time';

/** Milliseconds of a list of seconds such as `0.5, 1.5, 4`. Throws InputError `RETRY_INVALID`. */
export function parseWaits(text: string): number[] {
  return text.split(',').map(parseSeconds);
}

function parseSeconds(text: string): number {
  const digits = text.trim();
  const ms = /^(?:\d+(?:\.\d+)?|\.\d+)$/.test(digits) ? Math.round(Number(digits) * 1000) : NaN;
  if (ms <= MAX_TIMER_MS) return ms;
  throw new InputError(
    'RETRY_INVALID',
    'The waits of the retry policy are not usable: give seconds separated by commas, for example "0.5, 1.5, 4".',
  );
}
