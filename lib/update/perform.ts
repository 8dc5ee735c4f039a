import { createHash } from 'node:crypto';
import type { ApiFamily, WritePlan } from '../api/family';
import type { Answer, Fault } from '../outcome/answer';
import { classify } from '../outcome/classify';
import type { ApiError, Sent, Verdict } from '../outcome/row';
import type { IdempotencyKey } from '../outcome/outcome';
import type { RecordRef } from '../record/ref';
import type { OwnTransition, Snapshot } from '../record/snapshot';
import { isRepeated } from '../transport/repeated';
import type { SendOptions, WireRequest } from '../transport/transport';
import { namingAddress } from './called';
import type { Phase, ReadContext, UpdateContext, Withdrawn, Withheld } from './context';
import { endOfFault, endOfRead, failed, overBudget, type Ending } from './ending';
import type { ReadOutcome } from './known';
import { isRefusedMedia, namingTypes, seenWithoutWish, withoutWish } from './media';
import { isOfThisWrite } from './own-writes';
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

/**
 * Reads one record with its version. Throws the stop signal's reason when the flow stops. What is seldom waited for has
 * functions of its own: one that is async keeps all that it works with until its end.
 * @param reads the number of this one
 */
export function readRecord(
  ref: RecordRef,
  context: ReadContext,
  options: ReadOptions,
  reads = 1,
): Promise<ReadOutcome> {
  context.stop.throwIfAborted();
  options.onPhase?.('reading');
  return ask(ref, context, options).then(answer =>
    afterRead({ ref, fields: options.fields, answer, reads }, context, options),
  );
}

function afterRead(
  asked: Asked,
  context: ReadContext,
  options: ReadOptions,
): ReadOutcome | Promise<ReadOutcome> {
  context.stop.throwIfAborted();
  const { ref, answer, reads } = asked;
  if (answer.kind === 'answer') options.patience.roundTripMs = answer.roundTripMs;
  const read = meaningOfRead(asked, context);
  if ('refused' in read) return lookAgain(ref, read.refused, reads, context, options);
  if (!('throttledForMs' in read)) return read;
  if (!options.patiently) return { kind: 'unread', ending: read.ending, reads };
  return readLater(read, asked, context, options);
}

async function readLater(
  { ending, throttledForMs }: Throttled,
  { ref, reads }: Asked,
  context: ReadContext,
  options: ReadOptions,
): Promise<ReadOutcome> {
  const permit = await options.patience.waitForRetry('throttled', throttledForMs);
  if (permit === 'no-budget') return { kind: 'unread', ending: overBudget(ending), reads };
  if (permit === 'used-up') return { kind: 'unread', ending, reads };
  return readRecord(ref, context, options, reads + 1);
}

/** Together with others where that is how requests go. */
function ask(
  ref: RecordRef,
  { family, transport, shared, stop }: ReadContext,
  { fields, patience, onPhase }: ReadOptions,
): Promise<Answer | Fault> {
  if (shared !== undefined) return shared.read({ ref, fields, onSent: patience.spare });
  const request = family.readRequest(ref, fields);
  return transport.read(request, sendOptions(stop, stop, patience, onPhase));
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

/** What the API answers when it is free to choose the media type. @param reads that have been sent */
async function lookAgain(
  ref: RecordRef,
  { verdict, api, status }: Refused['refused'],
  reads: number,
  { family, transport, stop }: ReadContext,
  { fields, patience, onPhase }: ReadOptions,
): Promise<ReadOutcome> {
  const request = family.readRequest(ref, fields);
  const options = sendOptions(stop, stop, patience, onPhase);
  const look = await transport.read(withoutWish(request), options);
  stop.throwIfAborted();
  const seen = seenWithoutWish(verdict, request, look);
  return { kind: 'unread', ending: endOfRead(seen, api, status), reads: reads + 1 };
}

/** A read that was answered, or not. */
interface Asked {
  readonly ref: RecordRef;
  readonly fields: ReadOptions['fields'];
  readonly answer: Answer | Fault;
  readonly reads: number;
}

function meaningOfRead(
  { ref, fields, answer, reads }: Asked,
  { family, time }: ReadContext,
): ReadOutcome | Throttled | Refused {
  const now = time.now();
  if (answer.kind === 'fault') return { kind: 'unread', ending: endOfFault(answer, now), reads };
  const api = family.errorOf(answer);
  const found = classify(answer, READ, api, family.rows);
  if (found.class === 'success') {
    const read = snapshotIn(ref, answer, family, now);
    if ('snapshot' in read) return { kind: 'read', snapshot: read.snapshot, answer, reads };
    return { kind: 'unread', ending: read.ending, reads };
  }
  const verdict = namingAddress(found, family.readRequest(ref, fields).url);
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
  /** What it does to the status; undefined: it is no transition, or nobody knows the time of its event. */
  readonly transition: OwnTransition | undefined;
}

/** A write on its way. */
interface Sending extends Pick<Written, 'sentAt' | 'idempotency'> {
  readonly plan: WritePlan;
  readonly request: WireRequest;
  readonly transition: WriteOptions['transition'];
}

/**
 * Sends one write, once.
 * @param latest the key of the write before
 */
export function writeRecord(
  plan: WritePlan,
  latest: IdempotencyKey | undefined,
  context: UpdateContext,
  { patience, withheld, transition }: WriteOptions,
): Promise<Written | Withdrawn | Withheld> {
  context.onPhase?.('writing');
  const sentAt = context.time.now();
  const request = context.family.writeRequest(plan);
  const idempotency = keyFor(request, latest, context);
  const sending: Sending = { plan, request, sentAt, idempotency, transition };
  if (withheld === undefined) return send(sending, context, patience);
  return withheld(idempotency).then<Written | Withdrawn | Withheld>(
    why => why ?? send(sending, context, patience),
  );
}

function send(
  sending: Sending,
  context: UpdateContext,
  patience: Patience,
): Promise<Written | Withdrawn> {
  const { transport, shared, stop, kill, onPhase } = context;
  const { plan, idempotency } = sending;
  const request = withKey(sending.request, idempotency, context);
  const answering =
    shared === undefined
      ? transport.write(request, sendOptions(kill, stop, patience, onPhase))
      : shared.write({ request, plan, onSent: patience.spare });
  return answering.then(result => afterSending(sending, result, context, patience));
}

function afterSending(
  sending: Sending,
  result: Answer | Fault | Withdrawn,
  context: UpdateContext,
  patience: Patience,
): Written | Withdrawn {
  const { plan, request, sentAt, idempotency } = sending;
  if (result.kind === 'withdrawn') return result;
  if (result.kind === 'fault') {
    // What never left is no attempt.
    const waitedMs = result.sent === 'no' ? 0 : patience.takeWaitedMs();
    return { kind: 'written', result, sentAt, waitedMs, idempotency };
  }
  const { family } = context;
  patience.roundTripMs = result.roundTripMs;
  const answered = meaningOf(result, request.url, sentBy(plan, context), family);
  if (answered.kind === 'answered' && answered.verdict.class === 'success') {
    remember(sending, family.versionOf(result), context);
  }
  const waitedMs = patience.takeWaitedMs();
  return { kind: 'written', result: answered, sentAt, waitedMs, idempotency };
}

/** What reads are told by that come later. */
function remember(
  { plan: { ref, precondition }, transition }: Sending,
  version: string | undefined,
  { ownWrites, time }: UpdateContext,
): void {
  const sentOn = precondition === 'any' ? undefined : precondition.version;
  const isOwn = version !== undefined && isOfThisWrite(version, sentOn);
  ownWrites?.add(ref.url, version, time.now(), isOwn ? transition : undefined);
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
