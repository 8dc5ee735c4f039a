import { isDeepStrictEqual } from 'node:util';
import type { RetryCause } from '../../lib/retry/policy';
import { InputError } from '../../lib/errors';
import { isFields, type RecordKey } from '../../lib/record/fields';
import type { Message } from './scope';

/** The wired loop's counter in `msg.retry`; plain data, owned by one backoff-delay node. */
export interface RetryCounter {
  readonly node: string;
  readonly key: RecordKey | null;
  readonly count: number;
  /** How many of them for each cause: noise and faults have limits of their own. */
  readonly causes: Readonly<Partial<Record<RetryCause, number>>>;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of the latest wait. */
  readonly delayMs: number;
}

/**
 * The message's counter, or a new one when it belongs to another node or record.
 * Throws InputError `COUNTER_INVALID` for one that this node cannot have written: it might allow more tries than are set.
 */
export function counterOf(msg: Message, node: string, key: RecordKey | undefined): RetryCounter {
  const owner = { node, key: key ?? null };
  const found = msg.retry;
  if (isCounter(found) && found.node === node && isDeepStrictEqual(found.key, owner.key))
    return checked(found);
  return { ...owner, count: 0, causes: {}, startedAt: new Date().toISOString(), delayMs: 0 };
}

export function counted(counter: RetryCounter, cause: RetryCause, delayMs: number): RetryCounter {
  const causes = { ...counter.causes, [cause]: (counter.causes[cause] ?? 0) + 1 };
  return { ...counter, count: counter.count + 1, causes, delayMs };
}

/** A loop that has ended leaves no counter behind, so that the next update starts from zero. */
export function clearCounter(msg: Message): void {
  // A message that lets nothing be deleted has been refused where it had to take a result.
  if (isCounter(msg.retry)) Reflect.deleteProperty(msg, 'retry');
}

function checked(counter: RetryCounter): RetryCounter {
  const { count, causes, startedAt, delayMs } = counter;
  const counts = Object.values(causes);
  const sum = counts.reduce<number>((total, one) => total + one, 0);
  const isSound =
    [count, ...counts].every(one => Number.isSafeInteger(one) && one >= 0) && sum === count;
  const isTimed = !Number.isNaN(Date.parse(startedAt)) && Number.isFinite(delayMs) && delayMs >= 0;
  if (isSound && isTimed) return counter;
  throw new InputError(
    'COUNTER_INVALID',
    'msg.retry is not what this node has put there, so that its tries cannot be counted. Do not change msg.retry in the loop; delete it where a new loop is to begin.',
  );
}

function isCounter(value: unknown): value is RetryCounter {
  if (typeof value !== 'object' || value === null) return false;
  const { node, count, causes, startedAt } = value as Partial<RetryCounter>;
  return (
    typeof node === 'string' &&
    typeof count === 'number' &&
    typeof startedAt === 'string' &&
    isFields(causes)
  );
}
