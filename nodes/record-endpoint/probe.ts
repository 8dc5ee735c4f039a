import { InputError } from '../../lib/errors';
import { classify } from '../../lib/outcome/classify';
import type { ResponseClass } from '../../lib/outcome/response-class';
import type { Fields, RecordKey } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import type { Snapshot } from '../../lib/record/snapshot';
import { isETag } from '../../lib/record/version';
import { systemTime } from '../../lib/retry/time';
import type { WritePlan } from '../../lib/api/family';
import type { WireRequest } from '../../lib/transport/transport';
import { fetchRecord } from '../../lib/update/fetch';
import type { Connection } from './connection';

/** What was found, for the person at the dialog. Never holds a secret or a field's value. */
export interface ProbeReport {
  readonly ok: boolean;
  readonly lines: readonly ProbeLine[];
}

/** One sentence: a key of the catalogue with what to fill in, or what engine and API say, with its code. */
export type ProbeLine =
  | { readonly text: string; readonly values?: Readonly<Record<string, string | number>> }
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
  const snapshot = await fetchOne(connection, ref);
  if ('lines' in snapshot) return snapshot;
  return {
    ok: true,
    lines: [
      say('record-endpoint.answer.read', { count: Object.keys(snapshot.values).length }),
      say('record-endpoint.answer.version', { version: snapshot.version }),
      sentBack(connection, ref, snapshot),
    ],
  };
}

/** Writes a field's current value with a version that cannot be: an API that takes it protects nothing. */
export async function proveProtection(
  connection: Connection,
  collection: string,
  key: RecordKey,
  field: string,
): Promise<ProbeReport> {
  const { family, baseUrl } = connection;
  const method = family.methods.find(name => name !== 'PUT');
  if (method === undefined) return { ok: false, lines: [WHOLE_RECORDS] };
  const ref = family.locate(baseUrl, collection, key);
  const snapshot = await fetchOne(connection, ref);
  if ('lines' in snapshot) return snapshot;
  const changes = currentValue(snapshot, field);
  const plan = (version: string): WritePlan => ({
    ref,
    method,
    changes,
    precondition: { version },
  });
  const refused = await write(connection, plan(impossibleVersion(snapshot.version)));
  if (refused.class !== 'undetermined' && refused.status !== 409) return judge(refused);
  // A 409 may be about the state. Then the version that is current is refused as well.
  const accepted = await write(connection, plan(snapshot.version));
  return accepted.class === 'success'
    ? { ok: true, lines: [refused.said, PROTECTED] }
    : { ok: false, lines: [refused.said, NO_PROOF] };
}

interface Written {
  readonly class: ResponseClass;
  /** Absent when no answer came. */
  readonly status?: number;
  readonly said: ProbeLine;
}

async function write({ family, transport }: Connection, plan: WritePlan): Promise<Written> {
  const signal = AbortSignal.timeout(TEST_MS);
  const limits = { signal, remainingMs: () => TEST_MS };
  const answer = await transport.write(family.writeRequest(plan), limits);
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

async function fetchOne(connection: Connection, ref: RecordRef): Promise<Snapshot | ProbeReport> {
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
  if ('snapshot' in read) return read.snapshot;
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
function say(text: string, values?: Readonly<Record<string, string | number>>): ProbeLine {
  return { text, ...(values === undefined ? {} : { values }) };
}

function saidBy({ code, message }: { readonly code: string; readonly message: string }): ProbeLine {
  return { code, message };
}

const NO_REASON = say('record-endpoint.answer.no-reason');
const PROTECTED = say('record-endpoint.answer.protected');
const UNPROTECTED = say('record-endpoint.answer.unprotected');
const NO_PROOF = say('record-endpoint.answer.no-proof');
const NO_PATCH = say('record-endpoint.answer.no-patch');
/** The proof writes one field back as it is. A whole record could undo what somebody wrote a moment ago. */
const WHOLE_RECORDS = say('record-endpoint.answer.whole-records');

function judge({ class: seen, status, said }: Written): ProbeReport {
  switch (seen) {
    case 'success':
    case 'unexpected-create':
    case 'pending':
      return { ok: false, lines: [said, UNPROTECTED] };
    case 'version-conflict':
      return { ok: true, lines: [said, PROTECTED] };
    default:
      return { ok: false, lines: [said, status === 405 ? NO_PATCH : NO_PROOF] };
  }
}

/** Before any record was written: what If-Unmodified-Since must refuse. */
const LONG_AGO = 'Thu, 01 Jan 1970 00:00:00 GMT';

/** A version of the same shape as a real one that the record cannot have. */
export function impossibleVersion(version: string): string {
  if (!isETag(version) && version.endsWith('GMT')) return LONG_AGO;
  const zeroed = version.replace(/[0-9]/g, '0').replace(/[A-Za-z](?!\/")/g, 'a');
  if (zeroed !== version) return zeroed;
  const other = version.replace(/0/g, '1').replace(/a/g, 'b');
  return other === version ? version.replace(/"?$/, '0$&') : other;
}
