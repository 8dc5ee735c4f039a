import type { Lease, NotAcquired } from '../coordination/lock';
import type { UpdateContext } from './context';
import { failed, proven, type Ending } from './ending';
import { present, readNow, readPastCache } from './look';
import { recover } from './recover';
import type { UpdateRequest } from './request';
import { Run, type UpdateOutput } from './run';
import { inPlace, settleForced, settleMoved, type Settled } from './settle';
import { StopError } from './stop';
import { endOfTransition } from './transition';
import { writeRecord } from './write-record';

/**
 * Updates one record: reads, writes only if unchanged, classifies, reconciles against the baseline and waits,
 * until the update has an outcome. Throws StopError when `context.stop` fires before that.
 */
export async function updateRecord(
  request: UpdateRequest,
  context: UpdateContext,
): Promise<UpdateOutput> {
  const run = new Run(request, context);
  try {
    return run.finish(await inTurn(run));
  } catch (error) {
    throw context.stop.aborted && !(error instanceof StopError) ? stopped(run) : error;
  }
}

async function inTurn(run: Run): Promise<Ending> {
  const { turn, stop, onPhase } = run.context;
  if (turn === undefined) return drive(run);
  onPhase?.('queued');
  const lease = await turn(Math.min(run.request.turnWaitMs, run.patience.remainingMs()), stop);
  if (!lease.granted) return noTurn(run, lease);
  return drive(run).finally(() => release(lease));
}

/** A lease that ended early is no fault: the version is what protects the record. */
async function release(lease: Lease): Promise<void> {
  await lease.release();
}

function noTurn(run: Run, { reason, waitedMs }: NotAcquired): Ending {
  if (reason === 'aborted' || reason === 'closed') throw stopped(run);
  const why =
    reason === 'queue-full'
      ? 'Too many updates of this record are waiting already'
      : `Other updates of this record kept it busy for more than ${Math.round(waitedMs)} ms`;
  const error = {
    code: 'TURN_NOT_GRANTED',
    message: `${why}. Allow a longer wait, or send fewer updates of one record at once.`,
  };
  if (run.request.mode === 'once') return failed('retry', error, { cause: 'busy' });
  return failed(run.doubt === undefined ? 'busy' : 'uncertain', error);
}

async function drive(run: Run): Promise<Ending> {
  let settled = await prepare(run);
  while ('again' in settled) settled = await attempt(run).finally(() => run.log.tell());
  return settled.end;
}

/** From the message's snapshot or a first read to the decision whether to write at all. */
async function prepare(run: Run): Promise<Settled> {
  if (needsRead(run)) {
    const end = await readPastCache(run);
    if (end !== undefined) return { end };
    if (run.isProvenInPlace() && isDone(run)) return inPlace(run);
  }
  run.startFrom(present(run));
  return compareWithBase(run);
}

/**
 * Whether the message's snapshot is not enough: it does not show all that a comparison needs, it cannot tell
 * what became of an attempt in doubt, or the update would end on it, which may be behind.
 */
function needsRead(run: Run): boolean {
  const { current } = run;
  if (current === undefined || run.sendsWholeRecord) return true;
  if (run.doubt?.seenUnmoved === false || !run.shows(current)) return true;
  return run.isProvenInPlace() || endOfTransition(run, current) !== undefined;
}

/** A forced write is wanted for itself, but once only. */
function isDone(run: Run): boolean {
  return !run.isForced || run.doubt !== undefined;
}

/** Whatever happened between the baseline and the snapshot to write on is judged before the write. */
async function compareWithBase(run: Run): Promise<Settled> {
  const current = present(run);
  if (run.doubt?.versionSent === current.version) run.seenUnmoved();
  if (run.isForced) return settleForced(run);
  if (run.base?.version === current.version) return { again: 'noise' };
  return settleMoved(run, current);
}

/** One write, and what follows from it. */
async function attempt(run: Run): Promise<Settled> {
  if (run.patience.remainingMs() <= 0) return { end: outOfTime(run) };
  run.context.stop.throwIfAborted();
  const refused = endOfTransition(run, present(run));
  if (refused !== undefined) return { end: refused };
  const written = await writeRecord(run, present(run));
  if (!('kind' in written)) return { end: await endInDoubt(run, await tellMissing(run, written)) };
  run.context.stop.throwIfAborted();
  return recover(run, written);
}

/** An action that is not found says nothing about its record: that is gone only where a read says so, too. */
async function tellMissing(run: Run, ending: Ending): Promise<Ending> {
  const isMissing = ending.outcome === 'not-found' && run.request.action !== undefined;
  if (!isMissing || (await readNow(run)) !== undefined) return ending;
  run.saw(present(run));
  return failed('unsupported', {
    ...ending.error,
    code: 'ACTION_NOT_FOUND',
    message: `The record is there, the action is not (${ending.error?.message ?? 'HTTP 404'}). Check Action, the name as the metadata of the API has it, and what its parameters refer to.`,
  });
}

/**
 * A later attempt was refused for good while the fate of an earlier one is unknown: the record tells whether that
 * one is in place. Where it does not, the refusal says nothing about it.
 */
async function endInDoubt(run: Run, ending: Ending): Promise<Ending> {
  if (run.doubt === undefined || ending.outcome === 'not-found') return ending;
  const end = await readNow(run);
  if (end === undefined) run.saw(present(run));
  if (end === undefined && run.isProvenInPlace()) return proven('already-applied');
  return { ...ending, outcome: 'uncertain', verified: false };
}

function outOfTime(run: Run): Ending {
  const seconds = run.context.policy.deadlineMs / 1000;
  return failed(run.doubt === undefined ? 'exhausted' : 'uncertain', {
    code: 'DEADLINE',
    message: `The update was not finished within ${seconds} s. Allow a longer deadline in the endpoint.`,
  });
}

function stopped(run: Run): StopError {
  const { ref, changes } = run.request;
  const sent = run.doubt?.versionSent ?? run.log.latest?.versionSent ?? 'none';
  const detail = `record ${JSON.stringify(ref.key)}, version sent ${sent}, fields ${Object.keys(changes).join(', ')}`;
  return run.doubt === undefined
    ? new StopError('STOPPED', `The flow was stopped before the update was written (${detail}).`)
    : new StopError(
        'UPDATE_UNCERTAIN',
        `The flow was stopped before the fate of a write was known (${detail}). Look at the record before sending the update again.`,
      );
}
