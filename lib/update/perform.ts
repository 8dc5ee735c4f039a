import { createHash } from 'node:crypto';
import type { ApiFamily, WritePlan } from '../api/family';
import type { Answer } from '../outcome/answer';
import { classify, type Sent } from '../outcome/classify';
import type { IdempotencyKey } from '../outcome/outcome';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import { isRepeated } from '../transport/repeat';
import type { WireRequest } from '../transport/transport';
import { modifiedAt, retryAfter, type Written } from './answered';
import type { Phase, ReadContext, UpdateContext } from './context';
import { endOfFault, endOfRead, failed, overBudget, type Ending } from './ending';
import type { Patience } from './patience';

/** What a read brought: a snapshot with the answer it came from (PUT sends that back whole), or why there is none. */
export type ReadOutcome =
  { readonly snapshot: Snapshot; readonly answer: Answer } | { readonly ending: Ending };

interface ReadOptions {
  /** Undefined: all fields. */
  readonly fields: readonly string[] | undefined;
  readonly patience: Patience;
  /** Whether to wait and ask again when the API throttles. */
  readonly patiently: boolean;
  readonly onPhase?: ((phase: Phase) => void) | undefined;
}

/**
 * Reads one record with its version. `reads`: how many requests it took, without those that the transport repeated.
 * Throws the stop signal's reason when the flow stops.
 */
export async function readRecord(
  ref: RecordRef,
  context: ReadContext,
  options: ReadOptions,
): Promise<ReadOutcome & { readonly reads: number }> {
  const { patience } = options;
  for (let reads = 1; ; reads++) {
    context.stop.throwIfAborted();
    options.onPhase?.('reading');
    const read = await readOnce(ref, context, options);
    context.stop.throwIfAborted();
    if (!('throttledForMs' in read)) return { ...read, reads };
    const { ending, throttledForMs } = read;
    if (!options.patiently) return { ending, reads };
    const permit = await patience.waitForRetry('throttled', throttledForMs);
    if (permit === 'no-budget') return { ending: overBudget(ending), reads };
    if (permit === 'used-up') return { ending, reads };
  }
}

interface Throttled {
  readonly ending: Ending;
  readonly throttledForMs: number | undefined;
}

async function readOnce(
  ref: RecordRef,
  context: ReadContext,
  { fields, patience, onPhase }: ReadOptions,
): Promise<ReadOutcome | Throttled> {
  const { family, transport, time, stop } = context;
  const answer = await transport.read(family.readRequest(ref, fields), {
    signal: stop,
    remainingMs: patience.remainingMs,
    ...(onPhase === undefined ? {} : { onHeld: onPhase }),
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
  return isRepeated('read', answer.status) ? ended : { ...ended, throttledForMs };
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

const NO_RECORD =
  'The API answered the read without a record object. Check Records and Key, and in the endpoint where the record sits in the body.';
const NO_VERSION =
  'The API named no version for this record, so a change by somebody else could not be noticed.';

function unusable(code: string, message: string): ReadOutcome {
  return { ending: failed('unsupported', { code, message }) };
}

/**
 * Sends one write, once.
 * @param latest the key of the write before
 */
export async function writeRecord(
  plan: WritePlan,
  latest: IdempotencyKey | undefined,
  context: UpdateContext,
  patience: Patience,
): Promise<Written> {
  const { family, transport, time, stop, kill, onPhase } = context;
  onPhase?.('writing');
  const sentAt = time.now();
  const request = family.writeRequest(plan);
  const idempotency = keyFor(request, latest, context);
  const result = await transport.write(withKey(request, idempotency, context), {
    signal: kill,
    stop,
    remainingMs: patience.remainingMs,
    ...(onPhase === undefined ? {} : { onHeld: onPhase }),
  });
  if (result.kind === 'fault') {
    // What never left is no attempt.
    const waitedMs = result.sent === 'no' ? 0 : patience.takeWaitedMs();
    return { result, sentAt, waitedMs, idempotency };
  }
  patience.roundTripMs = result.roundTripMs;
  const answered = meaningOf(result, sentBy(plan, context), family);
  return { result: answered, sentAt, waitedMs: patience.takeWaitedMs(), idempotency };
}

function meaningOf(answer: Answer, sent: Sent, family: ApiFamily): Written['result'] {
  const api = family.errorOf(answer);
  return { kind: 'answered', answer, verdict: classify(answer, sent, api, family.rows), api };
}

/** What the write carried, for the decision table. */
function sentBy(plan: WritePlan, { family, idempotency }: UpdateContext): Sent {
  const sent = family.sent(plan);
  return idempotency === undefined ? sent : { ...sent, idempotencyKey: true };
}

/**
 * The Idempotency-Key, where the endpoint names a header for it. A request that is byte for byte the one before keeps
 * the key; any other gets a new one, because a server answers a known key with what it answered then
 * (draft-ietf-httpapi-idempotency-key-header-07).
 */
function keyFor(
  request: WireRequest,
  latest: IdempotencyKey | undefined,
  { idempotency }: UpdateContext,
): IdempotencyKey | undefined {
  if (idempotency === undefined) return latest;
  const requestHash = hashOf(request);
  if (latest?.requestHash === requestHash) return latest;
  return { key: idempotency.newKey(), requestHash };
}

/** The value is a structured-field String (RFC 9651), so its quotes are part of it. */
function withKey(
  request: WireRequest,
  key: IdempotencyKey | undefined,
  { idempotency }: UpdateContext,
): WireRequest {
  if (idempotency === undefined || key === undefined) return request;
  return { ...request, headers: { ...request.headers, [idempotency.header]: `"${key.key}"` } };
}

function hashOf({ method, url, headers, body }: WireRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, headers, body]))
    .digest('base64url');
}
