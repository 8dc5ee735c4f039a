import { createHash } from 'node:crypto';
import type { ApiFamily, WritePlan } from '../api/family';
import type { Answer, Fault } from '../outcome/answer';
import { classify } from '../outcome/classify';
import type { Sent } from '../outcome/row';
import type { IdempotencyKey } from '../outcome/outcome';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import { isRepeated } from '../transport/repeat';
import type { SendOptions, WireRequest } from '../transport/transport';
import type { Phase, ReadContext, UpdateContext } from './context';
import { endOfFault, endOfRead, failed, overBudget, type Ending } from './ending';
import type { ReadOutcome } from './known';
import type { Patience } from './patience';
import { retryAfter, snapshotOf, type Written } from './write';

export interface ReadOptions {
  /** Undefined: all fields. */
  readonly fields: readonly string[] | undefined;
  readonly patience: Patience;
  /** Whether to wait and ask again when the API throttles. */
  readonly patiently: boolean;
  readonly onPhase?: ((phase: Phase) => void) | undefined;
}

/** Reads one record with its version. Throws the stop signal's reason when the flow stops. */
export async function readRecord(
  ref: RecordRef,
  context: ReadContext,
  { fields, patience, patiently, onPhase }: ReadOptions,
): Promise<ReadOutcome> {
  const { family, transport, stop } = context;
  const options = sendOptions(stop, stop, patience, onPhase);
  for (let reads = 1; ; reads++) {
    stop.throwIfAborted();
    onPhase?.('reading');
    const answer = await transport.read(family.readRequest(ref, fields), options);
    stop.throwIfAborted();
    if (answer.kind === 'answer') patience.roundTripMs = answer.roundTripMs;
    const read = meaningOfRead(ref, answer, context, reads);
    if (!('throttledForMs' in read)) return read;
    const { ending, throttledForMs } = read;
    if (!patiently) return { kind: 'unread', ending, reads };
    const permit = await patience.waitForRetry('throttled', throttledForMs);
    if (permit === 'no-budget') return { kind: 'unread', ending: overBudget(ending), reads };
    if (permit === 'used-up') return { kind: 'unread', ending, reads };
  }
}

/** @param signal ends the request also once it has left, `stop` only before */
function sendOptions(
  signal: AbortSignal,
  stop: AbortSignal,
  { remainingMs, place }: Patience,
  onPhase: ReadOptions['onPhase'],
): SendOptions {
  return onPhase === undefined
    ? { signal, stop, remainingMs, place }
    : { signal, stop, remainingMs, place, onHeld: onPhase };
}

/** The API asks to wait, and nobody has waited yet. */
interface Throttled {
  readonly ending: Ending;
  readonly throttledForMs: number | undefined;
}

function meaningOfRead(
  ref: RecordRef,
  answer: Answer | Fault,
  { family, time }: ReadContext,
  reads: number,
): ReadOutcome | Throttled {
  const now = time.now();
  if (answer.kind === 'fault') return { kind: 'unread', ending: endOfFault(answer, now), reads };
  const api = family.errorOf(answer);
  const verdict = classify(answer, READ, api, family.rows);
  if (verdict.class === 'success') {
    const read = snapshotIn(ref, answer, family, now);
    if ('snapshot' in read) return { kind: 'read', snapshot: read.snapshot, answer, reads };
    return { kind: 'unread', ending: read.ending, reads };
  }
  const ending = endOfRead(verdict, api, answer.status);
  if (verdict.class !== 'throttled') return { kind: 'unread', ending, reads };
  const throttledForMs = retryAfter(answer, now);
  const notBefore = throttledForMs === undefined ? {} : { notBefore: now + throttledForMs };
  const late = { ...ending, ...notBefore };
  return isRepeated('read', answer.status)
    ? { kind: 'unread', ending: late, reads }
    : { ending: late, throttledForMs };
}

const READ: Sent = { method: 'GET', precondition: 'none' };

function snapshotIn(
  ref: RecordRef,
  answer: Answer,
  family: ApiFamily,
  now: number,
): { readonly snapshot: Snapshot } | { readonly ending: Ending } {
  const values = family.valuesOf(answer);
  if (values === undefined) return unusable('RECORD_UNREADABLE', NO_RECORD);
  const snapshot = snapshotOf(ref, answer, values, family, now);
  if (snapshot !== undefined) return { snapshot };
  return unusable('NO_VERSION', `${NO_VERSION} ${family.noVersionFix}`);
}

const NO_RECORD =
  'The API answered the read without a record object. Check Records and Key, and in the endpoint where the record sits in the body.';
const NO_VERSION =
  'The API named no version for this record, so a change by somebody else could not be noticed.';

function unusable(code: string, message: string): { readonly ending: Ending } {
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
  const options = sendOptions(kill, stop, patience, onPhase);
  const result = await transport.write(withKey(request, idempotency, context), options);
  if (result.kind === 'fault') {
    // What never left is no attempt.
    const waitedMs = result.sent === 'no' ? 0 : patience.takeWaitedMs();
    return { kind: 'written', result, sentAt, waitedMs, idempotency };
  }
  patience.roundTripMs = result.roundTripMs;
  const answered = meaningOf(result, sentBy(plan, context), family);
  if (answered.kind === 'answered' && answered.verdict.class === 'success') {
    context.ownWrites?.add(plan.ref.url, family.versionOf(result), time.now());
  }
  const waitedMs = patience.takeWaitedMs();
  return { kind: 'written', result: answered, sentAt, waitedMs, idempotency };
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
