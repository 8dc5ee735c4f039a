import { InputError } from '../../lib/errors';
import { classify } from '../../lib/outcome/classify';
import type { ResponseClass } from '../../lib/outcome/response-class';
import type { Fields, RecordKey } from '../../lib/record/fields';
import { parseJson } from '../../lib/record/json';
import type { RecordRef } from '../../lib/record/ref';
import type { Snapshot } from '../../lib/record/snapshot';
import { isETag } from '../../lib/record/version';
import { systemTime } from '../../lib/retry/time';
import type { UpdateMethod, WritePlan } from '../../lib/api/family';
import type { Answer, Fault } from '../../lib/outcome/answer';
import type { SendOptions, WireRequest } from '../../lib/transport/transport';
import { fetchRecord, type Fetched } from '../../lib/update/fetch';
import type { TextKey } from '../shared/text-key';
import type { Connection } from './connection';
import { writeInBatch } from './probe-batch';

/** What was found, for the person at the dialog. Never holds a secret or a field's value. */
export interface ProbeReport {
  readonly ok: boolean;
  readonly lines: readonly ProbeLine[];
  /** A batch was taken with a version that cannot be. */
  readonly batches?: 'unprotected';
  /** A write was. */
  readonly writes?: 'unprotected';
  /** What is known now of each way to write that was tried. */
  readonly found?: readonly Finding[];
}

/** Whether the API looks at the version of one kind of write. */
export interface Finding {
  readonly what: UpdateMethod | 'batch';
  readonly verdict: Verdict;
}

/** `refused`: the real version as well. */
export type Verdict = 'checked' | 'ignored' | 'refused' | 'not-taken' | 'unproven';

/** What one write came to. */
type Proved = ProbeReport & { readonly verdict: Verdict };

/** One sentence: a key of the catalogue with what to fill in, or what engine and API say, with its code. */
export type ProbeLine =
  | { readonly text: TextKey; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly code: string; readonly message: string };

/** Longest a test may take, whatever the retry policy says, in milliseconds. */
const TEST_MS = 15_000;

/** Reads one record and says what was found and what would be sent back. */
export async function probeRecord(
  connection: Connection,
  collection: string,
  key: RecordKey,
): Promise<ProbeReport> {
  const ref = connection.family.locate(connection.baseUrl, collection, key);
  const read = await fetchOne(connection, ref);
  if ('lines' in read) return read;
  const { snapshot } = read;
  return {
    ok: true,
    lines: [
      say('record-endpoint.answer.read', { count: Object.keys(snapshot.values).length }),
      say('record-endpoint.answer.version', { version: snapshot.version }),
      sentBack(connection, ref, snapshot),
    ],
  };
}

/** What a proof writes back, and how. */
export interface ProofRequest {
  readonly collection: string;
  readonly key: RecordKey;
  /** Written with its present value; with PUT the whole record is, as it was read. */
  readonly field: string;
  /** As the flow writes; one that the family does not take stands for its first one. */
  readonly method: string;
}

/**
 * Writes what is there already, by the method that the flow uses: with a version that cannot be, which an API that
 * protects its records refuses, and then with the real one, which it has to take.
 */
export async function proveProtection(
  connection: Connection,
  { collection, key, field, method: wanted }: ProofRequest,
): Promise<ProbeReport> {
  const { family, baseUrl } = connection;
  const method = family.methods.find(name => name === wanted) ?? family.methods[0] ?? 'PATCH';
  const ref = family.locate(baseUrl, collection, key);
  const read = await fetchOne(connection, ref);
  if ('lines' in read) return read;
  const proof = { ref, method, field };
  const refused = await write(
    connection,
    planOf(proof, read, impossibleVersion(read.snapshot.version)),
  );
  const { verdict, ...report } = isAboutVersion(refused)
    ? await withRealVersion(connection, proof, read, refused)
    : judge(refused, method);
  const proved = { ...report, found: [{ what: method, verdict }] };
  return report.ok ? withBatch(connection, proof, read, proved) : proved;
}

/** The same impossible version in a batch: some APIs do not look at versions there. */
async function withBatch(
  connection: Connection,
  proof: Proof,
  read: Read,
  report: ProbeReport & Required<Pick<ProbeReport, 'found'>>,
): Promise<ProbeReport> {
  const plan = planOf(proof, read, impossibleVersion(read.snapshot.version));
  const written = await tried(() => writeInBatch(connection, plan, limits()));
  if (written === undefined) return report;
  const { batch, member } = written;
  const { class: seen, said } =
    batch instanceof InputError
      ? { class: 'unsupported' as const, said: saidBy(batch) }
      : judged(connection, plan, member ?? batch);
  const lines = [...report.lines, IN_BATCH, said];
  const found = (verdict: Verdict): Finding[] => [...report.found, { what: 'batch', verdict }];
  if (member !== undefined && isDone(seen)) {
    const all = { lines: [...lines, BATCH_UNPROTECTED], found: found('ignored') };
    return { ok: false, ...all, batches: 'unprotected' };
  }
  return member !== undefined && seen === 'version-conflict'
    ? { ...report, lines: [...lines, BATCH_PROTECTED], found: found('checked') }
    : { ...report, lines: [...lines, BATCH_UNPROVEN], found: found('unproven') };
}

/** What cannot even be put into a batch proves nothing. */
async function tried<T extends object>(
  write: () => Promise<T | undefined>,
): Promise<T | { readonly batch: InputError; readonly member?: undefined } | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof InputError) return { batch: error };
    throw error;
  }
}

interface Proof {
  readonly ref: RecordRef;
  readonly method: UpdateMethod;
  readonly field: string;
}

type Read = Extract<Fetched, { readonly snapshot: Snapshot }>;

function planOf(
  { ref, method, field }: Proof,
  { snapshot, answer }: Read,
  version: string,
): WritePlan {
  const { modifiedAt } = snapshot;
  return {
    ref,
    method,
    changes: currentValue(snapshot, field),
    read: answer,
    precondition: modifiedAt === undefined ? { version } : { version, modifiedAt },
  };
}

/** A 409 may be about the state: then the real version is refused as well. */
function isAboutVersion({ class: found, status }: Written): boolean {
  return found === 'version-conflict' || found === 'undetermined' || status === 409;
}

/** How often the real version is tried while others change the record. */
const MOST_TRIES = 3;

/** Where the real version is refused like the impossible one, no update would ever succeed. */
async function withRealVersion(
  connection: Connection,
  proof: Proof,
  read: Read,
  refused: Written,
): Promise<Proved> {
  let last = read;
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const real = await write(connection, planOf(proof, last, last.snapshot.version));
    if (real.class === 'success') return proved('checked', [refused.said, PROTECTED]);
    // Another answer than to the impossible version: it was compared.
    if (!isAboutVersion(real) && refused.class === 'version-conflict') {
      return proved('checked', [refused.said, PROTECTED, real.said]);
    }
    if (real.class !== 'version-conflict') return proved('unproven', [refused.said, NO_PROOF]);
    const again = await fetchOne(connection, proof.ref);
    if ('lines' in again) return { ...again, verdict: 'unproven' };
    if (again.snapshot.version === last.snapshot.version) {
      return proved('refused', [real.said, OWN_REFUSED, ...anotherVersion(again)]);
    }
    last = again;
  }
  return proved('unproven', [refused.said, MOVED]);
}

function proved(verdict: Verdict, lines: readonly ProbeLine[]): Proved {
  return { ok: verdict === 'checked', lines, verdict };
}

/** Some services name one version in the body and another, the one that counts, in the header. */
function anotherVersion({ snapshot, answer }: Read): ProbeLine[] {
  const { etag } = answer.headers;
  return etag === undefined || etag === snapshot.version
    ? []
    : [say('record-endpoint.answer.another-etag', { etag })];
}

interface Written {
  readonly class: ResponseClass;
  /** Absent when no answer came. */
  readonly status?: number;
  readonly said: ProbeLine;
}

async function write(connection: Connection, plan: WritePlan): Promise<Written> {
  const { family, transport } = connection;
  return judged(connection, plan, await transport.write(family.writeRequest(plan), limits()));
}

function limits(): SendOptions {
  return { signal: AbortSignal.timeout(TEST_MS), remainingMs: () => TEST_MS };
}

function judged({ family }: Connection, plan: WritePlan, answer: Answer | Fault): Written {
  if (answer.kind === 'fault') return { class: 'transient', said: saidBy(answer) };
  const { status } = answer;
  const api = family.errorOf(answer);
  const verdict = classify(answer, family.sent(plan), api, family.rows);
  const { message: words } = api;
  const said =
    words === undefined
      ? say('record-endpoint.answer.status', { status })
      : say('record-endpoint.answer.status-words', { status, words });
  return { class: verdict.class, status, said };
}

async function fetchOne(connection: Connection, ref: RecordRef): Promise<Read | ProbeReport> {
  const { family, transport, policyNow } = connection;
  const stop = AbortSignal.timeout(TEST_MS * 2);
  const read = await fetchRecord(ref, undefined, {
    family,
    transport,
    policy: { ...policyNow(), deadlineMs: TEST_MS },
    time: systemTime,
    random: Math.random,
    stop,
  });
  if ('snapshot' in read) return read;
  const { outcome, error } = read.result;
  return {
    ok: false,
    lines: [
      say('record-endpoint.answer.not-read', { outcome }),
      error === undefined ? NO_REASON : saidBy(error),
    ],
  };
}

/** What a write of this record would carry; it is put together only to be shown. */
function sentBack(
  { family }: Connection,
  ref: RecordRef,
  { values, version }: Snapshot,
): ProbeLine {
  const json: unknown = values;
  const text = JSON.stringify(values);
  const evidence = evidenceHeaders(
    family.writeRequest({
      ref,
      method: family.methods[0] ?? 'PATCH',
      changes: values,
      read: { kind: 'answer', status: 200, headers: {}, text, json, roundTripMs: 0 },
      precondition: { version },
    }),
  );
  return evidence.length === 0
    ? say('record-endpoint.answer.sent-in-body')
    : say('record-endpoint.answer.sent-back', { headers: evidence.join(', ') });
}

function evidenceHeaders({ headers }: WireRequest): string[] {
  return Object.entries(headers)
    .filter(([name]) => /^if-(match|unmodified-since)$/i.test(name))
    .map(([name, value]) => `${name}: ${value}`);
}

function currentValue(snapshot: Snapshot, field: string): Fields {
  if (Object.hasOwn(snapshot.values, field)) return { [field]: snapshot.values[field] };
  throw new InputError(
    'FIELD_UNKNOWN',
    `The record has no field "${field}". Name a field of this record that may be written.`,
  );
}

/** Without values where none are filled in. */
function say(text: TextKey, values?: Readonly<Record<string, string | number>>): ProbeLine {
  return { text, ...(values === undefined ? {} : { values }) };
}

function saidBy({ code, message }: { readonly code: string; readonly message: string }): ProbeLine {
  return { code, message };
}

const NO_REASON = say('record-endpoint.answer.no-reason');
const PROTECTED = say('record-endpoint.answer.protected');
const NO_PROOF = say('record-endpoint.answer.no-proof');
const OWN_REFUSED = say('record-endpoint.answer.own-refused');
const IN_BATCH = say('record-endpoint.answer.in-batch');
const BATCH_PROTECTED = say('record-endpoint.answer.batch-protected');
const BATCH_UNPROTECTED = say('record-endpoint.answer.batch-unprotected');
const BATCH_UNPROVEN = say('record-endpoint.answer.batch-unproven');
const MOVED = say('record-endpoint.answer.moved');

/** Statuses of an API that does not know the method. */
const NO_METHOD: readonly unknown[] = [405, 501];

/** It was taken, whatever the version. */
function isDone(seen: ResponseClass): boolean {
  return seen === 'success' || seen === 'unexpected-create' || seen === 'pending';
}

function judge({ class: seen, status, said }: Written, method: UpdateMethod): Proved {
  if (isDone(seen)) {
    const lines = [said, say('record-endpoint.answer.unprotected', { method })];
    return { ...proved('ignored', lines), writes: 'unprotected' };
  }
  return NO_METHOD.includes(status)
    ? proved('not-taken', [said, say('record-endpoint.answer.no-method', { method })])
    : proved('unproven', [said, NO_PROOF]);
}

/** Before any record was written: what If-Unmodified-Since must refuse. */
const LONG_AGO = 'Thu, 01 Jan 1970 00:00:00 GMT';

/** A leap year, which has every day that a time may name. */
const LONG_PAST = ['1972', '1976'] as const;

/**
 * A version of the same shape as a real one that the record cannot have. It stays a time where it was one, and a number
 * other than 0: an API that cannot read it refuses it for that, and to some 0 says that there is no condition.
 */
export function impossibleVersion(version: string): string {
  const [first, ...more] = partsIn(version);
  // The others may be bound to rules of their own.
  if (first !== undefined) return JSON.stringify([impossibleVersion(first), ...more]);
  if (!isETag(version) && version.endsWith('GMT')) return LONG_AGO;
  return impossibleTime(version) ?? impossibleNumber(version) ?? impossibleText(version);
}

/** Of a version that several fields make up; none of any other. */
function partsIn(version: string): readonly string[] {
  const parts = version.startsWith('["') ? parseJson(version) : undefined;
  return Array.isArray(parts) && parts.every(part => typeof part === 'string') ? parts : [];
}

function impossibleTime(version: string): string | undefined {
  const [year] = /\d{4}(?=-\d\d-\d\d(?!\d))/.exec(version) ?? [];
  const [one, other] = LONG_PAST;
  return year === undefined ? undefined : version.replace(year, year === one ? other : one);
}

function impossibleNumber(version: string): string | undefined {
  const [, start = '', digits = '', end = ''] = /^((?:W\/)?"?)(\d+)("?)$/.exec(version) ?? [];
  const number = `${/^10*$/.test(digits) ? '2' : '1'}${'0'.repeat(Math.max(0, digits.length - 1))}`;
  return digits === '' ? undefined : start + number + end;
}

function impossibleText(version: string): string {
  const zeroed = version.replace(/[0-9]/g, '0').replace(/[A-Za-z](?!\/")/g, 'a');
  if (zeroed !== version) return zeroed;
  const other = version.replace(/0/g, '1').replace(/a/g, 'b');
  return other === version ? version.replace(/"?$/, '0$&') : other;
}
