import type { Answer, Fault } from '../outcome/answer';
import { classify, type ApiError, type Verdict } from '../outcome/classify';
import type { Snapshot } from '../record/snapshot';
import { afterSuccess } from './after-success';
import { endOfFault, endOfVerdict, type Ending } from './ending';
import { sentBy, withIdempotencyKey } from './idempotency';
import { retryAfter } from './read-record';
import type { Run } from './run';
import { planOf } from './write-plan';

/** Why an attempt did not end the update, and what the recovery has to find out. */
export interface Trouble {
  readonly kind:
    | 'version-conflict' // the API says that the version moved
    | 'undetermined' // a 409 or 422 that only a re-read can tell apart
    | 'state-conflict' // refused from the current state, whatever the version
    | 'doubt' // the write may have been applied
    | 'accepted' // 202: to be applied later
    | 'in-progress' // the same request, sent before, is still at work: again as it was, with its key
    | 'not-applied'; // throttled or never sent: the same write again
  /** Version of the snapshot that the write was decided on, also where it was forced. */
  readonly sentOn: string;
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
  const answer = await transport.write(withIdempotencyKey(run, family.writeRequest(plan)), {
    signal: kill,
    stop,
    remainingMs: run.patience.remainingMs,
    onHeld: why => onPhase?.(why),
  });
  const sent = { sentOn: current.version, versionSent };
  if (answer.kind === 'fault') return afterFault(run, answer, sent, sentAt);
  run.patience.roundTripMs = answer.roundTripMs;
  const api = family.errorOf(answer);
  const verdict = classify(answer, sentBy(run, plan), api, family.rows);
  run.recordAttempt({ versionSent, class: verdict.class, status: answer.status }, sentAt);
  if (verdict.class === 'success') return afterSuccess(run, answer, plan, current);
  return afterRefusal(run, { ...sent, answer, api, verdict });
}

/** The snapshot's version, and what went as precondition: the same, or `*`. */
type Versions = Pick<Trouble, 'sentOn'> & { readonly versionSent: string };

function afterFault(
  run: Run,
  fault: Fault,
  { sentOn, versionSent }: Versions,
  sentAt: number,
): Ending | Trouble {
  const ending = endOfFault(fault, run.context.time.now());
  if (fault.sent === 'no' && fault.fatal) return ending;
  const { retryAfterMs } = fault;
  const trouble = { sentOn, retryAfterMs, throttled: fault.code === 'THROTTLED' };
  if (fault.sent === 'no') return { ...trouble, kind: 'not-applied', ending };
  run.recordAttempt({ versionSent, class: 'transient' }, sentAt);
  run.open.inDoubt(versionSent, run.current, !CONNECTION_ENDED.includes(fault.code));
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

interface Refusal extends Versions {
  readonly answer: Answer;
  readonly api: ApiError;
  readonly verdict: Verdict;
}

function afterRefusal(run: Run, refusal: Refusal): Ending | Trouble {
  const { answer, api, verdict, sentOn, versionSent } = refusal;
  const ending = endOfVerdict(verdict, api, answer.status);
  const kind = troubleOf(verdict);
  if (kind === undefined) return ending;
  const doubtful = DOUBTFUL.includes(kind);
  const mayStillLand = kind === 'in-progress' || MAY_STILL_LAND.includes(answer.status);
  if (doubtful) run.open.inDoubt(versionSent, run.current, mayStillLand);
  // The API says itself that the write is not in place yet.
  if (kind === 'in-progress') run.seenUnmoved();
  return {
    kind,
    sentOn,
    ending: doubtful ? { ...ending, outcome: 'uncertain' } : ending,
    retryAfterMs: retryAfter(answer, run.context.time.now()),
    throttled: verdict.class === 'throttled',
  };
}

const DOUBTFUL: readonly Trouble['kind'][] = ['doubt', 'accepted', 'in-progress'];

function troubleOf(verdict: Verdict): Trouble['kind'] | undefined {
  if (verdict.class === 'pending') return 'accepted';
  if (verdict.class === 'in-progress') return 'in-progress';
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
