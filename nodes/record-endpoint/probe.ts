import { InputError } from '../../lib/errors';
import { classify } from '../../lib/outcome/classify';
import type { ResponseClass } from '../../lib/outcome/response-class';
import type { Fields, RecordKey } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import type { Snapshot } from '../../lib/record/snapshot';
import { systemTime } from '../../lib/retry/time';
import type { WritePlan } from '../../lib/api/family';
import type { WireRequest } from '../../lib/transport/transport';
import { fetchRecord } from '../../lib/update/fetch';
import type { Connection } from './connection';
import { impossibleVersion } from './impossible-version';

/** Sentences for the person at the dialog. Never holds a secret or a field's value. */
export interface ProbeReport {
  readonly ok: boolean;
  readonly lines: readonly string[];
}

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
  const names = Object.keys(snapshot.values);
  const changes = { [names[0] ?? 'field']: snapshot.values[names[0] ?? 'field'] ?? null };
  return {
    ok: true,
    lines: [
      `The record was read (HTTP 200): ${names.length} fields.`,
      `Version evidence: ${snapshot.version}`,
      sentBack(connection, planFor(ref, changes, snapshot.version)),
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
  const ref = connection.family.locate(connection.baseUrl, collection, key);
  const snapshot = await fetchOne(connection, ref);
  if ('lines' in snapshot) return snapshot;
  const value = currentValue(snapshot, field);
  const refused = await write(connection, planFor(ref, value, impossibleVersion(snapshot.version)));
  if (refused.class !== 'undetermined' && refused.status !== 409) return judge(refused);
  // A 409 may be about the state. Then the version that is current is refused as well.
  const accepted = await write(connection, planFor(ref, value, snapshot.version));
  return accepted.class === 'success'
    ? { ok: true, lines: [refused.said, PROTECTED] }
    : { ok: false, lines: [refused.said, NO_PROOF] };
}

interface Written {
  readonly class: ResponseClass;
  /** Absent when no answer came. */
  readonly status?: number;
  /** One sentence. */
  readonly said: string;
}

async function write({ family, transport }: Connection, plan: WritePlan): Promise<Written> {
  const signal = AbortSignal.timeout(TEST_MS);
  const limits = { signal, remainingMs: () => TEST_MS };
  const answer = await transport.write(family.writeRequest(plan), limits);
  if (answer.kind === 'fault') return { class: 'transient', said: answer.message };
  const { status } = answer;
  const api = family.errorOf(answer);
  const verdict = classify(answer, family.sent(plan), api, family.rows);
  const said = `The API answered ${status}${api.message === undefined ? '' : `: ${api.message}`}.`;
  return { class: verdict.class, status, said };
}

async function fetchOne(connection: Connection, ref: RecordRef): Promise<Snapshot | ProbeReport> {
  const policy = { ...connection.policy, deadlineMs: TEST_MS };
  const stop = AbortSignal.timeout(TEST_MS * 2);
  const read = await fetchRecord(ref, undefined, {
    ...connection,
    policy,
    time: systemTime,
    random: Math.random,
    stop,
  });
  if ('snapshot' in read) return read.snapshot;
  const { outcome, error } = read.result;
  return {
    ok: false,
    lines: [
      `The record could not be read (${outcome}).`,
      error?.message ?? 'The API gave no reason.',
    ],
  };
}

function planFor(ref: RecordRef, changes: Fields, version: string): WritePlan {
  return { ref, method: 'PATCH', changes, precondition: { version } };
}

function sentBack({ family }: Connection, plan: WritePlan): string {
  const evidence = evidenceHeader(family.writeRequest(plan));
  return evidence === undefined
    ? 'A write sends this version back in its body.'
    : `A write sends back: ${evidence}`;
}

function evidenceHeader({ headers }: WireRequest): string | undefined {
  const name = Object.keys(headers).find(header => /^if-(match|unmodified-since)$/i.test(header));
  return name === undefined ? undefined : `${name}: ${headers[name] ?? ''}`;
}

function currentValue(snapshot: Snapshot, field: string): Fields {
  if (Object.hasOwn(snapshot.values, field)) return { [field]: snapshot.values[field] };
  throw new InputError(
    'FIELD_UNKNOWN',
    `The record has no field "${field}". Name a field of this record that may be written.`,
  );
}

const PROTECTED = 'Protected: the API refused a version that is not current.';
const NO_PROOF =
  'This proves nothing: the write was refused for another reason. Try another field.';

function judge({ class: seen, status, said }: Written): ProbeReport {
  switch (seen) {
    case 'success':
    case 'unexpected-create':
    case 'pending':
      return {
        ok: false,
        lines: [said, 'Not protected: this API ignores versions, so updates are not safe.'],
      };
    case 'version-conflict':
      return { ok: true, lines: [said, PROTECTED] };
    default:
      return { ok: false, lines: [said, status === 405 ? NO_PATCH : NO_PROOF] };
  }
}

const NO_PATCH =
  'This API takes no PATCH here, so it cannot be tested this way. Set Method to PUT in conditional-update.';
