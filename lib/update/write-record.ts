import type { ApiFamily, WritePlan } from '../api/family';
import type { Answer, Fault } from '../outcome/answer';
import { classify, type ApiError, type Verdict } from '../outcome/classify';
import { isFields, type Fields } from '../record/fields';
import { mergePatch } from '../record/merge';
import type { Snapshot } from '../record/snapshot';
import { endOfFault, endOfVerdict, failed, proven, type Ending } from './ending';
import { retryAfter } from './read-record';
import type { Run } from './run';

/** Why an attempt did not end the update, and what the recovery has to find out. */
export interface Trouble {
  readonly kind:
    | 'version-conflict' // the API says that the version moved
    | 'undetermined' // a 409 or 422 that only a re-read can tell apart
    | 'state-conflict' // refused from the current state, whatever the version
    | 'doubt' // the write may have been applied
    | 'accepted' // 202: to be applied later
    | 'not-applied'; // throttled or never sent: the same write again
  readonly versionSent: string;
  readonly retryAfterMs: number | undefined;
  readonly throttled: boolean;
  /** How the update ends when nothing more can be tried. */
  readonly ending: Ending;
}

/** Sends one write and says how the update ends, or what is to be recovered from. */
export async function writeRecord(run: Run, current: Snapshot): Promise<Ending | Trouble> {
  const plan = planOf(run, current);
  const versionSent = plan.precondition === 'any' ? '*' : plan.precondition.version;
  const { family, transport, time, stop, kill, onPhase } = run.context;
  onPhase?.('writing');
  const sentAt = time.now();
  run.writes++;
  const answer = await transport.write(family.writeRequest(plan), {
    signal: kill,
    // Waiting for a token or a connection, it has not been sent yet: then it is not sent any more.
    remainingMs: () => (stop.aborted ? 0 : run.patience.remainingMs()),
  });
  if (answer.kind === 'fault') return afterFault(run, answer, versionSent, sentAt);
  run.patience.roundTripMs = answer.roundTripMs;
  const api = family.errorOf(answer);
  const verdict = classify(answer, family.sent(plan), api, family.rows);
  run.recordAttempt({ versionSent, class: verdict.class, status: answer.status }, sentAt);
  if (verdict.class === 'success') return afterSuccess(run, answer, plan, current);
  return afterRefusal(run, { answer, api, verdict, versionSent });
}

function planOf(run: Run, current: Snapshot): WritePlan {
  const { ref, method, force } = run.request;
  return {
    ref,
    method,
    changes: changesToSend(run, current),
    precondition: force ? 'any' : { version: current.version },
    ...(run.readAnswer === undefined ? {} : { read: run.readAnswer }),
  };
}

function changesToSend(run: Run, current: Snapshot): Fields {
  if (!run.context.family.sendsOnlyDifferences || run.request.force) return run.toSend;
  const names = new Set(run.missing(current.values));
  const differences = Object.entries(run.toSend).filter(([name]) => names.has(name));
  return differences.length === 0 ? run.toSend : Object.fromEntries(differences);
}

/** The answer proves the new state, or nothing is known of it and the next update has to read. */
function afterSuccess(run: Run, answer: Answer, plan: WritePlan, before: Snapshot): Ending {
  const { family, time } = run.context;
  const version = family.versionOf(answer);
  const answered = representation(answer, plan, family);
  if (version === undefined) run.current = undefined;
  else {
    const values = { ...withChanges(before.values, plan.changes, family), ...answered };
    run.current = { ...before, version, values, readAt: new Date(time.now()).toISOString() };
    run.sawVersion(version);
  }
  run.doubt = undefined;
  return answered === undefined ? proven('updated') : asStored(run, answered);
}

/** The record in the answer; undefined when the body is something else, for example `{"ok": true}`. */
function representation(answer: Answer, plan: WritePlan, family: ApiFamily): Fields | undefined {
  const values = family.valuesOf(answer);
  const names = Object.keys(plan.changes).map(name => family.readName(name));
  const isRecord = values !== undefined && names.every(name => Object.hasOwn(values, name));
  return isRecord ? values : undefined;
}

/** The write was conditional, so the rest of the record is as it was read. */
function withChanges(before: Fields, changes: Fields, family: ApiFamily): Fields {
  const asRead = Object.entries(changes).map(([name, value]) => [family.readName(name), value]);
  const merged = mergePatch(before, Object.fromEntries(asRead));
  return isFields(merged) ? merged : before;
}

/** A 2xx does not prove that our values were stored: read-only fields may be ignored, numbers rounded. */
function asStored(run: Run, answered: Fields): Ending {
  const { family } = run.context;
  const shown = (name: string): boolean => Object.hasOwn(answered, family.readName(name));
  const other = run.missing(answered).filter(shown);
  if (other.length === 0) return proven('updated');
  return failed('updated', {
    code: 'STORED_DIFFERENTLY',
    message: `The API accepted the write but answered another value for ${other.join(', ')}. The field may be read-only or rounded: check it, or declare its type under "Compare as".`,
  });
}

function afterFault(run: Run, fault: Fault, versionSent: string, sentAt: number): Ending | Trouble {
  const ending = endOfFault(fault);
  if (fault.sent === 'no' && fault.fatal) return ending;
  const trouble = { versionSent, retryAfterMs: undefined, throttled: false };
  if (fault.sent === 'no') return { ...trouble, kind: 'not-applied', ending };
  run.recordAttempt({ versionSent, class: 'transient' }, sentAt);
  run.inDoubt(versionSent, !CONNECTION_ENDED.includes(fault.code));
  return { ...trouble, kind: 'doubt', ending: { ...ending, outcome: 'uncertain' } };
}

/** Answers of a gateway that stopped waiting: the API behind it may still be at work. */
const MAY_STILL_LAND = [408, 504];

/**
 * The server ended the exchange: what a later read does not show was not applied. Where we stopped waiting (a
 * time-out), the write may land after that read.
 */
const CONNECTION_ENDED = [
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'RESPONSE_TOO_LARGE',
  'RESPONSE_UNREADABLE',
];

interface Refusal {
  readonly answer: Answer;
  readonly api: ApiError;
  readonly verdict: Verdict;
  readonly versionSent: string;
}

function afterRefusal(run: Run, { answer, api, verdict, versionSent }: Refusal): Ending | Trouble {
  const ending = endOfVerdict(verdict, api, answer.status);
  const kind = troubleOf(verdict);
  if (kind === undefined) return ending;
  const doubtful = kind === 'doubt' || kind === 'accepted';
  if (doubtful) run.inDoubt(versionSent, MAY_STILL_LAND.includes(answer.status));
  return {
    kind,
    versionSent,
    ending: doubtful ? { ...ending, outcome: 'uncertain' } : ending,
    retryAfterMs: retryAfter(answer, run.context.time.now()),
    throttled: verdict.class === 'throttled',
  };
}

function troubleOf(verdict: Verdict): Trouble['kind'] | undefined {
  if (verdict.class === 'pending') return 'accepted';
  if (verdict.ambiguous === true || verdict.class === 'unverified') return 'doubt';
  switch (verdict.class) {
    case 'version-conflict':
    case 'undetermined':
    case 'state-conflict':
      return verdict.class;
    case 'throttled':
    case 'transient':
      return 'not-applied';
    default:
      return undefined;
  }
}
