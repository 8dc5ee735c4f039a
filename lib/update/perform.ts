import { createHash } from 'node:crypto';
import type { ApiFamily, WritePlan } from '../api/family';
import type { Answer, Fault } from '../outcome/answer';
import { classify } from '../outcome/classify';
import type { ApiError, Sent, Verdict } from '../outcome/row';
import type { IdempotencyKey } from '../outcome/outcome';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import { isRepeated } from '../transport/repeat';
import type { SendOptions, WireRequest } from '../transport/transport';
import { namingAddress } from './called';
import type { Phase, ReadContext, UpdateContext, Withdrawn, Withheld } from './context';
import { endOfFault, endOfRead, failed, overBudget, type Ending } from './ending';
import type { ReadOutcome } from './known';
import { isRefusedMedia, namingTypes, seenWithoutWish, withoutWish } from './media';
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
  const { family, transport, shared, stop } = context;
  const options = sendOptions(stop, stop, patience, onPhase);
  const onSent = patience.spare;
  for (let reads = 1; ; reads++) {
    stop.throwIfAborted();
    onPhase?.('reading');
    const request = family.readRequest(ref, fields);
    const answer = await (shared?.read({ request, ref, fields, onSent }) ??
      transport.read(request, options));
    stop.throwIfAborted();
    if (answer.kind === 'answer') patience.roundTripMs = answer.roundTripMs;
    const read = meaningOfRead({ ref, request, answer, reads }, context);
    if ('refused' in read) {
      const look = await transport.read(withoutWish(request), options);
      stop.throwIfAborted();
      return refusedMedia(read.refused, request, look, reads + 1);
    }
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

/** The API refused the media type, and a second look may tell why. */
interface Refused {
  readonly refused: { readonly verdict: Verdict; readonly api: ApiError; readonly status: number };
}

function refusedMedia(
  { verdict, api, status }: Refused['refused'],
  request: WireRequest,
  look: Answer | Fault,
  reads: number,
): ReadOutcome {
  const seen = seenWithoutWish(verdict, request, look);
  return { kind: 'unread', ending: endOfRead(seen, api, status), reads };
}

/** A read that was answered, or not. */
interface Asked {
  readonly ref: RecordRef;
  readonly request: WireRequest;
  readonly answer: Answer | Fault;
  readonly reads: number;
}

function meaningOfRead(
  { ref, request, answer, reads }: Asked,
  { family, time }: ReadContext,
): ReadOutcome | Throttled | Refused {
  const now = time.now();
  if (answer.kind === 'fault') return { kind: 'unread', ending: endOfFault(answer, now), reads };
  const api = family.errorOf(answer);
  const verdict = namingAddress(classify(answer, READ, api, family.rows), request.url);
  if (verdict.class === 'success') {
    const read = snapshotIn(ref, answer, family, now);
    if ('snapshot' in read) return { kind: 'read', snapshot: read.snapshot, answer, reads };
    return { kind: 'unread', ending: read.ending, reads };
  }
  if (isRefusedMedia(verdict)) return { refused: { verdict, api, status: answer.status } };
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
  const fault = family.versionFault(answer);
  if (fault !== undefined) return unusable('VERSION_UNUSABLE', fault);
  return unusable('NO_VERSION', `${NO_VERSION} ${family.noVersionFix}`);
}

const NO_RECORD =
  'The API answered the read without a record object. Check Records and Key, and in the endpoint where the record sits in the body.';
const NO_VERSION =
  'The API named no version for this record, so a change by somebody else could not be noticed.';

function unusable(code: string, message: string): { readonly ending: Ending } {
  return { ending: failed('unsupported', { code, message }) };
}

export interface WriteOptions {
  readonly patience: Patience;
  /** Why the write must not leave; resolves to undefined where it may. Absent: it may. */
  readonly withheld:
    ((idempotency: IdempotencyKey | undefined) => Promise<Withheld | undefined>) | undefined;
}

/**
 * Sends one write, once.
 * @param latest the key of the write before
 */
export async function writeRecord(
  plan: WritePlan,
  latest: IdempotencyKey | undefined,
  context: UpdateContext,
  { patience, withheld }: WriteOptions,
): Promise<Written | Withdrawn | Withheld> {
  const { family, transport, shared, time, stop, kill, onPhase } = context;
  onPhase?.('writing');
  const sentAt = time.now();
  const request = family.writeRequest(plan);
  const idempotency = keyFor(request, latest, context);
  const why = withheld && (await withheld(idempotency));
  if (why !== undefined) return why;
  const options = sendOptions(kill, stop, patience, onPhase);
  const keyed = withKey(request, idempotency, context);
  const result = await (shared?.write({ request: keyed, plan, onSent: patience.spare }) ??
    transport.write(keyed, options));
  if (result.kind === 'withdrawn') return result;
  if (result.kind === 'fault') {
    // What never left is no attempt.
    const waitedMs = result.sent === 'no' ? 0 : patience.takeWaitedMs();
    return { kind: 'written', result, sentAt, waitedMs, idempotency };
  }
  patience.roundTripMs = result.roundTripMs;
  const answered = meaningOf(result, request.url, sentBy(plan, context), family);
  if (answered.kind === 'answered' && answered.verdict.class === 'success') {
    context.ownWrites?.add(plan.ref.url, family.versionOf(result), time.now());
  }
  const waitedMs = patience.takeWaitedMs();
  return { kind: 'written', result: answered, sentAt, waitedMs, idempotency };
}

function meaningOf(answer: Answer, url: string, sent: Sent, family: ApiFamily): Written['result'] {
  const api = family.errorOf(answer);
  const verdict = classify(answer, sent, api, family.rows);
  return {
    kind: 'answered',
    answer,
    verdict: namingTypes(namingAddress(verdict, url), answer),
    api,
  };
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

/** As a structured-field String (RFC 9651), as the draft of the header has it, its quotes are part of the value. */
function withKey(
  request: WireRequest,
  key: IdempotencyKey | undefined,
  { idempotency }: UpdateContext,
): WireRequest {
  if (idempotency === undefined || key === undefined) return request;
  const value = idempotency.isQuoted ? `"${key.key}"` : key.key;
  return { ...request, headers: { ...request.headers, [idempotency.header]: value } };
}

function hashOf({ method, url, headers, body }: WireRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, headers, body]))
    .digest('base64url');
}
