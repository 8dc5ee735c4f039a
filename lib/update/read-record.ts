import type { ApiFamily } from '../api/family';
import { classify } from '../outcome/classify';
import type { Answer } from '../outcome/answer';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import { parseRetryAfter } from '../retry/retry-after';
import type { ReadContext } from './context';
import type { Held } from '../transport/transport';
import { endOfFault, endOfRead, failed, overBudget, type Ending } from './ending';
import type { Patience } from './patience';

/** What a read brought: a snapshot with the answer it came from (PUT sends that back whole), or why there is none. */
export type ReadOutcome =
  { readonly snapshot: Snapshot; readonly answer: Answer } | { readonly ending: Ending };

interface ReadOptions {
  /** Undefined: all fields. */
  readonly fields: readonly string[] | undefined;
  readonly patience: Patience;
  /** Whether to wait and ask again when the API throttles. Network faults and 5xx are repeated by the transport. */
  readonly waitWhenThrottled: boolean;
  readonly onRead?: () => void;
  readonly onHeld?: (why: Held) => void;
}

/** Reads one record with its version. Throws the stop signal's reason when the flow stops. */
export async function readRecord(
  ref: RecordRef,
  context: ReadContext,
  options: ReadOptions,
): Promise<ReadOutcome> {
  const { patience } = options;
  for (;;) {
    context.stop.throwIfAborted();
    options.onRead?.();
    const read = await readOnce(ref, context, options);
    context.stop.throwIfAborted();
    if (!('throttledForMs' in read)) return read;
    if (!options.waitWhenThrottled) return { ending: read.ending };
    const permit = await patience.waitForRetry('throttled', read.throttledForMs);
    if (permit === 'no-budget') return { ending: overBudget(read.ending) };
    if (permit === 'used-up') return { ending: read.ending };
    patience.repeatedReads++;
  }
}

/** Milliseconds the server asks to wait; undefined when it does not say. */
export function retryAfter(answer: Answer, now: number): number | undefined {
  return parseRetryAfter(answer.headers['retry-after'], answer.headers.date, now);
}

interface Throttled {
  readonly ending: Ending;
  readonly throttledForMs: number | undefined;
}

async function readOnce(
  ref: RecordRef,
  context: ReadContext,
  { fields, patience, onHeld }: ReadOptions,
): Promise<ReadOutcome | Throttled> {
  const { family, transport, time, stop } = context;
  const answer = await transport.read(family.readRequest(ref, fields), {
    signal: stop,
    remainingMs: patience.remainingMs,
    ...(onHeld === undefined ? {} : { onHeld }),
  });
  if (answer.kind === 'fault') return { ending: endOfFault(answer, time.now()) };
  patience.roundTripMs = answer.roundTripMs;
  const api = family.errorOf(answer);
  const verdict = classify(answer, { method: 'GET', precondition: 'none' }, api, family.rows);
  if (verdict.class === 'success') return snapshotOf(ref, answer, context);
  const ending = endOfRead(verdict, api, answer.status);
  if (verdict.class !== 'throttled') return { ending };
  const throttledForMs = retryAfter(answer, time.now());
  const notBefore = throttledForMs === undefined ? {} : { notBefore: time.now() + throttledForMs };
  const ended = { ending: { ...ending, ...notBefore } };
  // The transport has repeated a 503 already.
  return answer.status === 503 ? ended : { ...ended, throttledForMs };
}

function snapshotOf(ref: RecordRef, answer: Answer, { family, time }: ReadContext): ReadOutcome {
  const values = family.valuesOf(answer);
  if (values === undefined) return unusable('RECORD_UNREADABLE', NO_RECORD);
  const version = family.versionOf(answer);
  if (version === undefined) return unusable('NO_VERSION', `${NO_VERSION} ${family.noVersionFix}`);
  const readAt = new Date(time.now()).toISOString();
  const { key, url } = ref;
  return { snapshot: { key, url, version, ...modifiedAt(answer, family), values, readAt }, answer };
}

/** When the record was last changed, as a member of a snapshot; nothing where the family does not send it back. */
export function modifiedAt(answer: Answer, family: ApiFamily): Pick<Snapshot, 'modifiedAt'> {
  const time = family.modifiedAtOf?.(answer);
  return time === undefined ? {} : { modifiedAt: time };
}

const NO_RECORD =
  'The API answered the read without a record object. Check Records and Key, and in the endpoint where the record sits in the body.';
const NO_VERSION =
  'The API named no version for this record, so a change by somebody else could not be noticed.';

function unusable(code: string, message: string): ReadOutcome {
  return { ending: failed('unsupported', { code, message }) };
}
