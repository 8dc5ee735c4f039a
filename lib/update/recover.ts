import type { RetryCause } from '../outcome/outcome';
import { failed, overBudget, proven, type Ending } from './ending';
import { look, present, readNow } from './look';
import type { Permit } from './patience';
import type { Run } from './run';
import type { Settled } from './settle';
import type { Trouble } from './write-record';

/** After an attempt that did not succeed: how the update ends, or that it may be written again. */
export async function recover(run: Run, trouble: Trouble): Promise<Settled> {
  const settled = await followUp(run, trouble);
  // Also a forced write, which looks the same on every version.
  if ('again' in settled && settled.again === 'noise') run.open.idempotency = undefined;
  return settled;
}

async function followUp(run: Run, trouble: Trouble): Promise<Settled> {
  if (trouble.kind === 'accepted') return { end: await awaitAccepted(run, trouble) };
  if (run.request.mode === 'once') return { end: await passOn(run, trouble) };
  const permit = await run.patience.waitForRetry(causeOf(trouble), trouble.retryAfterMs);
  // Only the API knows what is still at work under its key, and tells whoever sends the same again.
  if (trouble.kind === 'in-progress' && permit === 'granted') return { again: 'transient' };
  const settled = await look(run, trouble);
  if ('end' in settled || permit === 'granted') return settled;
  return { end: exhausted(run, trouble, permit) };
}

/** A wired loop does its own waiting: one look at the record, then its next pass. */
async function passOn(run: Run, trouble: Trouble): Promise<Ending> {
  const settled: Settled =
    trouble.kind === 'in-progress' ? { again: 'transient' } : await look(run, trouble);
  if ('end' in settled) return settled.end;
  const cause = trouble.throttled ? 'throttled' : settled.again;
  return {
    ...trouble.ending,
    outcome: 'retry',
    verified: false,
    cause,
    ...notBefore(run, trouble),
  };
}

/** Between two looks, whatever the policy says: they are not counted, only the deadline ends them. */
const LEAST_PAUSE_MS = 100;

/** The API applies the write later (202): looks until the record shows it. Never written again meanwhile. */
async function awaitAccepted(run: Run, trouble: Trouble): Promise<Ending> {
  const pauseMs = Math.max(LEAST_PAUSE_MS, trouble.retryAfterMs ?? 0);
  for (let n = 1; await run.patience.wait(n, 'transient', pauseMs); n++) {
    const end = await readNow(run);
    if (end !== undefined) return { ...end, outcome: 'uncertain', verified: false };
    run.saw(present(run));
    if (run.isProvenInPlace()) return proven('updated');
  }
  return trouble.ending;
}

function causeOf(trouble: Trouble): RetryCause {
  if (trouble.throttled) return 'throttled';
  return TRANSIENT.includes(trouble.kind) ? 'transient' : 'noise';
}

const TRANSIENT: readonly Trouble['kind'][] = ['doubt', 'not-applied', 'in-progress'];

/** Retries or time ran out while the update could still have gone on. */
function exhausted(run: Run, trouble: Trouble, permit: Permit): Ending {
  const ending = endOfTrouble(run, { ...trouble.ending, ...notBefore(run, trouble) }, trouble);
  return permit === 'no-budget' ? overBudget(ending) : ending;
}

function endOfTrouble(run: Run, ending: Ending, trouble: Trouble): Ending {
  if (run.doubt !== undefined) return { ...ending, outcome: 'uncertain', verified: false };
  // The last look settled it: the API answered with a fault and the record is as before.
  if (trouble.kind === 'doubt')
    return { ...ending, outcome: trouble.throttled ? 'exhausted' : 'unavailable' };
  return causeOf(trouble) === 'noise' ? hotRecord(run) : ending;
}

function hotRecord(run: Run): Ending {
  return failed('exhausted', {
    code: 'HOT_RECORD',
    message: `Others changed this record before each of ${run.log.all.length} writes, though none of these fields. Allow more retries or a longer deadline in the endpoint, or have fewer writers touch the record.`,
  });
}

function notBefore(run: Run, { retryAfterMs }: Trouble): Pick<Ending, 'notBefore'> {
  return retryAfterMs === undefined ? {} : { notBefore: run.context.time.now() + retryAfterMs };
}
